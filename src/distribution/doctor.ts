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

/** One thing that a run needs, and whether this machine has it. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do; there whenever `ok` is false. */
  readonly remedy?: string;
  /** Why a run is possible without it: the other way to run nodes is there. */
  readonly spared?: string;
}

/** What can't be learnt from environment variables and files. */
export interface Machine {
  /** Node's `process.platform`. */
  readonly platform: string;
  /** Memory that could be had now, in bytes. */
  availableMemory(): number;
  /** Loads the npm package `zookeeper`; rejects if it is not there or was not compiled. */
  loadZooKeeperClient(): Promise<unknown>;
}

const GIB = 1024 ** 3;
/** For one broker, one controller and one ZooKeeper: resident 0.55 GiB after start (measured, 3.9.0), and heaps up to 384 MiB each. */
const MEMORY_OF_ONE_CLUSTER = GIB;

/** An optional dependency: named indirectly, so that it need not be there to compile this file. */
const ZOOKEEPER_CLIENT: string = 'zookeeper';

export const thisMachine: Machine = {
  platform: process.platform,
  // macOS counts file caches as used; what is free there says nothing about what can be had.
  availableMemory: () => (process.platform === 'darwin' ? totalmem() : process.availableMemory()),
  loadZooKeeperClient: () => import(ZOOKEEPER_CLIENT),
};

/**
 * What this machine has and lacks for a run with the replayed operator: on Java and Kafka of its own, or in Docker. Changes
 * nothing: no folder is made and nothing is fetched.
 */
export async function examine(env: NodeJS.ProcessEnv, machine: Machine = thisMachine): Promise<Finding[]> {
  const [java, kafka, docker, ...others] = await Promise.all([
    examineJava(env),
    examineKafka(env),
    examineDocker(env),
    examineZooKeeperClient(machine),
    examineCache(env),
    examineMemory(machine),
  ]);
  const local = java.ok && kafka.ok;
  return [
    examinePlatform(machine),
    ...[java, kafka].map((finding) => (docker.ok ? spare(finding, 'nodes can run in Docker') : finding)),
    local ? spare(docker, 'only --env containers needs it') : docker,
    ...others,
  ];
}

function spare(finding: Finding, why: string): Finding {
  return finding.ok ? finding : { ...finding, spared: why };
}

async function examineDocker(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'Docker';
  const found = await lookUpDocker(env);
  if ('problem' in found) return { what, ok: false, found: found.problem, remedy: found.remedy };
  return { what, ok: true, found: `${found.docker.version}, ${found.docker.address}` };
}

function examinePlatform({ platform }: Machine): Finding {
  const what = 'platform';
  if (platform === 'linux') return { what, ok: true, found: 'Linux' };
  if (platform === 'darwin') return { what, ok: true, found: 'macOS' };
  const remedy = 'Run on Linux or macOS; on Windows, in the Windows Subsystem for Linux.';
  return { what, ok: false, found: platform, remedy };
}

async function examineJava(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'Java';
  const found = await lookUpJava({ env });
  if ('problem' in found) return { what, ok: false, found: found.problem, remedy: found.remedy };
  return { what, ok: true, found: `${found.java.version}, ${found.java.executable}` };
}

async function examineKafka(env: NodeJS.ProcessEnv): Promise<Finding> {
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
    'Install Maven (Debian: apt-get install maven; macOS: brew install maven), or let KAFKA_HOME name an unpacked Kafka ' +
    'release, or REMIGRATE_KAFKA_URL a release tarball.';
  const mvn = await findOnPath('mvn', env);
  if (mvn !== undefined && !env.REMIGRATE_KAFKA_URL) return { what, ok: true, found: `fetched by ${mvn}` };
  try {
    tarballSource(env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { what, ok: false, found: error.message, remedy };
  }
  const from = env.REMIGRATE_KAFKA_URL
    ? 'REMIGRATE_KAFKA_URL'
    : "Apache's archive, since there is no KAFKA_HOME and no mvn";
  if ((await findOnPath('tar', env)) !== undefined)
    return { what, ok: true, found: `fetched as a release tarball from ${from} (whether it answers was not tried)` };
  return { what, ok: false, found: `to be fetched from ${from}, but there is no tar on PATH`, remedy };
}

async function examineZooKeeperClient(machine: Machine): Promise<Finding> {
  const what = 'npm package zookeeper';
  try {
    await machine.loadZooKeeperClient();
    return { what, ok: true, found: 'loads' };
  } catch (error) {
    const [reason] = ((error as Partial<Error>).message ?? String(error)).split('\n');
    return { what, ok: false, found: `does not load: ${reason}`, remedy: ZOOKEEPER_CLIENT_REMEDY };
  }
}

/** What to do where the npm package `zookeeper` is missing: npm compiles it at install, and leaves it out where that fails. */
export const ZOOKEEPER_CLIENT_REMEDY =
  'It is compiled at install, by python3, make and g++ (Debian: apt-get install python3 make g++; macOS: ' +
  'xcode-select --install). Install these, then run npm ci again.';

async function examineCache(env: NodeJS.ProcessEnv): Promise<Finding> {
  const what = 'cache folder';
  const path = locateCache(env);
  const problem = await cacheProblem(path);
  if (problem === undefined) return { what, ok: true, found: path };
  return {
    what,
    ok: false,
    found: `${path}: ${problem}`,
    remedy: 'Let REMIGRATE_CACHE name a folder that you may write.',
  };
}

function examineMemory(machine: Machine): Finding {
  const what = 'memory';
  const available = machine.availableMemory();
  const found = `${(available / GIB).toFixed(1)} GiB`;
  if (available >= MEMORY_OF_ONE_CLUSTER) return { what, ok: true, found };
  const remedy =
    'One broker, one controller and one ZooKeeper need about 1 GiB together, for each operator version that runs at once. ' +
    'End other programs, or run one version at a time.';
  return { what, ok: false, found, remedy };
}
