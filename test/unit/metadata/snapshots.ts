import type { MetadataSnapshot, TopicMetadata } from '../../../src/metadata/model.js';

export function topic(name: string, changes: Partial<TopicMetadata> = {}): TopicMetadata {
  return {
    name,
    id: `${name}-id`.padEnd(22, '_').slice(0, 22),
    partitions: [
      { partition: 0, replicas: [0, 1, 2] },
      { partition: 1, replicas: [1, 2, 0] },
    ],
    configs: { 'retention.ms': '1000' },
    ...changes,
  };
}

export function snapshot(
  topics: readonly TopicMetadata[],
  operational: Partial<MetadataSnapshot['operational']> = {},
): MetadataSnapshot {
  return { source: 'zookeeper', topics, operational: { partitions: {}, liveBrokers: [0, 1, 2], ...operational } };
}
