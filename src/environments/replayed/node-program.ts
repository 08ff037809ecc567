import type { ClassDataKind } from '../../distribution/class-data.js';
import type { NodeLaunch } from '../node-runtime.js';

/** Chosen for a quick start: the nodes of a run live for seconds. */
export const JVM_FLAGS: readonly string[] = [
  '-Xms64m',
  '-Xmx320m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  // Without it every killed JVM leaves a file in the system's folder for temporary files.
  '-XX:-UsePerfData',
  '-Djava.awt.headless=true',
];

/** What a node's JVM runs. */
export interface NodeProgram {
  readonly kind: ClassDataKind;
  /** Of fixtures/log4j. */
  readonly log4j: 'kafka' | 'zookeeper';
  readonly flags: readonly string[];
  readonly mainClass: string;
}

const ZOOKEEPER: NodeProgram = {
  kind: 'zookeeper',
  log4j: 'zookeeper',
  flags: [
    '-Dzookeeper.audit.enable=true',
    // As in Strimzi: the operator deletes znodes regardless of their ACL (ZookeeperCluster.java).
    '-Dzookeeper.skipACL=yes',
    // The data of a run need not survive a crash of the machine: an fsync costs more than the write.
    '-Dzookeeper.forceSync=no',
    '-Dzookeeper.admin.enableServer=false',
    '-Dzookeeper.jmx.log4j.disable=true',
  ],
  mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
};

/** `kafka-storage.sh`. */
export const STORAGE_TOOL: NodeProgram = {
  kind: 'storage-tool',
  log4j: 'kafka',
  flags: [],
  mainClass: 'kafka.tools.StorageTool',
};

export function nodeProgram(launch: NodeLaunch): NodeProgram {
  if (launch.node.role === 'zookeeper') return ZOOKEEPER;
  return { kind: classDataKind(launch), log4j: 'kafka', flags: [], mainClass: 'kafka.Kafka' };
}

/** A broker that takes part in a migration also runs a Raft client: other classes, another archive. */
function classDataKind({ node, start, serverConfig }: NodeLaunch): ClassDataKind {
  if (node.role === 'controller') return 'controller';
  if (start.mode === 'kraft') return 'broker-kraft';
  return serverConfig['zookeeper.metadata.migration.enable'] === 'true' ? 'broker-migration' : 'broker-zookeeper';
}

/**
 * A `.properties` file that Java reads as these keys and values, whatever characters they have: Kafka and ZooKeeper read
 * it as ISO 8859-1, in which a backslash begins an escape sequence (Java 17, `java.util.Properties.load`). Paths contain
 * what the user's folders contain.
 */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${escaped(key).replaceAll(/[ :=#!]/g, '\\$&')}=${escaped(value)}\n`)
    .join('');
}

/** Backslashes, leading white space, and everything that is not printable ASCII, in UTF-16 units as Java expects. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replace(/^ /, '\\ ')
    .replaceAll(/[^ -~]/g, (letters) =>
      Array.from({ length: letters.length }, (_, at) => `\\u${hex(letters.charCodeAt(at))}`).join(''),
    );
}

function hex(unit: number): string {
  return unit.toString(16).padStart(4, '0');
}
