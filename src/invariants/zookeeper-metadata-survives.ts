import type { Evidence, JournalEvent } from '../journal/events.js';
import { count, listNames } from '../journal/text.js';
import { vanishingsOfTopics } from '../journal/vanishing.js';
import { describeContent, describeUnreadable } from '../metadata/losses.js';
import type { MetadataSnapshot, UnreadableZnode } from '../metadata/model.js';
import type { Invariant } from './invariant.js';
import {
  type Damage,
  damages,
  describeChanges,
  describePlacement,
  describeUnreadables,
  topicsWith,
  unreadableEvidence,
  zooKeeperToJudge,
} from './reading/survival.js';
import { describeVanishing, precedent } from './reading/vanishing.js';
import { describeConfigs, describeTopic } from './reading/wording.js';

/**
 * From the deployment to KRaftPostMigration ZooKeeper holds every topic as it was created. strimzi-kafka-operator#11262
 * breaks it: the second migration's controllers find an old `/migration` and sync their empty metadata to ZooKeeper
 * (Kafka 3.9.0 `KRaftMigrationDriver.java:714-718, 823-853`).
 */
export const zooKeeperMetadataSurvives: Invariant = {
  name: 'zookeeper-metadata-survives',
  about: 'loss',
  title: 'ZooKeeper holds every topic with its partitions, replicas and configs up to KRaftPostMigration',

  applies: (observation) => observation.expectedTopics.length > 0 && zooKeeperToJudge(observation) !== undefined,

  evaluate(observation) {
    const snapshot = zooKeeperToJudge(observation);
    if (snapshot === undefined) return undefined;
    const found = damages(observation.expectedTopics, snapshot);
    const clusterId = damagedClusterId(snapshot);
    if (found.length === 0 && clusterId.length === 0) return undefined;
    const missing = topicsWith('missing', found);
    const vanished = vanishingsOfTopics(missing, observation.events);
    const unseen = missing.filter((topic) => !vanished.some((vanishing) => vanishing.topics.includes(topic)));
    return {
      message: [
        ...vanished.map(describeVanishing),
        ...(unseen.length === 0
          ? []
          : [
              `ZooKeeper lacks ${unseen.length} of ${count(observation.expectedTopics.length, 'expected topic')}: ${listNames(unseen)}`,
            ]),
        ...describeUnreadables(found),
        ...clusterId.map(describeUnreadable),
        ...describeChanges(found, 'ZooKeeper'),
      ].join('; '),
      evidence: [
        ...found.map((damage) => evidenceOf(damage, observation.events)),
        ...clusterId.map((znode) => ({
          subject: znode.path,
          expected: 'the id of the cluster',
          found: describeContent(znode),
          where: 'znode' as const,
        })),
      ],
    };
  },
};

/** `/cluster/id`, if it does not hold what Kafka writes there: no broker starts without it. */
function damagedClusterId({ unreadable = [] }: MetadataSnapshot): readonly UnreadableZnode[] {
  return unreadable.filter(({ holds }) => holds === 'cluster-id');
}

function evidenceOf(damage: Damage, events: readonly JournalEvent[]): Evidence {
  switch (damage.kind) {
    case 'unreadable':
      return unreadableEvidence(damage);
    case 'missing': {
      const [vanishing] = vanishingsOfTopics([damage.topic], events);
      const note = vanishing === undefined ? undefined : precedent(vanishing);
      return {
        subject: `/brokers/topics/${damage.topic}`,
        expected: describeTopic(damage.before),
        found: 'absent',
        lost: { kind: 'topic', name: damage.topic },
        where: 'znode',
        ...(vanishing === undefined ? {} : { at: vanishing.from }),
        ...(vanishing?.writer === undefined ? {} : { writer: vanishing.writer }),
        ...(note === undefined ? {} : { note }),
      };
    }
    case 'partitions':
      return {
        subject: `/brokers/topics/${damage.topic}`,
        expected: `replicas ${describePlacement(damage.before)}`,
        found: `replicas ${describePlacement(damage.after)}`,
        lost: { kind: 'topic-partitions', name: damage.topic },
        where: 'znode',
      };
    case 'configs':
      return {
        subject: `/config/topics/${damage.topic}`,
        expected: describeConfigs(damage.before),
        found: describeConfigs(damage.after),
        lost: { kind: 'topic-configs', name: damage.topic },
        where: 'znode',
      };
  }
}
