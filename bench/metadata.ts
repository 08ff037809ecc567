import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectZooKeeper, type ZooKeeperClient } from '../src/metadata/zookeeper/client.js';
import { readZooKeeperSnapshot, type ZooKeeperReads } from '../src/metadata/zookeeper/reader.js';
import { Servers } from '../test/integration/support/servers.js';
import { type Command, runCommand } from './command.js';
import { machine } from './machine.js';
import { PARENTS, topicName, topicZnodes } from './many-topics.js';
import { readOptions } from './options.js';
import { RawZooKeeper } from './raw-zookeeper.js';
import { median } from './shares.js';

/**
 * `npm run bench:metadata`: `remigrate snapshot` and `diff` of a real ZooKeeper with many topics, and the snapshot's
 * reader next to two others that read the same znodes: one sequentially, and the floor, which keeps as many requests in
 * flight as the reader and discards the responses. They run in turn on one machine. `--json` prints one JSON object on
 * standard output, progress goes to standard error. `--small`: 100 topics, one round.
 */

const PARTITIONS = 3;
const SESSION = { sessionTimeoutMs: 30_000, deadlineMs: 60_000 };
/** ZooKeeper accepts a thousand outstanding requests (`globalOutstandingLimit`). */
const CREATES_AT_ONCE = 500;
const GOALS = { readerToFloor: 1.5, peakMemory: 300 };

interface Figures {
  readonly machine: string;
  readonly topics: number;
  /** How many znodes each reader reads. */
  readonly znodes: number;
  readonly atOnce: number;
  readonly rounds: number;
  /** Medians. */
  readonly seconds: {
    readonly sequential: number;
    readonly floor: number;
    readonly reader: number;
    readonly snapshot: number;
    readonly diff: number;
  };
  /** MB, the highest of all rounds. */
  readonly peakMemory: { readonly snapshot: number; readonly diff: number };
  readonly ratios: {
    readonly readerToFloor: number;
    readonly snapshotToFloor: number;
    readonly sequentialToReader: number;
  };
}

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

/** The requests of the snapshot's reader. */
class Requests {
  readonly paths: string[] = [];
  /** The most requests in flight at the same time. */
  atOnce = 0;
  #underWay = 0;

  reads(client: ZooKeeperReads): ZooKeeperReads {
    return {
      children: (path) => client.children(path),
      get: async (path) => {
        this.paths.push(path);
        this.#underWay += 1;
        this.atOnce = Math.max(this.atOnce, this.#underWay);
        try {
          return await client.get(path);
        } finally {
          this.#underWay -= 1;
        }
      },
    };
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** @throws Error when it did not end as expected: figures of a failed run are meaningless. */
async function command(exitCode: number, args: readonly string[], ...says: readonly string[]): Promise<Command> {
  const result = await runCommand(args);
  if (result.exitCode === exitCode && says.every((text) => result.output.includes(text))) return result;
  throw new Error(`remigrate ${args.join(' ')} ended with exit code ${result.exitCode}:\n${result.output}`);
}

async function deleteTopic(client: ZooKeeperClient, index: number): Promise<void> {
  for (const { path } of topicZnodes(index, PARTITIONS).toReversed()) await client.delete(path);
}

async function measure(address: string, topics: number, rounds: number, folder: string): Promise<Figures> {
  const client = await connectZooKeeper({ connectString: address, ...SESSION });
  const raw = await RawZooKeeper.open(address);
  try {
    progress(`Writing ${topics} topics`);
    const znodes = Array.from({ length: topics }, (_, index) => topicZnodes(index, PARTITIONS)).flat();
    await raw.create([...PARENTS, ...znodes], CREATES_AT_ONCE);
    const requests = new Requests();
    const read = await readZooKeeperSnapshot(requests.reads(client));
    if (read.topics.length !== topics) throw new Error(`${read.topics.length} of ${topics} topics were read`);
    const { paths, atOnce } = requests;
    await raw.get(paths, atOnce);

    const [before, after] = [join(folder, 'before.json'), join(folder, 'after.json')];
    const snapshotTo = (file: string) => command(0, ['snapshot', '--zookeeper', address, '--out', file]);
    const taken: Omit<Figures['seconds'], 'snapshot' | 'diff'>[] = [];
    const snapshots: Command[] = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`Reading ${paths.length} znodes, round ${round} of ${rounds}`);
      taken.push({
        sequential: await secondsOf(() => raw.get(paths, 1)),
        floor: await secondsOf(() => raw.get(paths, atOnce)),
        reader: await secondsOf(() => readZooKeeperSnapshot(client)),
      });
      snapshots.push(await snapshotTo(before));
    }

    progress('Comparing, with one topic deleted and one changed');
    await deleteTopic(client, 1);
    await client.set(`/config/topics/${topicName(0)}`, '{"version":1,"config":{"cleanup.policy":"compact"}}');
    snapshots.push(await snapshotTo(after));
    const diffs: Command[] = [];
    for (let round = 1; round <= rounds; round++) {
      diffs.push(
        await command(1, ['diff', before, after], `missing  ${topicName(1)}`, `${topicName(0)}: its override`),
      );
    }

    const seconds = {
      sequential: median(taken.map(({ sequential }) => sequential)),
      floor: median(taken.map(({ floor }) => floor)),
      reader: median(taken.map(({ reader }) => reader)),
      snapshot: median(snapshots.map((one) => one.seconds)),
      diff: median(diffs.map((one) => one.seconds)),
    };
    return {
      machine: machine(),
      topics,
      znodes: paths.length,
      atOnce,
      rounds,
      seconds,
      peakMemory: {
        snapshot: Math.max(...snapshots.map((one) => one.peakMemory)),
        diff: Math.max(...diffs.map((one) => one.peakMemory)),
      },
      ratios: {
        readerToFloor: seconds.reader / seconds.floor,
        snapshotToFloor: seconds.snapshot / seconds.floor,
        sequentialToReader: seconds.sequential / seconds.reader,
      },
    };
  } finally {
    raw.close();
    await client.close();
  }
}

function describe({ machine, topics, znodes, atOnce, rounds, seconds, peakMemory, ratios }: Figures): string {
  const rate = (taken: number): string =>
    `${taken.toFixed(2)} s, ${Math.round(topics / taken)} topics per second, ${Math.round(znodes / taken)} znodes per second`;
  const memory = (peak: number): string => `at most ${peak.toFixed(0)} MB (goal: under ${GOALS.peakMemory} MB)`;
  return [
    `${machine}; medians of ${rounds} rounds`,
    `${topics} topics of ${PARTITIONS} partitions: ${znodes} znodes`,
    '',
    `sequential:                          ${rate(seconds.sequential)}`,
    `the floor, ${`${atOnce} at once:`.padEnd(25)} ${rate(seconds.floor)}`,
    `the reader of the snapshot:          ${rate(seconds.reader)}`,
    '',
    `remigrate snapshot: ${seconds.snapshot.toFixed(2)} s, ${memory(peakMemory.snapshot)}`,
    `remigrate diff:     ${seconds.diff.toFixed(2)} s, ${memory(peakMemory.diff)}, exit code 1`,
    '',
    'Ratios:',
    `  reader to floor: ${ratios.readerToFloor.toFixed(2)} (goal: ${GOALS.readerToFloor})`,
    `  whole command to floor: ${ratios.snapshotToFloor.toFixed(2)}`,
    `  sequential to reader: ${ratios.sequentialToReader.toFixed(2)}`,
    '',
  ].join('\n');
}

const { counts, flags } = readOptions({
  counts: { topics: { usual: 10_000, small: 100 }, rounds: { usual: 5, small: 1 } },
  flags: ['json'],
});
const folder = await mkdtemp(join(tmpdir(), 'remigrate-bench-'));
const servers = await Servers.prepare();
try {
  await servers.startZooKeeper();
  const figures = await measure(servers.zookeeper, counts.topics, counts.rounds, folder);
  process.stdout.write(flags.json ? `${JSON.stringify(figures, null, 2)}\n` : describe(figures));
} finally {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}
