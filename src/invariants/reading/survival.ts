import type { Evidence } from '../../journal/events.js';
import { count, listNames } from '../../journal/text.js';
import { diffSnapshots } from '../../metadata/diff.js';
import { describeContent } from '../../metadata/losses.js';
import type { MetadataSnapshot, TopicDifference, TopicMetadata } from '../../metadata/model.js';
import { ZOOKEEPER_COMPLETE } from '../../strimzi/migration-state.js';
import type { Observation } from '../invariant.js';
import { describeConfigs, describeTopic } from './wording.js';

/** ZooKeeper's snapshot, where it must be complete. */
export function zooKeeperToJudge({ state, zookeeper }: Observation): MetadataSnapshot | undefined {
  return ZOOKEEPER_COMPLETE.has(state) ? zookeeper : undefined;
}

/** A topic that is missing or differs from what it must be. Another invariant checks the ids. */
export type Damage = Exclude<TopicDifference, { readonly kind: 'new' | 'id' }>;

/** Which of the expected topics are missing from a snapshot or differ in it. Additional topics are no damage. */
export function damages(expected: readonly TopicMetadata[], snapshot: MetadataSnapshot): readonly Damage[] {
  return diffSnapshots({ ...snapshot, topics: expected, unreadable: undefined }, snapshot).durable.filter(
    (difference): difference is Damage => difference.kind !== 'new' && difference.kind !== 'id',
  );
}

/** Evidence for a znode of a topic that does not hold what Kafka writes there. */
export function unreadableEvidence({
  topic,
  before,
  znode,
}: Extract<Damage, { readonly kind: 'unreadable' }>): Evidence {
  const { path: subject, holds } = znode;
  const found = describeContent(znode);
  switch (holds) {
    case 'topic':
      return { subject, expected: describeTopic(before), found, lost: { kind: 'topic', name: topic }, where: 'znode' };
    case 'topic-configs':
      return {
        subject,
        expected: describeConfigs(before.configs),
        found,
        lost: { kind: 'topic-configs', name: topic },
        where: 'znode',
      };
    default:
      return {
        subject,
        expected: 'leader, leader epoch and in-sync replicas of the partition',
        found,
        lost: { kind: 'topic-partitions', name: topic },
        where: 'znode',
      };
  }
}

/** `2 znodes do not hold what Kafka writes there: /brokers/topics/a, /config/topics/b`; empty if there is none. */
export function describeUnreadables(found: readonly Damage[]): readonly string[] {
  const paths = found.flatMap((damage) => (damage.kind === 'unreadable' ? [damage.znode.path] : []));
  return paths.length === 0
    ? []
    : [
        `${count(paths.length, 'znode')} ${paths.length === 1 ? 'does' : 'do'} not hold what Kafka writes there: ${listNames(paths)}`,
      ];
}

/** The topics that are damaged in one way. */
export function topicsWith(kind: Damage['kind'], found: readonly Damage[]): readonly string[] {
  return found.filter((damage) => damage.kind === kind).map((damage) => damage.topic);
}

/** Topics that exist but differ: `the partitions or replicas of 2 topics changed in ZooKeeper: a, b`. */
export function describeChanges(found: readonly Damage[], where: string): readonly string[] {
  const kinds = [
    ['partitions', 'partitions or replicas'],
    ['configs', 'configs'],
  ] as const;
  return kinds
    .map(([kind, what]) => ({ what, topics: topicsWith(kind, found) }))
    .filter(({ topics }) => topics.length > 0)
    .map(
      ({ what, topics }) => `the ${what} of ${count(topics.length, 'topic')} changed in ${where}: ${listNames(topics)}`,
    );
}

/** `0: [1,2], 1: [2,1]` */
export function describePlacement(partitions: TopicMetadata['partitions']): string {
  return [...partitions]
    .sort((a, b) => a.partition - b.partition)
    .map(({ partition, replicas }) => `${partition}: [${replicas.join(',')}]`)
    .join(', ');
}
