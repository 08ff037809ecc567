import type { KubeApi } from './api/kube-api.js';
import type { KindReference, KubeObject } from './api/kube-object.js';
import { Watched } from './api/watched.js';
import { RUN_LABEL } from './manifests.js';
import { DEFINITION, NAMESPACE, POD } from './strimzi-objects.js';

/** What runs have made in a cluster is found by its label, and by nothing else: so it is removed, and nothing else is. */

const CLUSTER_WIDE = [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
] as const;

/** A namespace with a Kafka cluster in it is gone when its pods are: their grace period is 30 s. */
const GONE_MS = 180_000;

interface Definition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

/** The runs that have left something in the cluster, by the value of their label. */
export async function runsIn(api: KubeApi, signal: AbortSignal): Promise<readonly string[]> {
  const runs = new Set<string>();
  for (const kind of [NAMESPACE, ...CLUSTER_WIDE, DEFINITION]) {
    const { items } = await api.list({ ...kind, labelSelector: RUN_LABEL }, { signal });
    for (const { metadata } of items) {
      const run = metadata.labels?.[RUN_LABEL];
      if (run !== undefined) runs.add(run);
    }
  }
  return [...runs].sort();
}

/**
 * Removes everything that a run has made: its namespace with all that is in it, its cluster roles, and our
 * CustomResourceDefinitions where nobody uses them.
 * @param run the value of its label.
 * @returns what was removed, in words: `namespace remigrate-0a1b`.
 * @throws WaitTimedOut when the namespace does not go. @throws RequestFailed.
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
  await removeAndWait(api, NAMESPACE, names, signal, (name) => hurryPods(api, name, signal));
  return names.map((name) => `namespace ${name}`);
}

/** Deletes objects without a namespace, and waits until they are gone: finalizers keep them for a while. */
async function removeAndWait(
  api: KubeApi,
  kind: KindReference,
  names: readonly string[],
  signal: AbortSignal,
  afterwards: (name: string) => Promise<void> = async () => undefined,
): Promise<void> {
  if (names.length === 0) return;
  const watched = await Watched.start(api, { ...kind, labelSelector: RUN_LABEL }, { signal });
  try {
    for (const name of names) {
      await api.delete({ ...kind, name }, { signal });
      await afterwards(name);
    }
    const left = (): readonly string[] => names.filter((name) => watched.objects.has(name));
    await watched.waitFor(
      () => `${kind.kind} ${left().join(', ')} to be gone`,
      () => (left().length === 0 ? true : undefined),
      GONE_MS,
      signal,
    );
  } finally {
    await watched.close();
  }
}

/** A broker without its controller takes all of its grace period to stop: nobody needs what it would save. */
async function hurryPods(api: KubeApi, namespace: string, signal: AbortSignal): Promise<void> {
  const { items } = await api.list({ ...POD, namespace }, { signal });
  for (const { metadata } of items) {
    await api.delete({ ...POD, namespace, name: metadata.name }, { signal, gracePeriodSeconds: 0 });
  }
}

/** Ours go when no object of their kind is left, in any namespace: another run or somebody else may use them. */
async function removeUnusedDefinitions(api: KubeApi, signal: AbortSignal): Promise<readonly string[]> {
  const { items: runs } = await api.list({ ...NAMESPACE, labelSelector: RUN_LABEL }, { signal });
  // Another run is about to use them.
  if (runs.length > 0) return [];
  const { items } = await api.list<Definition>({ ...DEFINITION, labelSelector: RUN_LABEL }, { signal });
  const unused: string[] = [];
  for (const { metadata, spec } of items) {
    const apiVersion = `${spec.group}/${spec.versions[0]?.name ?? ''}`;
    const { items: used } = await api.list({ apiVersion, kind: spec.names.kind }, { signal });
    if (used.length === 0) unused.push(metadata.name);
  }
  await removeAndWait(api, DEFINITION, unused, signal);
  return unused.map((name) => `CustomResourceDefinition ${name}`);
}
