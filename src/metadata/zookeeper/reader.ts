import { mapConcurrently } from '../../waiting/concurrency.js';
import type { MetadataSnapshot, OperationalState, TopicMetadata } from '../model.js';
import { isInternalTopic, normalise, type SnapshotOptions } from '../normalise.js';
import type { ZooKeeperClient } from './client.js';
import { parseClusterId, parsePartitionState, parseTopic, parseTopicConfig } from './znodes.js';

/** What the reader needs from a client. */
export type ZooKeeperReads = Pick<ZooKeeperClient, 'get' | 'children'>;

/** How many topics are read at the same time: enough to hide the round trips, few enough for a big cluster. */
const TOPICS_AT_ONCE = 32;
const CLUSTER_ID = '/cluster/id';
/** Has a child for each topic whose deletion was requested and has not finished (Kafka 3.9.0, `ZkData.scala`). */
const DELETIONS = '/admin/delete_topics';
/** Kafka's own id for a topic that has none (Kafka 3.9.0, `Uuid.java`, ZERO_UUID). */
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

interface ReadTopic {
  readonly topic: TopicMetadata;
  /** By `topic-partition`. An array, because V8 creates a hidden class for every object with a new set of keys. */
  readonly states: readonly (readonly [string, OperationalState['partitions'][string]])[];
}

/**
 * Reads all topic metadata that Kafka keeps in ZooKeeper: `/brokers/topics`, `/config/topics`, the pending deletions
 * in `/admin/delete_topics` and, for the operational part, the partitions' states and `/brokers/ids`. Replicas that are being added or removed are ignored. The
 * snapshot is not atomic: ZooKeeper cannot read several znodes at once. A topic that is deleted meanwhile is absent; if
 * `/brokers/topics` does not exist, there are no topics.
 * @throws EnvironmentError when ZooKeeper does not answer or a znode holds something that Kafka does not write.
 */
export async function readZooKeeperSnapshot(
  client: ZooKeeperReads,
  options: SnapshotOptions = {},
): Promise<MetadataSnapshot> {
  const [pendingDeletions, names = [], brokers = [], cluster] = await Promise.all([
    // Read first: a deletion removes this znode last, and ZooKeeper answers in order.
    client.children(DELETIONS),
    client.children('/brokers/topics'),
    client.children('/brokers/ids'),
    client.get(CLUSTER_ID),
  ]);
  const wanted = names.filter((name) => options.internalTopics === true || !isInternalTopic(name));
  const read = (await mapConcurrently(wanted, TOPICS_AT_ONCE, (name) => readTopic(client, name))).filter(
    (topic) => topic !== undefined,
  );
  return normalise({
    source: 'zookeeper',
    clusterId: cluster === undefined ? undefined : parseClusterId(CLUSTER_ID, cluster.data),
    topics: read.map(({ topic }) => topic),
    ...(pendingDeletions === undefined || pendingDeletions.length === 0 ? {} : { pendingDeletions }),
    operational: {
      partitions: Object.fromEntries(read.flatMap(({ states }) => states)),
      liveBrokers: brokers.map(Number),
    },
  });
}

async function readTopic(client: ZooKeeperReads, name: string): Promise<ReadTopic | undefined> {
  const topicPath = `/brokers/topics/${name}`;
  const configPath = `/config/topics/${name}`;
  const [topicZnode, configZnode] = await Promise.all([client.get(topicPath), client.get(configPath)]);
  if (topicZnode === undefined) return undefined;
  const { topic_id: id = NO_ID, partitions } = parseTopic(topicPath, topicZnode.data);
  const numbers = Object.keys(partitions).map(Number);
  const states = await mapConcurrently(numbers, TOPICS_AT_ONCE, async (partition) => {
    const path = `${topicPath}/partitions/${partition}/state`;
    const znode = await client.get(path);
    // A partition gets its state when a leader is elected, after its topic was created.
    if (znode === undefined) return [];
    const { leader, leader_epoch: leaderEpoch, isr } = parsePartitionState(path, znode.data);
    return [[`${name}-${partition}`, { leader, leaderEpoch, isr }] as const];
  });
  return {
    topic: {
      name,
      id,
      partitions: numbers.map((partition) => ({ partition, replicas: partitions[partition] ?? [] })),
      configs: configZnode === undefined ? {} : parseTopicConfig(configPath, configZnode.data).config,
    },
    states: states.flat(),
  };
}
