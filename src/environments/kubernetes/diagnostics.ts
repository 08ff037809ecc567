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

/** The kinds that show the state of a cluster. Secrets are not among them. */
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
  /** undefined: ZooKeeper does not exist yet, or no longer exists. */
  readonly zookeeper: ZooKeeperReads | undefined;
}

/**
 * Writes the state of a cluster at the end of a run: the objects of its namespace as YAML, one file per kind;
 * `znodes.yaml`; and in `previous/`, for every container that was restarted, the log of its previous run,
 * `POD-CONTAINER.log`. If something cannot be read, its file says so: missing diagnostics never fail a run.
 * @param folder is created. @throws when a file cannot be written.
 */
export async function writeDiagnostics(cluster: DiagnosedCluster, folder: string, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  // allSettled: if one file cannot be written, the others are complete before the cluster is closed.
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
    // Pod.yaml shows the reason.
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
    // After the part that was read.
    await writeFile(file, unreadable(error), { flag: 'a' });
  }
}

function unreadable(error: unknown): string {
  return `# Cannot be read: ${messageOf(error).replaceAll('\n', ' ')}\n`;
}

/** Omits managedFields, which are long and not useful here. */
function withoutManagedFields(object: KubeObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
