import { EnvironmentError } from '../../errors.js';
import type { Endpoint, KafkaConnection } from './connection.js';

export interface TopicPartition {
  readonly partition: number;
  /** -1: none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** Replicas on brokers, or on disks of brokers, that do not work. */
  readonly offline: readonly number[];
}

export interface DescribedTopic {
  readonly name: string;
  /** 22 characters, base64url. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly TopicPartition[];
}

/** What one broker knows about the cluster. */
export interface DescribedCluster {
  readonly brokers: ReadonlyMap<number, Endpoint>;
  readonly topics: readonly DescribedTopic[];
  readonly clusterId: string | undefined;
}

const NONE = 0;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** The topic's partitions are in the response, with what the broker knows about them. */
const LEADER_NOT_AVAILABLE = 5;

/**
 * Reads what the broker knows about topics: Metadata v12, which has topic ids (KIP-516; v10 and later).
 * Topics that the broker does not know are omitted; none is created.
 * @param names undefined: all topics.
 * @throws EnvironmentError when the broker refuses.
 */
export async function describeTopics(
  connection: KafkaConnection,
  names: readonly string[] | undefined,
): Promise<DescribedCluster> {
  const { metadataV12 } = connection.protocol;
  const requested = names === undefined ? null : [...names];
  const response = await connection.request('Metadata', metadataV12.api, requested, false, false);
  const brokers = response.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }] as const);
  const topics: DescribedTopic[] = [];
  for (const topic of response.topics) {
    if (topic.errorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
    if (topic.errorCode !== NONE && topic.errorCode !== LEADER_NOT_AVAILABLE) {
      const error = connection.errorName(topic.errorCode);
      throw new EnvironmentError(
        `The broker at ${connection.address} refuses to describe topic ${topic.name}: ${error}`,
      );
    }
    topics.push({
      name: topic.name ?? '',
      id: idFromUuid(topic.topicId),
      internal: topic.isInternal,
      partitions: topic.partitions
        .map((partition) => ({
          partition: partition.partitionIndex,
          leader: partition.leaderId,
          leaderEpoch: partition.leaderEpoch,
          replicas: partition.replicaNodes,
          isr: partition.isrNodes,
          offline: partition.offlineReplicas,
        }))
        .sort((a, b) => a.partition - b.partition),
    });
  }
  return { brokers: new Map(brokers), topics, clusterId: response.clusterId ?? undefined };
}

/**
 * `00112233-4455-6677-8899-aabbccddeeff` as Kafka prints it: 22 characters, base64url (Kafka 3.9.0, `Uuid.java`,
 * toString).
 */
export function idFromUuid(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The inverse of `idFromUuid`. */
export function uuidFromId(id: string): string {
  const hex = Buffer.from(id, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
