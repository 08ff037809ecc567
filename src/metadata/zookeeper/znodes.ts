import { z } from 'zod';
import { EnvironmentError } from '../../errors.js';

/** `/brokers/topics/TOPIC`. Version 3 has the topic's id (KIP-516; Kafka 3.9.0, `ZkData.scala`, TopicZNode). */
const TOPIC = z.object({
  topic_id: z.string().optional(),
  partitions: z.record(z.string().regex(/^\d+$/), z.array(z.number().int())),
});
/** `/brokers/topics/TOPIC/partitions/N/state` (Kafka 3.9.0, `ZkData.scala`, TopicPartitionStateZNode). */
const PARTITION_STATE = z.object({
  leader: z.number().int(),
  leader_epoch: z.number().int(),
  isr: z.array(z.number().int()),
});
/** `/config/topics/TOPIC` (Kafka 3.9.0, `ZkData.scala`, ConfigEntityZNode). */
const TOPIC_CONFIG = z.object({ config: z.record(z.string(), z.string()) });

/** `/migration` (Kafka 3.9.0, `ZkData.scala:1049-1085`, MigrationZNode). */
const MIGRATION = z.object({
  version: z.number().int(),
  kraft_controller_id: z.number().int(),
  kraft_controller_epoch: z.number().int(),
  kraft_metadata_offset: z.number().int(),
  kraft_metadata_epoch: z.number().int(),
});
/**
 * `/controller`, `{"version":2,"brokerid":1,"timestamp":"...","kraftControllerEpoch":1}` (Kafka 3.9.0 `ZkData.scala`,
 * ControllerZNode). A KRaft controller's znode is persistent and has an epoch of at least 0; a broker's is ephemeral
 * and has -1, or no epoch before Kafka 3.4 (`core/.../zk/KafkaZkClient.scala:174-233`; recording 0.45.1-one-broker,
 * 142-255 s).
 */
const CONTROLLER = z.object({ brokerid: z.number().int(), kraftControllerEpoch: z.number().int().default(-1) });
/** `/cluster/id` (Kafka 3.9.0, `ZkData.scala`, ClusterIdZNode). */
const CLUSTER_ID = z.object({ id: z.string() });

export type TopicZnode = z.infer<typeof TOPIC>;
export type PartitionStateZnode = z.infer<typeof PARTITION_STATE>;
export type TopicConfigZnode = z.infer<typeof TOPIC_CONFIG>;
export type MigrationZnode = z.infer<typeof MIGRATION>;
export type ControllerZnode = z.infer<typeof CONTROLLER>;
export type ClusterIdZnode = z.infer<typeof CLUSTER_ID>;

/** What a znode holds, or why that is not what Kafka writes there: `it is empty`. */
export type ZnodeContent<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

/** What `/brokers/topics/TOPIC` holds. */
export function readTopic(data: string): ZnodeContent<TopicZnode> {
  return contentOf(TOPIC, data);
}

/** What `/brokers/topics/TOPIC/partitions/N/state` holds. */
export function readPartitionState(data: string): ZnodeContent<PartitionStateZnode> {
  return contentOf(PARTITION_STATE, data);
}

/** What `/config/topics/TOPIC` holds. */
export function readTopicConfig(data: string): ZnodeContent<TopicConfigZnode> {
  return contentOf(TOPIC_CONFIG, data);
}

/** What `/cluster/id` holds. */
export function readClusterId(data: string): ZnodeContent<ClusterIdZnode> {
  return contentOf(CLUSTER_ID, data);
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseClusterId(path: string, data: string): string {
  return required(path, data, readClusterId(data)).id;
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseMigration(path: string, data: string): MigrationZnode {
  return required(path, data, contentOf(MIGRATION, data));
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseController(path: string, data: string): ControllerZnode {
  return required(path, data, contentOf(CONTROLLER, data));
}

/** What `/migration` holds; undefined when it is not what Kafka writes there. */
export function readMigration(data: string): MigrationZnode | undefined {
  return contentOf(MIGRATION, data).value;
}

/** An offset above 0 means that the first copy is done: Kafka 3.9.0 `ZkMigrationLeadershipState.java:138-140`. */
export function copyIsDone({ kraft_metadata_offset: offset }: Pick<MigrationZnode, 'kraft_metadata_offset'>): boolean {
  return offset > 0;
}

/** How far the copy has progressed according to this content of `/migration`. */
export function migrationPhase(data: string): 'initial' | 'copied' {
  const migration = readMigration(data);
  return migration !== undefined && copyIsDone(migration) ? 'copied' : 'initial';
}

/** What `/controller` holds; undefined when it is not what Kafka writes there. */
export function readController(data: string): ControllerZnode | undefined {
  return contentOf(CONTROLLER, data).value;
}

/** Whether a KRaft controller, and not a broker, wrote this content of `/controller`. */
export function isKraftController({ kraftControllerEpoch }: ControllerZnode): boolean {
  return kraftControllerEpoch >= 0;
}

function contentOf<T>(schema: z.ZodType<T>, data: string): ZnodeContent<T> {
  if (data === '') return { problem: 'it is empty' };
  let content: unknown;
  try {
    content = JSON.parse(data);
  } catch {
    return { problem: 'it is not JSON' };
  }
  const parsed = schema.safeParse(content);
  return parsed.success ? { value: parsed.data } : { problem: parsed.error.issues.map(issueText).join('; ') };
}

/** `partitions.0: Invalid input: expected array, received number` */
function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function required<T>(path: string, data: string, content: ZnodeContent<T>): T {
  if (content.problem === undefined) return content.value;
  throw new EnvironmentError(
    `The znode ${path} does not hold what Kafka writes there: ${content.problem}. It holds ${JSON.stringify(data)}`,
  );
}
