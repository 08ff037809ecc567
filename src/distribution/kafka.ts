import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { UsageError, WaitAborted } from '../errors.js';
import type { CacheFolder } from './cache.js';
import { classPathKey, type JarInventory, takeInventory } from './jars.js';
import { type KafkaSource, SourceFailed } from './kafka-source.js';
import { type KafkaRelease, kafkaRelease } from './kafka-versions.js';
import { mavenSource } from './maven.js';
import { durationText, type Progress } from './progress.js';
import { tarballSource } from './tarball.js';

/** Kafka and ZooKeeper as a Java class path. */
export interface KafkaDistribution {
  /** Kafka's version, `3.9.0`. */
  readonly version: string;
  /** ZooKeeper's version, `3.8.4`. */
  readonly zookeeperVersion: string;
  readonly origin: 'KAFKA_HOME' | 'maven' | 'tarball';
  /**
   * Absolute paths of jars; an SLF4J binding that takes `-Dlog4j.configuration` (the Log4j 1 API) is among them.
   */
  readonly classpath: readonly string[];
  /** A hash of these files; it changes when one of them is moved or written again. */
  readonly key: string;
}

export interface ResolveKafkaOptions {
  /** One of KAFKA_VERSIONS. */
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cache: CacheFolder;
  /** Shows what is fetched and where it is stored; shows nothing if Kafka is available already. */
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** The list of jars in a folder of the cache, so that a damaged folder is recognised. */
const MANIFEST = 'distribution.json';
const manifestSchema = z.object({ jars: z.record(z.string(), z.number()) });

/**
 * Kafka of the wanted version with its ZooKeeper: from `KAFKA_HOME` if set, else from the cache, else fetched into it:
 * from `REMIGRATE_KAFKA_URL` if set, else with `mvn`, else from Apache's archive. If two processes fetch at the same
 * time, one waits for the other. What is fetched becomes visible as a whole or not at all.
 * @throws UsageError if the version is unknown, `KAFKA_HOME` does not hold it, or every source fails; the message names
 * all of them. WaitAborted on `signal`; WaitTimedOut if another process holds the cache for too long.
 */
export async function resolveKafka(options: ResolveKafkaOptions): Promise<KafkaDistribution> {
  const release = kafkaRelease(options.version);
  const { env, cache, progress } = options;
  const signal = options.signal ?? new AbortController().signal;
  if (env.KAFKA_HOME) {
    const found = await lookUpKafkaHome(env.KAFKA_HOME, release);
    if ('kafka' in found) return found.kafka;
    throw new UsageError(`${found.problem} ${found.remedy}`);
  }

  const sources = await kafkaSources(env);
  const cached = await findCached(sources, release, cache);
  if (cached !== undefined) return cached;
  try {
    const lockOptions = { progress, signal };
    return await cache.withLock(
      `kafka-${release.kafka}`,
      (lost) => fetchFirst(sources, release, { ...options, signal: AbortSignal.any([signal, lost]) }),
      lockOptions,
    );
  } catch (error) {
    if (signal.aborted) throw new WaitAborted(`Stopped fetching Kafka ${release.kafka}.`, { cause: signal.reason });
    throw error;
  }
}

/** Kafka in a folder, or why it cannot be used and what to do about it, one sentence each. */
export type KafkaHomeLookup =
  | { readonly kafka: KafkaDistribution }
  | { readonly problem: string; readonly remedy: string };

/** Looks for Kafka of a release, with ZooKeeper, in an unpacked Kafka release: `KAFKA_HOME`. */
export async function lookUpKafkaHome(home: string, release: KafkaRelease): Promise<KafkaHomeLookup> {
  const wrong = (what: string): KafkaHomeLookup => ({
    problem: `KAFKA_HOME is ${home}, which ${what}.`,
    remedy: `Set KAFKA_HOME to an unpacked release of Kafka ${release.kafka}, or unset it so that Kafka is fetched.`,
  });
  if (home.includes(delimiter)) return wrong(`contains a "${delimiter}", which separates the entries of a class path`);
  const inventory = await takeInventory(resolve(home, 'libs'));
  if (inventory?.kafka === undefined) return wrong('is not Kafka: it has no libs/kafka_2.13-*.jar');
  if (inventory.zookeeper === undefined)
    return wrong(`holds Kafka ${inventory.kafka} without ZooKeeper: there is nothing to migrate from`);
  if (inventory.kafka !== release.kafka)
    return wrong(`holds Kafka ${inventory.kafka}, but this run needs Kafka ${release.kafka}`);
  if (!inventory.log4j1) return wrong('lacks the logging library slf4j-reload4j in its libs');
  return { kafka: distribution(inventory, release.kafka, inventory.zookeeper, 'KAFKA_HOME') };
}

/** The sources of Kafka, in the order in which they are tried. If the user has set a URL, only that one. */
async function kafkaSources(env: NodeJS.ProcessEnv): Promise<readonly KafkaSource[]> {
  const tarball = tarballSource(env);
  return env.REMIGRATE_KAFKA_URL ? [tarball] : [await mavenSource(), tarball];
}

async function findCached(
  sources: readonly KafkaSource[],
  release: KafkaRelease,
  cache: CacheFolder,
): Promise<KafkaDistribution | undefined> {
  for (const source of sources) {
    const cached = await readCached(folderOf(source, release, cache), source, release);
    if (cached !== undefined) return cached;
  }
  return undefined;
}

function folderOf(source: KafkaSource, release: KafkaRelease, cache: CacheFolder): string {
  return cache.join('kafka', `${release.kafka}-${source.id}`);
}

/** Call this with the lock held: any existing scratch folder was left by a process that died. */
async function fetchFirst(
  sources: readonly KafkaSource[],
  release: KafkaRelease,
  options: ResolveKafkaOptions & { readonly signal: AbortSignal },
): Promise<KafkaDistribution> {
  const { cache, signal, progress } = options;
  const cached = await findCached(sources, release, cache);
  if (cached !== undefined) return cached;

  const parent = await cache.folder('kafka');
  const scratchPrefix = `.${release.kafka}-`;
  for (const name of await readdir(parent))
    if (isScratch(name, scratchPrefix)) await rm(join(parent, name), { recursive: true, force: true });

  const started = performance.now();
  const failures: string[] = [];
  for (const source of sources) {
    const scratch = await mkdtemp(join(parent, scratchPrefix));
    try {
      const whole = join(scratch, 'whole');
      const libs = join(whole, 'libs');
      await mkdir(libs, { recursive: true });
      await source.fetch(release, libs, scratch, options);
      const jars = await checkJars(libs, release);
      await writeFile(join(whole, MANIFEST), JSON.stringify({ jars }, null, 2));
      signal.throwIfAborted();
      const folder = folderOf(source, release, cache);
      // An existing folder is damaged: otherwise readCached would have accepted it.
      await removeDamaged(folder);
      await rename(whole, folder);
      const fetched = await readCached(folder, source, release);
      if (fetched === undefined) throw new SourceFailed(`${folder} changed while it was being created`);
      progress(`Fetched Kafka ${release.kafka} in ${durationText(performance.now() - started)} into ${folder}`);
      return fetched;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SourceFailed)) throw error;
      failures.push(error.message);
      // The last failure is in the error, with the others.
      if (failures.length < sources.length)
        progress(`Kafka ${release.kafka}: ${error.message.replace(/:?\n.*/s, '')}. Trying the next source.`);
    } finally {
      progress('', { transient: true });
      await rm(scratch, { recursive: true, force: true });
    }
  }
  throw new UsageError(
    [
      `Kafka ${release.kafka} could not be fetched:`,
      ...failures.map((failure) => `  - ${failure}`),
      'Do one of the following, then run again:',
      '  - install Maven (mvn on PATH), and make sure that it can reach its repository',
      `  - set KAFKA_HOME to an unpacked release of Kafka ${release.kafka}`,
      '  - set REMIGRATE_KAFKA_URL to a release tarball (file:, http: or https:) that has its .sha512 file next to it',
    ].join('\n'),
  );
}

/** Whether `mkdtemp` has made a folder of this name with this prefix: it appends six characters. */
function isScratch(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length));
}

/** @throws UsageError for a folder that remigrate has not made: such a folder has a list of jars. */
async function removeDamaged(folder: string): Promise<void> {
  if (existsSync(folder) && !existsSync(join(folder, MANIFEST))) {
    throw new UsageError(
      `${folder} is in the way of Kafka's jars: it has no ${MANIFEST}, so that remigrate does not delete it. ` +
        'Delete or move it yourself, or set REMIGRATE_CACHE to another folder.',
    );
  }
  await rm(folder, { recursive: true, force: true });
}

/** The sizes of the fetched jars, by name. @throws SourceFailed if they are not the requested release. */
async function checkJars(libs: string, release: KafkaRelease): Promise<Record<string, number>> {
  const inventory = await takeInventory(libs);
  const found = `got ${inventory?.jars.length ?? 0} jars`;
  if (inventory?.kafka === undefined) throw new SourceFailed(`${found}, and Kafka is not among them`);
  if (inventory.kafka !== release.kafka)
    throw new SourceFailed(`${found} with Kafka ${inventory.kafka} instead of ${release.kafka}`);
  if (inventory.zookeeper === undefined) throw new SourceFailed(`${found}, and ZooKeeper is not among them`);
  if (inventory.zookeeper !== release.zookeeper)
    throw new SourceFailed(`${found} with ZooKeeper ${inventory.zookeeper} instead of ${release.zookeeper}`);
  if (!inventory.log4j1) throw new SourceFailed(`${found}, and the logging library slf4j-reload4j is not among them`);
  return Object.fromEntries(inventory.jars.map(({ name, size }) => [name, size]));
}

/** The distribution in a folder of the cache; undefined if it is absent or damaged. */
async function readCached(
  folder: string,
  source: KafkaSource,
  release: KafkaRelease,
): Promise<KafkaDistribution | undefined> {
  const manifest = await readManifest(join(folder, MANIFEST));
  const inventory = await takeInventory(join(folder, 'libs'));
  if (manifest === undefined || inventory?.zookeeper === undefined) return undefined;
  const whole =
    inventory.jars.length === Object.keys(manifest.jars).length &&
    inventory.jars.every(({ name, size }) => manifest.jars[name] === size);
  return whole ? distribution(inventory, release.kafka, inventory.zookeeper, source.origin) : undefined;
}

async function readManifest(path: string): Promise<z.infer<typeof manifestSchema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    // A damaged cache is created again.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function distribution(
  inventory: JarInventory,
  version: string,
  zookeeperVersion: string,
  origin: KafkaDistribution['origin'],
): KafkaDistribution {
  return {
    version,
    zookeeperVersion,
    origin,
    classpath: inventory.jars.map(({ path }) => path),
    key: classPathKey(inventory.jars),
  };
}
