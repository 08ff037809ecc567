import { count, listNames } from '../journal/text.js';
import type { Invariant } from './invariant.js';

/** Every record that a broker acknowledged with acks=all can be read back. */
export const recordsSurvive: Invariant = {
  name: 'records-survive',
  about: 'loss',
  title: 'Every acknowledged record is read back',

  applies: ({ records }) => records?.some(({ acknowledged }) => acknowledged > 0) ?? false,

  evaluate({ records = [] }) {
    const short = records.filter(({ acknowledged, readBack }) => readBack < acknowledged);
    if (short.length === 0) return undefined;
    const acknowledged = records.reduce((sum, topic) => sum + topic.acknowledged, 0);
    const lost = short.reduce((sum, topic) => sum + topic.acknowledged - topic.readBack, 0);
    const topics = short.map(
      (topic) => `${topic.topic} (${topic.acknowledged - topic.readBack} of ${topic.acknowledged})`,
    );
    return {
      message: `${lost} of ${count(acknowledged, 'acknowledged record')} could not be read back, from ${count(short.length, 'topic')}: ${listNames(topics)}`,
      evidence: short.map((topic) => ({
        subject: `topic ${topic.topic}`,
        expected: `${count(topic.acknowledged, 'acknowledged record')} read back`,
        found: `${topic.readBack} read back`,
        lost: { kind: 'records' as const, name: topic.topic },
        where: 'log' as const,
        ...(topic.missing.length === 0 ? {} : { note: `missing, for example: ${topic.missing.join('; ')}` }),
      })),
    };
  },
};
