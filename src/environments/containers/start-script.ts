import { archiveFlags, type ClassDataKind } from '../../distribution/class-data.js';
import { formatArguments } from '../../operator/container-start.js';
import { LOG_FOLDER } from '../../strimzi/nodes.js';
import type { NodeLaunch } from '../node-runtime.js';
import { JVM_FLAGS, type NodeProgram, nodeProgram, STORAGE_TOOL } from '../replayed/node-program.js';
import type { KafkaImage } from './kafka-image.js';

/** Where a node's files are in its container; they belong to root. */
export const PROPERTIES = '/tmp/remigrate/node.properties';
export const LOG4J = '/tmp/remigrate/log4j.properties';

/** The node's own copy: ZooKeeper writes to its configuration and next to it. */
const OWN_PROPERTIES = '/tmp/node.properties';

/** The archives of fixtures/images/class-data.sh. */
const ARCHIVES: Readonly<Record<ClassDataKind, string>> = {
  zookeeper: 'zookeeper.jsa',
  'broker-zookeeper': 'zookeeper-broker.jsa',
  'broker-migration': 'zookeeper-broker.jsa',
  'broker-kraft': 'kraft.jsa',
  controller: 'kraft.jsa',
  'storage-tool': 'storage-tool.jsa',
};

/**
 * What a node's container runs: a script for `sh` that does what Strimzi's start script does (0.45.1
 * `kafka_run.sh:67-109`) and then replaces itself with the JVM, so that SIGTERM reaches it. The image's own scripts
 * are not used: they set flags and logging, which the harness chooses, and they differ between images.
 * @param logFolder Kafka's, in the container; its content decides whether it is formatted.
 */
export function startScript(image: KafkaImage, launch: NodeLaunch, logFolder: string | undefined): string {
  const lines = ['set -eu', `cp ${PROPERTIES} ${OWN_PROPERTIES}`];
  const { start } = launch;
  if (logFolder !== undefined) {
    const metadataLog = `${logFolder}/${LOG_FOLDER.metadataLog}`;
    if (start.deleteMetadataLog) lines.push(`rm -rf ${quoted(metadataLog)}`);
    if (start.deleteQuorumState) lines.push(`rm -f ${quoted(`${metadataLog}/${LOG_FOLDER.quorumState}`)}`);
    if (start.format !== undefined) {
      const format = java(image, STORAGE_TOOL, formatArguments(start.format, OWN_PROPERTIES));
      lines.push(
        `[ -f ${quoted(`${logFolder}/${LOG_FOLDER.metaProperties}`)} ] || ${format} || { echo 'kafka-storage format failed'; exit 1; }`,
      );
    }
  }
  lines.push(`exec ${java(image, nodeProgram(launch), [OWN_PROPERTIES])}`);
  return `${lines.join('\n')}\n`;
}

function java(image: KafkaImage, { kind, flags, mainClass }: NodeProgram, args: readonly string[]): string {
  const archive = `${image.home}/${ARCHIVES[kind]}`;
  return [
    image.java,
    ...JVM_FLAGS,
    ...(image.archives.includes(archive) ? archiveFlags(archive) : []),
    ...flags,
    `-Dlog4j.configuration=file:${LOG4J}`,
    '-cp',
    // The launcher expands this wildcard, not the shell.
    `${image.home}/libs/*`,
    mainClass,
    ...args,
  ]
    .map(quoted)
    .join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
