import { DEFINITION, isBeingDeleted, LEASE, type Lease, NAMESPACE } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import { RUN_LABEL } from './manifests.js';
import { LEASE_SECONDS, TITLE_ANNOTATION } from './run-lease.js';

/** A run of which something is in the cluster. */
export interface RunInCluster {
  /** The value of its label. */
  readonly run: string;
  /** Whether its harness renews its lease. What a run that is not live has created was left behind. */
  readonly live: boolean;
  /** `rollback-remigrate-0.45.1, process 12 on lab-host`; undefined: it has no lease. */
  readonly holder: string | undefined;
  /** When the harness was last heard of, in seconds before now; undefined: it has no lease. */
  readonly renewedSecondsAgo: number | undefined;
  /** Whether nothing of it is left but CustomResourceDefinitions, which other runs may use. */
  readonly onlyDefinitions: boolean;
}

/** Kinds without a namespace of which a run creates objects of its own. */
export const CLUSTER_WIDE = [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
] as const;

/** The objects of all runs, as far as they show which runs there are. */
export interface ObjectsOfRuns {
  readonly namespaces: readonly KubeObject[];
  readonly leases: readonly Lease[];
  /** Cluster roles and bindings. */
  readonly roles: readonly KubeObject[];
  readonly definitions: readonly KubeObject[];
}

/** The runs of which something is in the cluster, in order of name. */
export async function runsIn(api: KubeApi, signal: AbortSignal): Promise<readonly RunInCluster[]> {
  const labelled = async <T extends KubeObject>(kind: { readonly apiVersion: string; readonly kind: string }) =>
    (await api.list<T>({ ...kind, labelSelector: RUN_LABEL }, { signal })).items;
  const roles: KubeObject[] = [];
  for (const kind of CLUSTER_WIDE) roles.push(...(await labelled(kind)));
  const definitions = await labelled(DEFINITION);
  // Leases last: what their times are compared with is the time of this response.
  const namespaces = await labelled(NAMESPACE);
  const leases = await labelled<Lease>(LEASE);
  return runsOf({ namespaces, leases, roles, definitions }, api.serverTime());
}

/**
 * The runs of these objects, in order of name.
 * @param now the API server's time, in milliseconds since the epoch. Leases are written in the same clock's time.
 */
export function runsOf(
  { namespaces, leases, roles, definitions }: ObjectsOfRuns,
  now: number,
): readonly RunInCluster[] {
  const names = new Set([...namespaces, ...leases, ...roles, ...definitions].flatMap((object) => runOf(object) ?? []));
  return [...names].sort().map((run) => {
    const namespace = namespaces.find((object) => runOf(object) === run);
    const lease = leases.find((object) => runOf(object) === run);
    const renewed = Date.parse(lease?.spec?.renewTime ?? '');
    return {
      run,
      live: lease === undefined ? isBeingSetUp(namespace, now) : isHeld(lease, renewed, now),
      holder: lease === undefined ? undefined : holderOf(lease),
      renewedSecondsAgo: Number.isNaN(renewed) ? undefined : Math.max(0, Math.round((now - renewed) / 1000)),
      onlyDefinitions: ![...namespaces, ...roles].some((object) => runOf(object) === run),
    };
  });
}

/**
 * `run remigrate-0a1b (rollback-remigrate-0.45.1, process 12 on lab-host, seen 8 s ago)`
 */
export function describeRun({ run, holder, renewedSecondsAgo }: RunInCluster): string {
  const facts = [holder, renewedSecondsAgo === undefined ? undefined : `seen ${renewedSecondsAgo} s ago`];
  const known = facts.filter((fact) => fact !== undefined);
  return `run ${run}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

function runOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[RUN_LABEL];
}

function isHeld({ spec }: Lease, renewed: number, now: number): boolean {
  return renewed + (spec?.leaseDurationSeconds ?? LEASE_SECONDS) * 1000 > now;
}

/** The lease of a run is created a moment after its namespace. */
function isBeingSetUp(namespace: KubeObject | undefined, now: number): boolean {
  if (namespace === undefined || isBeingDeleted(namespace)) return false;
  return Date.parse(namespace.metadata.creationTimestamp ?? '') + LEASE_SECONDS * 1000 > now;
}

function holderOf({ metadata, spec }: Lease): string | undefined {
  const facts = [metadata.annotations?.[TITLE_ANNOTATION], spec?.holderIdentity].filter((fact) => fact !== undefined);
  return facts.length === 0 ? undefined : facts.join(', ');
}
