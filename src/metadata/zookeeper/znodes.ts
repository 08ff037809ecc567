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
/** `/controller` (Kafka 3.9.0, `ZkData.scala`, ControllerZNode). */
const CONTROLLER = z.object({ brokerid: z.number().int() });
/** `/cluster/id` (Kafka 3.9.0, `ZkData.scala`, ClusterIdZNode). */
const CLUSTER_ID = z.object({ id: z.string() });

export type TopicZnode = z.infer<typeof TOPIC>;
export type PartitionStateZnode = z.infer<typeof PARTITION_STATE>;
export type TopicConfigZnode = z.infer<typeof TOPIC_CONFIG>;
export type MigrationZnode = z.infer<typeof MIGRATION>;
export type ControllerZnode = z.infer<typeof CONTROLLER>;

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseClusterId(path: string, data: string): string {
  return parse(CLUSTER_ID, path, data).id;
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseTopic(path: string, data: string): TopicZnode {
  return parse(TOPIC, path, data);
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parsePartitionState(path: string, data: string): PartitionStateZnode {
  return parse(PARTITION_STATE, path, data);
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseTopicConfig(path: string, data: string): TopicConfigZnode {
  return parse(TOPIC_CONFIG, path, data);
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseMigration(path: string, data: string): MigrationZnode {
  return parse(MIGRATION, path, data);
}

/** @throws EnvironmentError that names the path when the content is not what Kafka writes there. */
export function parseController(path: string, data: string): ControllerZnode {
  return parse(CONTROLLER, path, data);
}

function parse<Schema extends z.ZodType>(schema: Schema, path: string, data: string): z.infer<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(data);
  } catch (error) {
    throw new EnvironmentError(`The znode ${path} holds no JSON: ${JSON.stringify(data)}`, { cause: error });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new EnvironmentError(
    `The znode ${path} does not hold what Kafka writes there: ${z.prettifyError(parsed.error)}; it holds ${data}`,
    { cause: parsed.error },
  );
}
