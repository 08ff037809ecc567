import { compareText } from './compare-text.js';
import type { MetadataSnapshot, TopicMetadata } from './model.js';

export interface SnapshotOptions {
  /** Whether Kafka's own topics belong to the snapshot. Default: no, because in a run they depend on its clients. */
  readonly internalTopics?: boolean | undefined;
}

/** Kafka 3.9.0, `Topic.java` (INTERNAL_TOPICS). */
const INTERNAL_TOPICS: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);

/** Whether Kafka creates the topic itself. */
export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name);
}

/**
 * The same metadata in one order and notation, whichever source it was read from: topics by name, partitions by number,
 * configurations by key, broker ids and ISRs by number (an ISR is a set; replicas keep their order, which says which
 * one is preferred).
 */
export function normalise(snapshot: MetadataSnapshot): MetadataSnapshot {
  const { partitions, liveBrokers } = snapshot.operational;
  return {
    source: snapshot.source,
    ...(snapshot.clusterId === undefined ? {} : { clusterId: snapshot.clusterId }),
    ...(snapshot.pendingDeletions === undefined
      ? {}
      : { pendingDeletions: [...snapshot.pendingDeletions].sort(compareText) }),
    ...(snapshot.unreadable === undefined
      ? {}
      : { unreadable: [...snapshot.unreadable].sort((a, b) => compareText(a.path, b.path)) }),
    topics: snapshot.topics.map(normaliseTopic).sort((a, b) => compareText(a.name, b.name)),
    operational: {
      partitions: sortedByKey(partitions, (state) => ({
        leader: state.leader,
        leaderEpoch: state.leaderEpoch,
        isr: [...state.isr].sort(compareNumbers),
      })),
      liveBrokers: [...liveBrokers].sort(compareNumbers),
    },
  };
}

function normaliseTopic(topic: TopicMetadata): TopicMetadata {
  return {
    name: topic.name,
    id: topic.id,
    partitions: topic.partitions
      .map(({ partition, replicas }) => ({ partition, replicas: [...replicas] }))
      .sort((a, b) => a.partition - b.partition),
    configs: sortedByKey(topic.configs, normaliseConfigValue),
  };
}

/**
 * ZooKeeper and KRaft keep a value as it was given; a broker's DescribeConfigs response has the parsed value: `compact,
 * delete` becomes `compact,delete`, `0.50` becomes `0.5`, `0.0001` becomes `1.0E-4`, `True` becomes `true` (Kafka
 * 3.9.0, `ConfigDef.java`, parseType and convertToString).
 */
function normaliseConfigValue(value: string): string {
  const trimmed = value.trim();
  if (/^[+-]?\d+$/.test(trimmed)) return BigInt(trimmed.replace(/^\+/, '')).toString();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return String(Number(trimmed));
  if (/^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase();
  return trimmed.replaceAll(/\s*,\s*/g, ',');
}

function sortedByKey<Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  const entries = Object.entries(values).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value)]));
}

function compareNumbers(a: number, b: number): number {
  return a - b;
}
