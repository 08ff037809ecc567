import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import { packageRoot } from '../package-root.js';

/** A topic to create. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Overrides, with Kafka's names and values. */
  readonly configs: Readonly<Record<string, string>>;
  /** How many records to write, over all partitions. */
  readonly records: number;
}

/** When a group of topics is created: before the migration, during dual-write, after the rollback, in KRaft. */
export const TOPIC_GROUPS = ['before', 'during', 'after-rollback', 'in-kraft'] as const;
export type TopicGroup = (typeof TOPIC_GROUPS)[number];

/** Topics to create, by group. */
export type TopicSet = Readonly<Record<TopicGroup, readonly TopicSpec[]>>;

/** The usual replication factor in production. */
const MOST_REPLICAS = 3;

/** Kafka's rule for topic names (Kafka 3.9.0, `Topic.java`, LEGAL_CHARS and MAX_NAME_LENGTH). */
const TOPIC = z.strictObject({
  name: z.string().regex(/^(?!\.\.?$)[A-Za-z0-9._-]{1,249}$/),
  partitions: z.number().int().min(1),
  records: z.number().int().min(0).default(0),
  configs: z.record(z.string(), z.string()).default({}),
});
const SET = z
  .strictObject({
    before: z.array(TOPIC),
    during: z.array(TOPIC),
    'after-rollback': z.array(TOPIC),
    'in-kraft': z.array(TOPIC),
  })
  .refine((set) => distinct(TOPIC_GROUPS.flatMap((group) => set[group].map((topic) => topic.name))), {
    message: 'a topic name occurs twice',
  });

/**
 * Reads `fixtures/metadata/NAME.yaml`. The replication factor is 3, or the number of brokers if there are fewer.
 * @param folder the folder with the sets; this package's by default.
 * @throws UsageError that lists the available sets, or says what is wrong in the file.
 */
export async function loadTopicSet(
  name: string,
  brokers: number,
  folder: string = join(packageRoot(), 'fixtures', 'metadata'),
): Promise<TopicSet> {
  const available = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5));
  if (!available.includes(name)) {
    throw new UsageError(`The topic set "${name}" does not exist. Choose one of ${available.sort().join(', ')}.`);
  }
  const file = join(folder, `${name}.yaml`);
  return parseTopicSet(await readFile(file, 'utf8'), brokers, file);
}

/**
 * @param file where the text is from, for messages.
 * @throws UsageError that says what is wrong in the text.
 */
export function parseTopicSet(text: string, brokers: number, file: string): TopicSet {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not valid YAML: ${messageOf(error)}`, { cause: error });
  }
  const parsed = SET.safeParse(content);
  if (!parsed.success) throw new UsageError(`${file} is not a valid topic set: ${z.prettifyError(parsed.error)}`);
  const replicationFactor = Math.min(brokers, MOST_REPLICAS);
  const specs = (group: TopicGroup) => parsed.data[group].map((topic) => ({ ...topic, replicationFactor }));
  return {
    before: specs('before'),
    during: specs('during'),
    'after-rollback': specs('after-rollback'),
    'in-kraft': specs('in-kraft'),
  };
}

function distinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
