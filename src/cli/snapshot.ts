import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { messageOf, UsageError } from '../errors.js';
import { readKRaftSnapshot } from '../metadata/kraft/reader.js';
import type { MetadataSnapshot } from '../metadata/model.js';
import { formatSnapshot, SNAPSHOT_VERSION } from '../metadata/snapshot-file.js';
import { readZooKeeperSnapshot } from '../metadata/zookeeper/reader.js';
import { Interrupts } from './interrupts.js';
import { list } from './options.js';
import { readZooKeeper } from './zookeeper.js';

interface SnapshotOptions {
  readonly zookeeper?: string;
  readonly kafka?: readonly string[];
  readonly out?: string;
  readonly internalTopics: boolean;
}

const KAFKA_MS = 120_000;

export function snapshotCommand(): Command {
  return new Command('snapshot')
    .description(
      "write a cluster's durable topic metadata to a file, to compare with later: a proof, and no backup, since nothing can be restored from it",
    )
    .option('--zookeeper <host:port>', 'read what Kafka keeps in ZooKeeper (plain text; a /chroot may follow)')
    .option(
      '--kafka <host:port>',
      'read what brokers in KRaft mode answer (plain text); several separated by commas',
      list,
    )
    .option('--internal-topics', "Kafka's own topics too: __consumer_offsets, __transaction_state", false)
    .option('--out <file>', 'instead of standard output')
    .action(async (options: SnapshotOptions) => {
      const interrupts = Interrupts.listen(process.stderr);
      try {
        await snapshot(options, interrupts.signal);
      } finally {
        interrupts.close();
      }
    });
}

async function snapshot(options: SnapshotOptions, signal: AbortSignal): Promise<void> {
  const takenAt = new Date().toISOString();
  const { from, metadata } = await read(options, signal);
  const text = formatSnapshot({ snapshotVersion: SNAPSHOT_VERSION, takenAt, from, ...metadata });
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(options.out, text);
  } catch (error) {
    throw new UsageError(`--out: ${options.out} can't be written: ${messageOf(error)}.`, { cause: error });
  }
  process.stderr.write(`${metadata.topics.length} topics, from ${from}, are in ${options.out}\n`);
}

async function read(
  { zookeeper, kafka, internalTopics }: SnapshotOptions,
  signal: AbortSignal,
): Promise<{ readonly from: string; readonly metadata: MetadataSnapshot }> {
  if (zookeeper !== undefined && kafka === undefined) {
    const metadata = await readZooKeeper(zookeeper, signal, (client) =>
      readZooKeeperSnapshot(client, { internalTopics }),
    );
    return { from: `ZooKeeper at ${zookeeper}`, metadata };
  }
  if (kafka !== undefined && zookeeper === undefined) {
    const metadata = await readKRaftSnapshot({
      bootstrapServers: kafka,
      deadlineMs: KAFKA_MS,
      signal,
      internalTopics,
    });
    return { from: `brokers ${kafka.join(',')}`, metadata };
  }
  throw new UsageError(
    'Say what to read: --zookeeper HOST:PORT while ZooKeeper is in charge of the metadata, --kafka HOST:PORT once the brokers run in KRaft mode.',
  );
}
