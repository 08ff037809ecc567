import { mapConcurrently } from '../../waiting/concurrency.js';
import type { MetadataSnapshot, OperationalState, TopicMetadata, UnreadableZnode } from '../model.js';
import { isInternalTopic, normalise, type SnapshotOptions } from '../normalise.js';
import type { ZooKeeperClient } from './client.js';
import { readClusterId, readPartitionState, readTopic, readTopicConfig } from './znodes.js';

/** What the reader needs from a client. */
export type ZooKeeperReads = Pick<ZooKeeperClient, 'get' | 'children'>;

/** How many topics are read at the same time: enough to hide the round trips, few enough for a big cluster. */
const TOPICS_AT_ONCE = 32;
const CLUSTER_ID = '/cluster/id';
/** Has a child for each topic whose deletion was requested and has not finished (Kafka 3.9.0, `ZkData.scala`). */
const DELETIONS = '/admin/delete_topics';
const BROKER_ID = /^\d+$/;
/** Kafka's own id for a topic that has none (Kafka 3.9.0, `Uuid.java`, ZERO_UUID). */
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** How much of an unreadable znode is kept: a znode can have a megabyte. */
const LONGEST_CONTENT = 1000;

interface TopicReading {
  /** undefined: its znode is unreadable. */
  readonly topic: TopicMetadata | undefined;
  readonly unreadable: readonly UnreadableZnode[];
  /** By `topic-partition`. An array, because V8 creates a hidden class for every object with a new set of keys. */
  readonly states: readonly (readonly [string, OperationalState['partitions'][string]])[];
}

/**
 * Reads all topic metadata that Kafka keeps in ZooKeeper: `/brokers/topics`, `/config/topics`, the pending deletions
 * in `/admin/delete_topics` and, for the operational part, the partitions' states and `/brokers/ids`. Replicas that are being added or removed are ignored. The
 * snapshot is not atomic: ZooKeeper cannot read several znodes at once. A topic that is deleted meanwhile is absent; if
 * `/brokers/topics` does not exist, there are no topics. What a znode holds that Kafka does not write is in the
 * snapshot as unreadable.
 * @throws EnvironmentError when ZooKeeper does not answer.
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
  const read = (await mapConcurrently(wanted, TOPICS_AT_ONCE, (name) => topicReading(client, name))).filter(
    (reading) => reading !== undefined,
  );
  const clusterId = cluster === undefined ? undefined : readClusterId(cluster.data);
  const strangers = brokers.filter((name) => !BROKER_ID.test(name));
  const unreadable: UnreadableZnode[] = [
    ...read.flatMap((reading) => reading.unreadable),
    ...(clusterId?.problem === undefined
      ? []
      : [unreadableZnode(CLUSTER_ID, 'cluster-id', clusterId.problem, cluster?.data ?? '')]),
    ...strangers.map((name) => unreadableZnode(`/brokers/ids/${name}`, 'broker', 'its name is not the id of a broker')),
  ];
  return normalise({
    source: 'zookeeper',
    clusterId: clusterId?.value?.id,
    topics: read.flatMap(({ topic }) => (topic === undefined ? [] : [topic])),
    ...(pendingDeletions === undefined || pendingDeletions.length === 0 ? {} : { pendingDeletions }),
    ...(unreadable.length === 0 ? {} : { unreadable }),
    operational: {
      partitions: Object.fromEntries(read.flatMap(({ states }) => states)),
      liveBrokers: brokers.filter((name) => BROKER_ID.test(name)).map(Number),
    },
  });
}

/** undefined: the topic does not exist. */
async function topicReading(client: ZooKeeperReads, name: string): Promise<TopicReading | undefined> {
  const topicPath = `/brokers/topics/${name}`;
  const configPath = `/config/topics/${name}`;
  const [topicZnode, configZnode] = await Promise.all([client.get(topicPath), client.get(configPath)]);
  if (topicZnode === undefined) return undefined;
  const unreadable: UnreadableZnode[] = [];
  const configs = configZnode === undefined ? undefined : readTopicConfig(configZnode.data);
  if (configs?.problem !== undefined) {
    unreadable.push(unreadableZnode(configPath, 'topic-configs', configs.problem, configZnode?.data ?? '', name));
  }
  const content = readTopic(topicZnode.data);
  if (content.problem !== undefined) {
    unreadable.push(unreadableZnode(topicPath, 'topic', content.problem, topicZnode.data, name));
    return { topic: undefined, unreadable, states: [] };
  }
  const { topic_id: id = NO_ID, partitions } = content.value;
  const numbers = Object.keys(partitions).map(Number);
  const states = await mapConcurrently(numbers, TOPICS_AT_ONCE, async (partition) => {
    const path = `${topicPath}/partitions/${partition}/state`;
    const znode = await client.get(path);
    // A partition gets its state when a leader is elected, after its topic was created.
    if (znode === undefined) return [];
    const { value, problem } = readPartitionState(znode.data);
    if (value === undefined) {
      unreadable.push(unreadableZnode(path, 'partition-state', problem, znode.data, name));
      return [];
    }
    return [
      [`${name}-${partition}`, { leader: value.leader, leaderEpoch: value.leader_epoch, isr: value.isr }] as const,
    ];
  });
  return {
    topic: {
      name,
      id,
      partitions: numbers.map((partition) => ({ partition, replicas: partitions[partition] ?? [] })),
      configs: configs?.value?.config ?? {},
    },
    unreadable,
    states: states.flat(),
  };
}

function unreadableZnode(
  path: string,
  holds: UnreadableZnode['holds'],
  problem: string,
  content = '',
  topic?: string,
): UnreadableZnode {
  const kept = content.length > LONGEST_CONTENT ? `${content.slice(0, LONGEST_CONTENT)}...` : content;
  return { path, holds, problem, content: kept, ...(topic === undefined ? {} : { topic }) };
}
