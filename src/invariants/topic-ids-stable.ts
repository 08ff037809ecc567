import type { Evidence } from '../journal/events.js';
import { count, listNames } from '../journal/text.js';
import type { TopicMetadata } from '../metadata/model.js';
import type { Invariant, Observation } from './invariant.js';
import { zooKeeperToJudge } from './reading/survival.js';

/** A topic of the expected name that a snapshot holds. */
interface Match {
  readonly where: 'ZooKeeper' | 'KRaft';
  readonly expected: TopicMetadata;
  readonly found: TopicMetadata;
}

/**
 * A topic that exists under its name is still the same topic. A topic that was lost and created again (by a client, or
 * by Strimzi's Topic Operator) has the same name and none of the records.
 */
export const topicIdsStable: Invariant = {
  name: 'topic-ids-stable',
  about: 'loss',
  title: 'A topic keeps its id for as long as it exists',

  applies: (observation) => matches(observation).length > 0,

  evaluate(observation) {
    const others = matches(observation).filter(({ expected, found }) => expected.id !== found.id);
    if (others.length === 0) return undefined;
    const topics = [...new Set(others.map(({ expected }) => expected.name))];
    const where = [...new Set(others.map((match) => match.where))].join(' and ');
    return {
      message: `${topics.length} of ${count(observation.expectedTopics.length, 'expected topic')} got another id in ${where}: ${listNames(topics)}`,
      evidence: others.map(evidenceOf),
    };
  },
};

function evidenceOf({ where, expected, found }: Match): Evidence {
  return {
    subject: where === 'ZooKeeper' ? `/brokers/topics/${expected.name}` : `topic ${expected.name}`,
    expected: `id ${expected.id}`,
    found: `id ${found.id}`,
    lost: { kind: 'topic-id', name: expected.name },
    where: where === 'ZooKeeper' ? 'znode' : 'node',
    note: `in ${where}: the topic that the user created no longer exists, this is another topic with its name`,
  };
}

function matches(observation: Observation): readonly Match[] {
  const snapshots = [
    { where: 'ZooKeeper', snapshot: zooKeeperToJudge(observation) },
    { where: 'KRaft', snapshot: observation.kraft },
  ] as const;
  return snapshots.flatMap(({ where, snapshot }) =>
    observation.expectedTopics.flatMap((expected) => {
      const found = snapshot?.topics.find(({ name }) => name === expected.name);
      return found === undefined ? [] : [{ where, expected, found }];
    }),
  );
}
