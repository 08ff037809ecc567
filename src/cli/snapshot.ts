import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { EnvironmentError, messageOf, UsageError, WaitTimedOut } from '../errors.js';
import { readStrimziSnapshot } from '../inspection/context.js';
import { withZooKeeper } from '../inspection/zookeeper-session.js';
import { count } from '../journal/text.js';
import { awaitFirstResponse, FIRST_RESPONSE_MS } from '../metadata/kafka/first-response.js';
import { readKRaftSnapshot } from '../metadata/kraft/reader.js';
import { describeUnreadable } from '../metadata/losses.js';
import type { MetadataSnapshot } from '../metadata/model.js';
import { formatSnapshot, SNAPSHOT_VERSION } from '../metadata/snapshot-file.js';
import { readZooKeeperInCharge } from '../metadata/zookeeper/in-charge.js';
import { READ_ONLY, untilInterrupted } from './interrupts.js';
import { list } from './options.js';
import { announceSession } from './zookeeper.js';

interface SnapshotOptions {
  readonly zookeeper?: string;
  readonly kafka?: readonly string[];
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly cluster?: string;
  readonly out?: string;
  readonly internalTopics: boolean;
}

/** How long brokers that respond may take until everything is read, in milliseconds. */
const READ_MS = 120_000;

export function snapshotCommand(): Command {
  return new Command('snapshot')
    .description(
      "write a cluster's durable topic metadata to a file, to compare later. It is a proof, not a backup: you cannot restore from it",
    )
    .option('--zookeeper <host:port>', 'read what Kafka keeps in ZooKeeper (plain text; a /chroot may follow)')
    .option('--kafka <host:port>', 'read from brokers in KRaft mode (plain text); several separated by commas', list)
    .option(
      '--context <name>',
      'read from a Strimzi cluster through port-forwards: from ZooKeeper, or from its brokers in KRaft mode',
    )
    .option('--kubeconfig <file>', 'the kubeconfig file, instead of the files of KUBECONFIG')
    .option('--namespace <name>', "the cluster's namespace")
    .option('--cluster <name>', "the cluster's name, if the namespace has several clusters")
    .option('--no-internal-topics', "omit Kafka's own topics: __consumer_offsets, __transaction_state")
    .option('--out <file>', 'write to this file instead of standard output')
    .action(async (options: SnapshotOptions) => {
      process.exitCode = await untilInterrupted(process.stderr, READ_ONLY, async (signal) => {
        await snapshot(options, signal);
        return 0;
      });
    });
}

async function snapshot(options: SnapshotOptions, signal: AbortSignal): Promise<void> {
  const takenAt = new Date().toISOString();
  const { from, state, metadata } = await read(options, signal);
  for (const znode of metadata.unreadable ?? []) {
    process.stderr.write(
      `Warning: ${describeUnreadable(znode)}. The snapshot lists it under "unreadable"; what it should hold is not in the snapshot.\n`,
    );
  }
  const { internalTopics } = options;
  const text = formatSnapshot({ snapshotVersion: SNAPSHOT_VERSION, takenAt, from, state, internalTopics, ...metadata });
  if (options.out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(options.out, text);
  } catch (error) {
    throw new UsageError(`--out: ${options.out} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
  process.stderr.write(`Wrote ${count(metadata.topics.length, 'topic')} from ${from} to ${options.out}.\n`);
}

interface Reading {
  readonly from: string;
  readonly state?: string | undefined;
  readonly metadata: MetadataSnapshot;
}

async function read(options: SnapshotOptions, signal: AbortSignal): Promise<Reading> {
  const { zookeeper, kafka, context, internalTopics } = options;
  if ([zookeeper, kafka, context].filter((place) => place !== undefined).length === 1) {
    if (context !== undefined) return readStrimzi(context, options, signal);
    if (zookeeper !== undefined) {
      announceSession(zookeeper);
      const metadata = await withZooKeeper(zookeeper, signal, (client) =>
        readZooKeeperInCharge(client, { internalTopics }),
      );
      return { from: `ZooKeeper at ${zookeeper}`, metadata };
    }
    if (kafka !== undefined) {
      return { from: `brokers ${kafka.join(',')}`, metadata: await readBrokers(kafka, internalTopics, signal) };
    }
  }
  throw new UsageError(
    'Say what to read: --context NAME with --namespace NAME for a Strimzi cluster; otherwise --zookeeper HOST:PORT while ZooKeeper is in charge of the metadata, or --kafka HOST:PORT once the brokers run in KRaft mode.',
  );
}

async function readBrokers(
  bootstrapServers: readonly string[],
  internalTopics: boolean,
  signal: AbortSignal,
): Promise<MetadataSnapshot> {
  process.stderr.write(
    `Reading the brokers at ${bootstrapServers.join(', ')}; read-only. One must respond within ${FIRST_RESPONSE_MS / 1000} s.\n`,
  );
  try {
    await awaitFirstResponse({ bootstrapServers, deadlineMs: FIRST_RESPONSE_MS, signal });
  } catch (error) {
    if (!(error instanceof WaitTimedOut)) throw error;
    throw new EnvironmentError(
      `${messageOf(error)}. --kafka needs the address of a listener without TLS that this machine can reach.`,
      { cause: error },
    );
  }
  return readKRaftSnapshot({ bootstrapServers, deadlineMs: READ_MS, signal, internalTopics });
}

async function readStrimzi(
  context: string,
  { kubeconfig, namespace, cluster, internalTopics }: SnapshotOptions,
  signal: AbortSignal,
): Promise<Reading> {
  if (namespace === undefined) throw new UsageError('--context needs --namespace NAME, the namespace of the cluster.');
  process.stderr.write(`Reading ${context}: opening port-forwards to the cluster; read-only.\n`);
  return readStrimziSnapshot(
    { context, kubeconfig, namespace, cluster, signal },
    { internalTopics, deadlineMs: READ_MS },
  );
}
