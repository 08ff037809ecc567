import type { PartitionMetadata, TopicDifference, UnreadableZnode } from './model.js';

/** A difference between two snapshots, in words. */
export interface ExplainedDifference {
  readonly kind: 'missing' | 'changed' | 'new';
  /** Whether something that existed before is gone. */
  readonly loss: boolean;
  /** `orders: replicas of partition 0 changed from 0,1 to 1,2` */
  readonly text: string;
}

/**
 * Describes a difference. A topic that is missing, has another id (it was deleted and created again, and its records
 * are gone), has fewer partitions or lacks an override is a loss; so is an override with another value. New topics,
 * partitions and overrides are not losses, nor are replicas that moved: that is normal.
 */
export function explainDifference(difference: TopicDifference): readonly ExplainedDifference[] {
  const { topic } = difference;
  switch (difference.kind) {
    case 'missing':
      return [{ kind: 'missing', loss: true, text: topic }];
    case 'new':
      return [{ kind: 'new', loss: false, text: topic }];
    case 'id':
      return [
        {
          kind: 'changed',
          loss: true,
          text: `${topic}: created again, its id changed from ${difference.before} to ${difference.after}`,
        },
      ];
    case 'partitions':
      return partitionDifferences(topic, difference.before, difference.after);
    case 'unreadable':
      return [
        {
          kind: difference.znode.holds === 'topic' ? 'missing' : 'changed',
          loss: true,
          text: `${topic}: ${describeUnreadable(difference.znode)}`,
        },
      ];
    case 'configs':
      return configDifferences(topic, difference.before, difference.after);
  }
}

function partitionDifferences(
  topic: string,
  before: readonly PartitionMetadata[],
  after: readonly PartitionMetadata[],
): readonly ExplainedDifference[] {
  const present = new Map(after.map(({ partition, replicas }) => [partition, replicas]));
  const gone = before.filter(({ partition }) => !present.has(partition)).map(({ partition }) => partition);
  const old = new Set(before.map(({ partition }) => partition));
  const added = after.filter(({ partition }) => !old.has(partition)).map(({ partition }) => partition);
  const moved = before.filter(({ partition, replicas }) => {
    const now = present.get(partition);
    return now !== undefined && now.join() !== replicas.join();
  });
  return [
    ...(gone.length === 0 ? [] : [changed(true, `${topic}: ${partitions(gone)} missing`)]),
    ...(added.length === 0 ? [] : [changed(false, `${topic}: ${partitions(added)} new`)]),
    ...moved.map(({ partition, replicas }) =>
      changed(
        false,
        `${topic}: replicas of partition ${partition} changed from ${replicas.join()} to ${present.get(partition)?.join() ?? ''}`,
      ),
    ),
  ];
}

function partitions(numbers: readonly number[]): string {
  return numbers.length === 1 ? `partition ${numbers[0]} is` : `partitions ${numbers.join(', ')} are`;
}

function configDifferences(
  topic: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly ExplainedDifference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => {
    const [old, present] = [own(before, key), own(after, key)];
    if (old === present) return [];
    if (present === undefined) return [changed(true, `${topic}: its override ${key}=${old} is missing`)];
    if (old === undefined) return [changed(false, `${topic}: its override ${key}=${present} is new`)];
    return [changed(true, `${topic}: ${key} changed from ${old} to ${present}`)];
  });
}

/** Inherited properties such as `constructor` are not configurations. */
function own(configs: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(configs, key) ? configs[key] : undefined;
}

function changed(loss: boolean, text: string): ExplainedDifference {
  return { kind: 'changed', loss, text };
}

const LONGEST_CONTENT = 120;

/** `/brokers/topics/orders does not hold what Kafka writes there: "x" (it is not JSON)` */
export function describeUnreadable(znode: UnreadableZnode): string {
  return `${znode.path} does not hold what Kafka writes there: ${describeContent(znode)}`;
}

/** `"x" (it is not JSON)` */
export function describeContent({ content, problem }: UnreadableZnode): string {
  const shown = content.length > LONGEST_CONTENT ? `${content.slice(0, LONGEST_CONTENT)}...` : content;
  return `${JSON.stringify(shown)} (${problem})`;
}
