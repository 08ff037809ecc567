import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import type { MetadataSnapshot } from './model.js';

/**
 * Incremented for a change that an older version would misread, but not for a new kind of metadata next to `topics`.
 */
export const SNAPSHOT_VERSION = 1;

/** The schema of a topic's durable metadata. */
export const TOPIC_METADATA = z.looseObject({
  name: z.string().min(1).describe('Name of the topic.'),
  id: z
    .string()
    .describe('Topic id as Kafka prints it: 22 characters of base64url; AAAAAAAAAAAAAAAAAAAAAA if the topic has none.'),
  partitions: z
    .array(
      z.looseObject({
        partition: z.int().nonnegative(),
        replicas: z.array(z.int()).describe('Broker ids in order of preference.'),
      }),
    )
    .describe('In order of partition.'),
  configs: z.record(z.string(), z.string()).describe("The topic's own overrides; no defaults."),
});

const operational = z
  .looseObject({
    partitions: z.record(z.string(), z.looseObject({ leader: z.int(), leaderEpoch: z.int(), isr: z.array(z.int()) })),
    liveBrokers: z.array(z.int()),
  })
  .describe('State that changes during normal operation: a difference in it is not a loss. Keyed by TOPIC-PARTITION.');

const snapshotFile = z
  .looseObject({
    snapshotVersion: z.literal(SNAPSHOT_VERSION).describe('Version of this format.'),
    takenAt: z.string().describe('When reading began, ISO 8601.'),
    from: z.string().describe('What was read, in human-readable form.'),
    source: z.enum(['zookeeper', 'kraft']).describe('Where the metadata is kept.'),
    clusterId: z.string().optional().describe("Kafka's id of the cluster; absent if it was not available."),
    internalTopics: z
      .boolean()
      .optional()
      .describe("Whether Kafka's own topics, __consumer_offsets and __transaction_state, are among the topics."),
    state: z.string().optional().describe('status.kafkaMetadataState when reading began, of a Strimzi cluster.'),
    pendingDeletions: z
      .array(z.string())
      .optional()
      .describe('Topics of ZooKeeper whose deletion had been requested and had not finished.'),
    unreadable: z
      .array(
        z.looseObject({
          path: z.string(),
          holds: z.enum(['topic', 'topic-configs', 'partition-state', 'cluster-id', 'broker']),
          topic: z.exactOptional(z.string()).describe('The topic that the znode belongs to.'),
          problem: z.string(),
          content: z.string().describe('Cut off after 1000 characters.'),
        }),
      )
      .optional()
      .describe(
        'Znodes that do not hold what Kafka writes there. A topic with such a znode of its own is not in topics.',
      ),
    topics: z.array(TOPIC_METADATA).describe('In order of name.'),
    operational,
  })
  .describe(
    "A Kafka cluster's durable topic metadata at one time. Use it for comparison; it is not a backup, and nothing can be restored from it.",
  );

/** The schema of a snapshot without what only a file has: what a run keeps in its folder. */
export const METADATA_SNAPSHOT: z.ZodType<MetadataSnapshot> = snapshotFile.pick({
  source: true,
  clusterId: true,
  pendingDeletions: true,
  unreadable: true,
  topics: true,
  operational: true,
});

/** The content of a snapshot file. */
export interface SnapshotFile extends MetadataSnapshot {
  readonly snapshotVersion: typeof SNAPSHOT_VERSION;
  /** ISO 8601. */
  readonly takenAt: string;
  /** `ZooKeeper at host:2181` */
  readonly from: string;
  /** Whether Kafka's own topics are among the topics; undefined: unknown. */
  readonly internalTopics?: boolean | undefined;
  /** `status.kafkaMetadataState` of a Strimzi cluster. */
  readonly state?: string | undefined;
}

/** The JSON Schema of a snapshot file, published as `docs/snapshot.schema.json`. */
export function snapshotSchema(): object {
  return z.toJSONSchema(snapshotFile);
}

/** The text of a snapshot file: one topic per line, so that text tools can read it too. */
export function formatSnapshot({ topics, operational, ...rest }: SnapshotFile): string {
  const head = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const lines = topics.map((one) => `    ${JSON.stringify(one)}`);
  const list = lines.length === 0 ? '  "topics": [],' : `  "topics": [\n${lines.join(',\n')}\n  ],`;
  return `{\n${head.join('\n')}\n${list}\n  "operational": ${JSON.stringify(operational)}\n}\n`;
}

/** @throws UsageError when the file cannot be read, is not a snapshot, or has a newer version. */
export function readSnapshotFile(file: string): SnapshotFile {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `${file} cannot be read as a snapshot: ${messageOf(error)}. Create one with \`remigrate snapshot\`.`,
      {
        cause: error,
      },
    );
  }
  const version = z.looseObject({ snapshotVersion: z.int() }).safeParse(content);
  if (version.success && version.data.snapshotVersion > SNAPSHOT_VERSION) {
    throw new UsageError(
      `${file} has snapshot version ${version.data.snapshotVersion}, but this version of remigrate reads up to ${SNAPSHOT_VERSION}. Install a newer one.`,
    );
  }
  const parsed = snapshotFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${file} is not a snapshot: ${z.prettifyError(parsed.error)}. Create one with \`remigrate snapshot\`.`,
    {
      cause: parsed.error,
    },
  );
}
