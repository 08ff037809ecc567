import { DEFINITION, NAMESPACE, POD, VOLUME, type Volume } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KindReference, KubeObject } from '../../kubernetes/kube-object.js';
import { RequestFailed } from '../../kubernetes/request-failed.js';
import { Watched } from '../../kubernetes/watched.js';
import { RUN_LABEL } from './manifests.js';
import { CLUSTER_WIDE } from './runs.js';

/**
 * What runs have created in a cluster is found only by its label, so that nothing else is removed. Volumes do not have
 * the label; they are found by the claims that they were provisioned for.
 */

/** A namespace is not deleted before its pods, whose grace period is 30 s. */
const GONE_MS = 180_000;

/** Set by most provisioners (Kubernetes' PersistentVolume controller, sig-storage-lib-external-provisioner). */
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const DELETE = 'Delete';

interface Definition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

/**
 * Removes everything that a run has created: its namespace with everything in it, the volumes of its claims, its
 * cluster roles, and the CustomResourceDefinitions that runs have installed, if they are unused.
 * @param run the value of its label.
 * @returns descriptions of what was removed: `namespace remigrate-0a1b`.
 * @throws WaitTimedOut when the namespace or a volume is not deleted in time. @throws RequestFailed.
 */
export async function removeRun(api: KubeApi, run: string, signal: AbortSignal): Promise<readonly string[]> {
  const labelSelector = `${RUN_LABEL}=${run}`;
  const removed = await removeNamespaces(api, labelSelector, signal);
  for (const kind of CLUSTER_WIDE) {
    const { items } = await api.list({ ...kind, labelSelector }, { signal });
    for (const { metadata } of items) {
      await api.delete({ ...kind, name: metadata.name }, { signal });
      removed.push(`${kind.kind} ${metadata.name}`);
    }
  }
  return [...removed, ...(await removeUnusedDefinitions(api, signal))];
}

async function removeNamespaces(api: KubeApi, labelSelector: string, signal: AbortSignal): Promise<string[]> {
  const { items } = await api.list({ ...NAMESPACE, labelSelector }, { signal });
  const names = items.map(({ metadata }) => metadata.name);
  const volumes = await releaseVolumes(api, names, signal);
  await removeAndWait(api, NAMESPACE, names, signal, (name) => forceDeletePods(api, name, signal));
  await volumesGone(api, volumes, signal);
  return [...names.map((name) => `namespace ${name}`), ...volumes.map((name) => `volume ${name}`)];
}

/**
 * Finds the volumes that were provisioned for claims of these namespaces, and sets their reclaim policy to `Delete`:
 * with `Retain` they and their storage would outlive their claims. Volumes that an administrator has created are not
 * changed.
 * @returns their names.
 */
async function releaseVolumes(
  api: KubeApi,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (namespaces.length === 0) return [];
  const { items } = await api.list<Volume>(VOLUME, { signal });
  const names: string[] = [];
  for (const { metadata, spec } of items) {
    const { name, annotations } = metadata;
    const { claimRef, persistentVolumeReclaimPolicy: policy } = spec ?? {};
    if (claimRef?.namespace === undefined || !namespaces.includes(claimRef.namespace)) continue;
    const hasProvisioner = annotations?.[PROVISIONED_BY] !== undefined;
    // The name is the provisioners' convention; not all of them set the annotation.
    if (!hasProvisioner && name !== `pvc-${claimRef.uid}`) continue;
    if (hasProvisioner && policy !== DELETE) {
      await api.mergePatch({ ...VOLUME, name }, { spec: { persistentVolumeReclaimPolicy: DELETE } }, { signal });
    }
    names.push(name);
  }
  return names;
}

/** Waits for the provisioners to delete the volumes. A volume without a known provisioner is deleted here. */
async function volumesGone(api: KubeApi, names: readonly string[], signal: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  const watched = await Watched.start<Volume>(api, VOLUME, { signal });
  try {
    for (const name of names) {
      const volume = watched.objects.get(name);
      if (volume !== undefined && volume.metadata.annotations?.[PROVISIONED_BY] === undefined) {
        await api.delete({ ...VOLUME, name }, { signal });
      }
    }
    await allGone(watched, VOLUME.kind, names, signal);
  } finally {
    await watched.close();
  }
}

/** Deletes namespaces, and waits until they are gone: finalizers may delay that. */
async function removeAndWait(
  api: KubeApi,
  kind: KindReference,
  names: readonly string[],
  signal: AbortSignal,
  afterwards: (name: string) => Promise<void>,
): Promise<void> {
  if (names.length === 0) return;
  const watched = await Watched.start(api, { ...kind, labelSelector: RUN_LABEL }, { signal });
  try {
    for (const name of names) {
      await api.delete({ ...kind, name }, { signal });
      await afterwards(name);
    }
    await allGone(watched, kind.kind, names, signal);
  } finally {
    await watched.close();
  }
}

async function allGone<T extends KubeObject>(
  watched: Watched<T>,
  kind: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const left = (): readonly string[] => names.filter((name) => watched.objects.has(name));
  await watched.waitFor(
    () => `${kind} ${left().join(', ')} to be gone`,
    () => (left().length === 0 ? true : undefined),
    GONE_MS,
    signal,
  );
}

/** A broker without a controller takes its whole grace period to stop, and its data is no longer needed. */
async function forceDeletePods(api: KubeApi, namespace: string, signal: AbortSignal): Promise<void> {
  const { items } = await api.list({ ...POD, namespace }, { signal });
  for (const { metadata } of items) {
    await api.delete({ ...POD, namespace, name: metadata.name }, { signal, gracePeriodSeconds: 0 });
  }
}

/**
 * Removes definitions that runs have installed, if there is no run left and no object of their kind exists in any
 * namespace: another user may have started to use them.
 */
async function removeUnusedDefinitions(api: KubeApi, signal: AbortSignal): Promise<readonly string[]> {
  const watched = await Watched.start<Definition>(api, { ...DEFINITION, labelSelector: RUN_LABEL }, { signal });
  try {
    // A run that starts after this list was made changes the definitions: they are not deleted then.
    const definitions = [...watched.objects.values()];
    const { items: runs } = await api.list({ ...NAMESPACE, labelSelector: RUN_LABEL }, { signal });
    if (runs.length > 0) return [];
    const deleted: string[] = [];
    for (const definition of definitions)
      if (await deleteUnused(api, definition, signal)) deleted.push(definition.metadata.name);
    await allGone(watched, DEFINITION.kind, deleted, signal);
    return deleted.map((name) => `CustomResourceDefinition ${name}`);
  } finally {
    await watched.close();
  }
}

/** @returns whether it was deleted: it is used by nobody, and has not changed. */
async function deleteUnused(api: KubeApi, { metadata, spec }: Definition, signal: AbortSignal): Promise<boolean> {
  const { name, resourceVersion } = metadata;
  const apiVersion = `${spec.group}/${spec.versions[0]?.name ?? ''}`;
  const { items: used } = await api.list({ apiVersion, kind: spec.names.kind }, { signal });
  if (used.length > 0) return false;
  const precondition = resourceVersion === undefined ? {} : { resourceVersion };
  try {
    return await api.delete({ ...DEFINITION, name }, { signal, ...precondition });
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 409) return false;
    throw error;
  }
}
