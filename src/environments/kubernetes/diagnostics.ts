import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'yaml';
import { messageOf } from '../../errors.js';
import { CLAIM, CONFIG_MAP, EVENT, POD, type Pod } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KindReference, KubeObject } from '../../kubernetes/kube-object.js';
import type { ZooKeeperReads } from '../../metadata/zookeeper/reader.js';
import { KAFKA, KAFKA_NODE_POOL } from '../../strimzi/resources.js';
import { dumpZnodes } from './znode-dump.js';

/** What tells why a cluster is as it is. Secrets are not among them. */
const KINDS: readonly KindReference[] = [
  KAFKA,
  KAFKA_NODE_POOL,
  { apiVersion: 'core.strimzi.io/v1beta2', kind: 'StrimziPodSet' },
  POD,
  CLAIM,
  CONFIG_MAP,
  { apiVersion: 'v1', kind: 'Service' },
  EVENT,
  { apiVersion: 'apps/v1', kind: 'Deployment' },
];

/** Where diagnostics come from. */
export interface DiagnosedCluster {
  readonly api: KubeApi;
  readonly namespace: string;
  /** undefined: there is no ZooKeeper, not yet or not any more. */
  readonly zookeeper: ZooKeeperReads | undefined;
}

/**
 * Writes a cluster as it is at the end of a run: the objects of its namespace as YAML, one file a kind; `znodes.yaml`; and in
 * `previous/` the log of the container before the present one, `POD-CONTAINER.log`, of every container that was started
 * again. What can't be read is said in its file: diagnostics are no reason for a run to fail.
 * @param folder is made. @throws when a file can't be written.
 */
export async function writeDiagnostics(cluster: DiagnosedCluster, folder: string, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Settled: when one file can't be written, nothing is still at work as the cluster is closed.
  const parts = await Promise.allSettled([
    ...KINDS.map((kind) => writeObjects(cluster, kind, folder, signal)),
    writePreviousLogs(cluster, join(folder, 'previous'), signal),
    writeZnodes(cluster, folder),
  ]);
  const failed = parts.find((part) => part.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function writeObjects(
  { api, namespace }: DiagnosedCluster,
  kind: KindReference,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const text = await api
    .list({ ...kind, namespace }, { signal })
    .then(({ items }) => items.map((object) => stringify(withoutManagedFields(object))).join('---\n'), unreadable);
  await writeFile(join(folder, `${kind.kind}.yaml`), text);
}

async function writeZnodes({ zookeeper }: DiagnosedCluster, folder: string): Promise<void> {
  const text = zookeeper === undefined ? '# There is no ZooKeeper.\n' : stringify(await dumpZnodes(zookeeper));
  await writeFile(join(folder, 'znodes.yaml'), text);
}

async function writePreviousLogs(cluster: DiagnosedCluster, folder: string, signal: AbortSignal): Promise<void> {
  const { api, namespace } = cluster;
  const pods = await api.list<Pod>({ ...POD, namespace }, { signal }).then(
    ({ items }) => items,
    // Pod.yaml says why.
    () => [],
  );
  const containers = pods.flatMap(({ metadata: { name }, status }) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
      .filter(({ restartCount }) => restartCount > 0)
      .map((container) => ({ pod: name, container: container.name })),
  );
  if (containers.length === 0) return;
  await mkdir(folder, { recursive: true });
  await Promise.all(
    containers.map(({ pod, container }) =>
      writePreviousLog(cluster, { pod, container }, join(folder, `${pod}-${container}.log`), signal),
    ),
  );
}

async function writePreviousLog(
  { api, namespace }: DiagnosedCluster,
  { pod, container }: { readonly pod: string; readonly container: string },
  file: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const log = await api.podLog({ namespace, name: pod }, { container, previous: true }, { signal });
    await pipeline(log, createWriteStream(file), { signal });
  } catch (error) {
    // Behind what has come of it.
    await writeFile(file, unreadable(error), { flag: 'a' });
  }
}

function unreadable(error: unknown): string {
  return `# This could not be read: ${messageOf(error).replaceAll('\n', ' ')}\n`;
}

/** Who set which field: pages that say nothing here. */
function withoutManagedFields(object: KubeObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
