import type {
  MetadataDiff,
  MetadataSnapshot,
  OperationalState,
  PartitionMetadata,
  TopicDifference,
  TopicMetadata,
  UnreadableZnode,
} from './model.js';
import { normalise } from './normalise.js';

export { normalise } from './normalise.js';

/**
 * The differences between two snapshots, whichever source each was read from. A change of a topic's id, partitions,
 * replica assignment or overrides is durable, and so is a znode of it that can no longer be read. Leaders, leader epochs, ISRs and live brokers change during normal
 * operation, and are listed separately. In order of topic name.
 */
export function diffSnapshots(before: MetadataSnapshot, after: MetadataSnapshot): MetadataDiff {
  const [old, present] = [normalise(before), normalise(after)];
  const oldTopics = topicsByName(old);
  const presentTopics = topicsByName(present);
  const unreadable = newlyUnreadable(old, present);
  const names = [...new Set([...oldTopics.keys(), ...presentTopics.keys()])].sort();
  return {
    durable: names.flatMap((name) =>
      diffTopic(name, oldTopics.get(name), presentTopics.get(name), unreadable.get(name) ?? []),
    ),
    operational: diffOperational(old.operational, present.operational),
  };
}

function topicsByName(snapshot: MetadataSnapshot): ReadonlyMap<string, TopicMetadata> {
  return new Map(snapshot.topics.map((topic) => [topic.name, topic]));
}

function diffTopic(
  topic: string,
  before: TopicMetadata | undefined,
  after: TopicMetadata | undefined,
  unreadable: readonly UnreadableZnode[],
): readonly TopicDifference[] {
  if (before === undefined) return after === undefined ? [] : [{ kind: 'new', topic, after }];
  const differences: TopicDifference[] = unreadable.map((znode) => ({ kind: 'unreadable', topic, before, znode }));
  const holds = new Set(unreadable.map((znode) => znode.holds));
  if (after === undefined) return holds.has('topic') ? differences : [{ kind: 'missing', topic, before }];
  if (before.id !== after.id) differences.push({ kind: 'id', topic, before: before.id, after: after.id });
  if (!samePartitions(before.partitions, after.partitions)) {
    differences.push({ kind: 'partitions', topic, before: before.partitions, after: after.partitions });
  }
  if (!holds.has('topic-configs') && !sameConfigs(before.configs, after.configs)) {
    differences.push({ kind: 'configs', topic, before: before.configs, after: after.configs });
  }
  return differences;
}

/** The znodes that only the later snapshot could not read, by topic. */
function newlyUnreadable(
  before: MetadataSnapshot,
  after: MetadataSnapshot,
): ReadonlyMap<string, readonly UnreadableZnode[]> {
  const known = new Set(before.unreadable?.map(({ path }) => path));
  const byTopic = new Map<string, readonly UnreadableZnode[]>();
  for (const znode of after.unreadable ?? []) {
    if (znode.topic === undefined || known.has(znode.path)) continue;
    byTopic.set(znode.topic, [...(byTopic.get(znode.topic) ?? []), znode]);
  }
  return byTopic;
}

function samePartitions(a: readonly PartitionMetadata[], b: readonly PartitionMetadata[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ partition, replicas }, i) => partition === b[i]?.partition && sameNumbers(replicas, b[i]?.replicas))
  );
}

function sameConfigs(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}

function sameNumbers(a: readonly number[], b: readonly number[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((number, i) => number === b[i]);
}

function diffOperational(before: OperationalState, after: OperationalState): readonly string[] {
  const lines: string[] = [];
  for (const id of before.liveBrokers) if (!after.liveBrokers.includes(id)) lines.push(`broker ${id} left`);
  for (const id of after.liveBrokers) if (!before.liveBrokers.includes(id)) lines.push(`broker ${id} joined`);
  // A partition that is in only one of them belongs to a topic that was created or deleted: the durable part shows it.
  for (const [partition, old] of Object.entries(before.partitions)) {
    const present = after.partitions[partition];
    if (present === undefined) continue;
    if (old.leader !== present.leader) lines.push(`${partition}: leader ${old.leader} -> ${present.leader}`);
    if (old.leaderEpoch !== present.leaderEpoch) {
      lines.push(`${partition}: leader epoch ${old.leaderEpoch} -> ${present.leaderEpoch}`);
    }
    if (!sameNumbers(old.isr, present.isr)) {
      lines.push(`${partition}: ISR ${old.isr.join(',')} -> ${present.isr.join(',')}`);
    }
  }
  return lines;
}
