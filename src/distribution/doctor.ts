import { totalmem } from 'node:os';
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { cacheProblem, locateCache } from './cache.js';
import { lookUpDocker } from './docker.js';
import { findOnPath } from './executable.js';
import { takeInventory } from './jars.js';
import { lookUpJava } from './java.js';
import { lookUpKafkaHome } from './kafka.js';
import { DEFAULT_KAFKA_VERSION, KAFKA_VERSIONS, kafkaRelease } from './kafka-versions.js';
import { tarballSource } from './tarball.js';

/** One prerequisite of a run, and whether this machine has it. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do. Set whenever `ok` is false. */
  readonly remedy?: string;
  /** Why a run is possible without it: nodes can run in another way. */
  readonly optionalBecause?: string;
}

/** What cannot be read from environment variables and files. */
export interface Machine {
  /** Node's `process.platform`. */
  readonly platform: string;
  /** Available memory, in bytes. */
  availableMemory(): number;
  /** Loads the npm package `zookeeper`; rejects if it is missing or was not compiled. */
  loadZooKeeperClient(): Promise<unknown>;
}

const GIB = 1024 ** 3;
/**
 * For one broker, one controller and one ZooKeeper: resident 0.55 GiB after start (measured, 3.9.0), and heaps up to
 * 384 MiB each.
 */
const MEMORY_OF_ONE_CLUSTER = GIB;

/** An optional dependency, imported through a variable so that this file compiles without it. */
const ZOOKEEPER_CLIENT: string = 'zookeeper';

export const thisMachine: Machine = {
  platform: process.platform,
  // macOS counts file caches as used memory, so that its free memory says nothing about what is available.
  availableMemory: () => (process.platform === 'darwin' ? totalmem() : process.availableMemory()),
  loadZooKeeperClient: () => import(ZOOKEEPER_CLIENT),
};

/**
 * Checks whether this machine has what a run with the replayed operator needs: Java and Kafka for processes, or Docker.
 * Read-only: creates no folder and downloads nothing.
 */
export async function checkMachine(env: NodeJS.ProcessEnv, machine: Machine = thisMachine): Promise<Finding[]> {
  const [java, kafka, docker, ...others] = await Promise.all([
    checkJava(env),
    checkKafka(env),
    checkDocker(env),
    checkZooKeeperClient(machine),
    checkCache(env),
    checkMemory(machine),
  ]);
  const local = java.ok && kafka.ok;
  return [
    checkPlatform(machine),
    ...[java, kafka].map((finding) => (docker.ok ? optional(finding, 'nodes can run in Docker') : finding)),
    local ? optional(docker, 'only --env containers needs it') : docker,
    ...others,
  ];
}

function optional(finding: Finding, why: string): Finding {
  return finding.ok ? finding : { ...finding, optionalBecause: why };
}

async function checkDocker(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'Docker';
  const found = await lookUpDocker(env);
  if ('problem' in found) return { what, ok: false, found: found.problem, remedy: found.remedy };
  return { what, ok: true, found: `${found.docker.version}, ${found.docker.address}` };
}

function checkPlatform({ platform }: Machine): Finding {
  const what = 'platform';
  if (platform === 'linux') return { what, ok: true, found: 'Linux' };
  if (platform === 'darwin') return { what, ok: true, found: 'macOS' };
  const remedy = 'Use Linux or macOS. On Windows, use the Windows Subsystem for Linux.';
  return { what, ok: false, found: platform, remedy };
}

async function checkJava(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'Java';
  const found = await lookUpJava({ env });
  if ('problem' in found) return { what, ok: false, found: found.problem, remedy: found.remedy };
  return { what, ok: true, found: `${found.java.version}, ${found.java.executable}` };
}

async function checkKafka(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'Kafka';
  if (env.KAFKA_HOME) {
    const inventory = await takeInventory(resolve(env.KAFKA_HOME, 'libs'));
    const release =
      KAFKA_VERSIONS.find(({ kafka }) => kafka === inventory?.kafka) ?? kafkaRelease(DEFAULT_KAFKA_VERSION);
    const found = await lookUpKafkaHome(env.KAFKA_HOME, release);
    if ('problem' in found) return { what, ok: false, found: found.problem, remedy: found.remedy };
    const { version, zookeeperVersion } = found.kafka;
    return {
      what,
      ok: true,
      found: `Kafka ${version} with ZooKeeper ${zookeeperVersion} in KAFKA_HOME, ${env.KAFKA_HOME}`,
    };
  }
  const remedy =
    'Install Maven (Debian: apt-get install maven; macOS: brew install maven), or set KAFKA_HOME to an unpacked Kafka ' +
    'release, or REMIGRATE_KAFKA_URL to a release tarball.';
  const mvn = await findOnPath('mvn', env);
  if (mvn !== undefined && !env.REMIGRATE_KAFKA_URL)
    return { what, ok: true, found: `to be fetched with Maven, ${mvn}` };
  try {
    tarballSource(env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { what, ok: false, found: error.message, remedy };
  }
  const from = env.REMIGRATE_KAFKA_URL
    ? 'REMIGRATE_KAFKA_URL'
    : "Apache's archive, because KAFKA_HOME is not set and mvn is not on PATH";
  if ((await findOnPath('tar', env)) !== undefined)
    return { what, ok: true, found: `to be fetched as a release tarball from ${from} (not checked)` };
  return { what, ok: false, found: `to be fetched from ${from}, but tar is not on PATH`, remedy };
}

async function checkZooKeeperClient(machine: Machine): Promise<Finding> {
  const what = 'npm package zookeeper';
  try {
    await machine.loadZooKeeperClient();
    return { what, ok: true, found: 'installed' };
  } catch (error) {
    const [reason] = ((error as Partial<Error>).message ?? String(error)).split('\n');
    return { what, ok: false, found: `cannot be loaded: ${reason}`, remedy: ZOOKEEPER_CLIENT_REMEDY };
  }
}

/** What to do if the npm package `zookeeper` is missing: npm compiles it at install, and omits it if that fails. */
export const ZOOKEEPER_CLIENT_REMEDY =
  'npm compiles it with python3, make and g++ (Debian: apt-get install python3 make g++; macOS: ' +
  'xcode-select --install). Install these, then run npm ci again.';

async function checkCache(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'cache folder';
  const path = locateCache(env);
  const problem = await cacheProblem(path);
  if (problem === undefined) return { what, ok: true, found: path };
  return {
    what,
    ok: false,
    found: `${path}: ${problem}`,
    remedy: 'Set REMIGRATE_CACHE to a folder that you can write to.',
  };
}

function checkMemory(machine: Machine): Finding {
  const what = 'memory';
  const available = machine.availableMemory();
  const found = `${(available / GIB).toFixed(1)} GiB available`;
  if (available >= MEMORY_OF_ONE_CLUSTER) return { what, ok: true, found };
  const remedy =
    'One broker, one controller and one ZooKeeper need about 1 GiB together, for each operator version that runs at the same time. ' +
    'Close other programs, or run one version at a time.';
  return { what, ok: false, found, remedy };
}
