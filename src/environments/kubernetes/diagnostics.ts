import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { messageOf } from '../../errors.js';
import type { KubeApi } from './api/kube-api.js';
import type { KindReference, KubeObject } from './api/kube-object.js';
import { CLAIM, CONFIG_MAP, KAFKA, KAFKA_NODE_POOL, POD } from './strimzi-objects.js';

/** What tells why a cluster is as it is. Secrets are not among them. */
const KINDS: readonly KindReference[] = [
  KAFKA,
  KAFKA_NODE_POOL,
  { apiVersion: 'core.strimzi.io/v1beta2', kind: 'StrimziPodSet' },
  POD,
  CLAIM,
  CONFIG_MAP,
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'Event' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
];

/**
 * Writes the objects of a namespace as YAML, one file a kind, as they are at the end of a run. What can't be read is said in
 * its file: diagnostics are no reason for a run to fail.
 * @param folder is made.
 */
export async function writeDiagnostics(
  api: KubeApi,
  namespace: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all(
    KINDS.map(async (kind) => {
      const text = await api.list({ ...kind, namespace }, { signal }).then(
        ({ items }) => items.map((object) => stringify(withoutManagedFields(object))).join('---\n'),
        (error: unknown) => `# These could not be read: ${messageOf(error).replaceAll('\n', ' ')}\n`,
      );
      await writeFile(join(folder, `${kind.kind}.yaml`), text);
    }),
  );
}

/** Who set which field: pages that say nothing here. */
function withoutManagedFields(object: KubeObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
