import { randomUUID } from 'node:crypto';
import { EnvironmentError } from '../../errors.js';
import { Deadline } from '../../waiting/deadline.js';
import { type BootstrapOptions, type KafkaConnection, withAnyBroker } from '../kafka/connection.js';
import { type DescribedCluster, type DescribedTopic, describeTopics } from '../kafka/topics.js';
import type { MetadataSnapshot, OperationalState } from '../model.js';
import { isInternalTopic, normalise, type SnapshotOptions } from '../normalise.js';

/** A broker's response for one topic's configuration. */
export interface DescribedConfig {
  readonly name: string;
  readonly value?: string | null | undefined;
  /** Kafka's `ConfigSource`: 1 is a topic's own override (Kafka 3.9.0, DescribeConfigsResponse.java, ConfigSource). */
  readonly configSource: number;
}

const TOPIC_RESOURCE = 2 as const;
const TOPIC_CONFIG_SOURCE = 1;
const NONE = 0;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

/** The broker's response is not enough for a snapshot; another attempt may be. */
class AnswerIncomplete extends Error {
  override readonly name = 'AnswerIncomplete';
}

/**
 * Reads all durable topic metadata that a broker in KRaft mode knows: Metadata v12 for ids, partitions and replicas,
 * DescribeConfigs v4 for the overrides. Kafka 3.8.1 to 3.9.2 support both. Uses the response of the first bootstrap
 * server that responds. No socket is open afterwards.
 * @throws WaitTimedOut when none responds before the deadline, WaitAborted, UsageError. @throws EnvironmentError if the
 * user may not describe all topics: the hidden ones would be missing from the snapshot.
 */
export async function readKRaftSnapshot(options: BootstrapOptions & SnapshotOptions): Promise<MetadataSnapshot> {
  return withAnyBroker(
    options.bootstrapServers,
    new Deadline(options),
    "the topics' metadata",
    async (connection) => {
      const cluster = await describeTopics(connection, undefined);
      // It does not know the cluster and its topics yet: for example a broker in ZooKeeper mode that has just started.
      if (cluster.brokers.size === 0)
        throw new AnswerIncomplete(`The broker at ${connection.address} does not know any broker yet`);
      await refuseHiddenTopics(connection);
      const wanted = cluster.topics.filter((topic) => options.internalTopics === true || !isInternalTopic(topic.name));
      const configs = await describeTopicConfigs(connection, wanted);
      return kraftSnapshot({ ...cluster, topics: wanted }, configs);
    },
    (error) => error instanceof AnswerIncomplete,
  );
}

/**
 * In a request for all topics, a broker silently omits those that the user may not describe (Kafka 3.9.0
 * `KafkaApis.scala`, handleTopicMetadataRequest). Its response for a topic that does not exist shows whether the user
 * may. This does not detect that the user is denied individual topics.
 */
async function refuseHiddenTopics(connection: KafkaConnection): Promise<void> {
  try {
    await describeTopics(connection, [`remigrate-${randomUUID()}`]);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new EnvironmentError(
      `Some topics may be hidden: this user is not allowed to describe all topics. ${error.message}`,
      { cause: error },
    );
  }
}

/** Makes a snapshot from the responses. A topic without a configuration was deleted between the two requests. */
export function kraftSnapshot(
  { brokers, topics, clusterId }: DescribedCluster,
  configs: ReadonlyMap<string, readonly DescribedConfig[]>,
): MetadataSnapshot {
  const present = topics.filter((topic) => configs.has(topic.name));
  return normalise({
    source: 'kraft',
    clusterId,
    topics: present.map((topic) => ({
      name: topic.name,
      id: topic.id,
      partitions: topic.partitions.map(({ partition, replicas }) => ({ partition, replicas })),
      configs: overrides(configs.get(topic.name) ?? []),
    })),
    operational: operationalState(present, [...brokers.keys()]),
  });
}

function operationalState(topics: readonly DescribedTopic[], liveBrokers: readonly number[]): OperationalState {
  const partitions = topics.flatMap((topic) =>
    topic.partitions.map(
      ({ partition, leader, leaderEpoch, isr }) =>
        [`${topic.name}-${partition}`, { leader, leaderEpoch, isr }] as const,
    ),
  );
  return { partitions: Object.fromEntries(partitions), liveBrokers };
}

function overrides(configs: readonly DescribedConfig[]): Record<string, string> {
  const own = configs.filter((config) => config.configSource === TOPIC_CONFIG_SOURCE);
  return Object.fromEntries(own.map((config) => [config.name, config.value ?? '']));
}

async function describeTopicConfigs(
  connection: KafkaConnection,
  topics: readonly DescribedTopic[],
): Promise<ReadonlyMap<string, readonly DescribedConfig[]>> {
  if (topics.length === 0) return new Map();
  const resources = topics.map((topic) => ({ resourceType: TOPIC_RESOURCE, resourceName: topic.name }));
  const { describeConfigsV4 } = connection.protocol;
  const response = await connection.request('DescribeConfigs', describeConfigsV4.api, resources, false, false);
  const answered = new Map<string, readonly DescribedConfig[]>();
  for (const result of response.results) {
    if (result.errorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
    if (result.errorCode !== NONE) {
      const reason = result.errorMessage ?? connection.errorName(result.errorCode);
      throw new AnswerIncomplete(
        `The broker at ${connection.address} refuses to describe the configuration of topic ${result.resourceName}: ${reason}`,
      );
    }
    answered.set(result.resourceName, result.configs);
  }
  return answered;
}
