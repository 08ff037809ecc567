import type { Evidence } from '../journal/events.js';
import { count, listNames } from '../journal/text.js';
import type { LogExtent, RecordsReadBack } from '../metadata/model.js';
import type { Invariant } from './invariant.js';

/**
 * Every record that a broker acknowledged with acks=all can be read back, and every log still starts at offset 0. The
 * topics of a run keep their records for longer than a run lasts (`fixtures/metadata`), so Kafka never moves the start
 * itself: it moved because someone deleted records (DeleteRecords) or damaged the log.
 */
export const recordsSurvive: Invariant = {
  name: 'records-survive',
  about: 'loss',
  title: 'Every acknowledged record is read back',

  applies: ({ records }) => records?.some(({ acknowledged }) => acknowledged > 0) ?? false,

  evaluate({ records = [] }) {
    const short = records.filter(({ acknowledged, readBack }) => readBack < acknowledged);
    const evidence = records.flatMap((topic) => [...missingRecords(topic), ...cutLogs(topic)]);
    if (evidence.length === 0) return undefined;
    const whole = records.filter((topic) => !short.includes(topic));
    return { message: [...missingText(records, short), ...cutText(whole)].join('; '), evidence };
  },
};

function missingText(records: readonly RecordsReadBack[], short: readonly RecordsReadBack[]): readonly string[] {
  if (short.length === 0) return [];
  const acknowledged = records.reduce((sum, topic) => sum + topic.acknowledged, 0);
  const lost = short.reduce((sum, topic) => sum + topic.acknowledged - topic.readBack, 0);
  const topics = short.map(
    (topic) => `${topic.topic} (${topic.acknowledged - topic.readBack} of ${topic.acknowledged})`,
  );
  return [
    `${lost} of ${count(acknowledged, 'acknowledged record')} could not be read back, from ${count(short.length, 'topic')}: ${listNames(topics)}`,
  ];
}

/** Of topics of which every record was found: in a copy, or written again after the log was cut. */
function cutText(topics: readonly RecordsReadBack[]): readonly string[] {
  const kinds = [
    { what: 'no longer start at offset 0', isCut: ({ start }: LogExtent) => start > 0 },
    {
      what: 'end before the last acknowledged record',
      isCut: ({ end, acknowledged }: LogExtent) => end < acknowledged,
    },
  ];
  return kinds.flatMap(({ what, isCut }) => {
    const cut = topics.filter(({ logs }) => logs.some(isCut)).map(({ topic }) => topic);
    return cut.length === 0 ? [] : [`the logs of ${count(cut.length, 'topic')} ${what}: ${listNames(cut)}`];
  });
}

function missingRecords({ topic, acknowledged, readBack, missing }: RecordsReadBack): readonly Evidence[] {
  if (readBack >= acknowledged) return [];
  return [
    {
      subject: `topic ${topic}`,
      expected: `${count(acknowledged, 'acknowledged record')} read back`,
      found: `${readBack} read back`,
      lost: { kind: 'records', name: topic, ...(readBack === 0 ? { all: true } : {}) },
      where: 'log',
      ...(missing.length === 0 ? {} : { note: `missing, for example: ${missing.join('; ')}` }),
    },
  ];
}

/** Logs that have lost their beginning or their end, whether or not another copy of a record was found. */
function cutLogs({ topic, logs }: RecordsReadBack): readonly Evidence[] {
  return logs.flatMap(({ partition, acknowledged, start, end }: LogExtent): Evidence[] => {
    const facts = [
      ...(start > 0 ? [{ expected: 'starts at offset 0', found: `starts at offset ${start}` }] : []),
      ...(end < acknowledged
        ? [{ expected: `ends at offset ${acknowledged} or later`, found: `ends at offset ${end}` }]
        : []),
    ];
    if (facts.length === 0) return [];
    return [
      {
        subject: `log ${topic}-${partition}`,
        expected: facts.map(({ expected }) => expected).join(', '),
        found: facts.map(({ found }) => found).join(', '),
        lost: { kind: 'records', name: topic },
        where: 'log',
      },
    ];
  });
}
