import type { Right } from '../../kubernetes/rights.js';
import { listRights, RIGHTS_TO_FORWARD, verbs } from '../../kubernetes/rights.js';

const READ = ['get', 'list', 'watch'] as const;
const RBAC = 'rbac.authorization.k8s.io';
const DEFINITIONS = 'apiextensions.k8s.io';
const STRIMZI = 'kafka.strimzi.io';

/** What every run does, in all namespaces: its namespace does not exist yet when the rights are checked. */
export const RIGHTS_OF_A_RUN: readonly Right[] = [
  ...verbs(['create', 'delete', ...READ], '', 'namespaces'),
  ...verbs(['create', 'patch', 'delete', ...READ], STRIMZI, 'kafkas', 'kafkanodepools'),
  ...verbs(['delete', ...READ], '', 'pods', 'persistentvolumeclaims'),
  ...verbs(['get', 'list'], '', 'configmaps'),
  ...verbs(['list'], '', 'services'),
  // A run renews a lease while it is live, and looks for those of other runs.
  ...verbs(['create', 'patch', 'list'], 'coordination.k8s.io', 'leases'),
  ...verbs(['list', 'watch'], '', 'events'),
  ...verbs(['list'], 'apps', 'deployments'),
  ...verbs(['list'], 'core.strimzi.io', 'strimzipodsets'),
  ...verbs(['list'], 'storage.k8s.io', 'storageclasses'),
  ...verbs(['get'], '', 'pods/log'),
  ...RIGHTS_TO_FORWARD,
  ...verbs(['list', 'watch', 'patch', 'delete'], '', 'persistentvolumes'),
  // Leftovers of a run are searched by label, even of kinds that it has not created.
  ...verbs(['list'], RBAC, 'clusterroles', 'clusterrolebindings'),
  ...verbs(['list'], DEFINITIONS, 'customresourcedefinitions'),
];

/**
 * What a run also does if it installs its own operator. Whether the user may grant the operator the rights of the
 * release's roles (by having them, or by the verbs escalate and bind) cannot be checked.
 */
export const RIGHTS_TO_INSTALL: readonly Right[] = [
  ...verbs(['create', 'patch', 'delete', 'get', 'watch'], DEFINITIONS, 'customresourcedefinitions'),
  ...verbs(['create', 'patch', 'delete'], RBAC, 'clusterroles', 'clusterrolebindings'),
  ...verbs(['create', 'patch'], RBAC, 'rolebindings'),
  ...verbs(['create', 'patch'], 'apps', 'deployments'),
  ...verbs(['create', 'patch'], '', 'serviceaccounts', 'configmaps'),
  // To see whether a definition is still used, for every kind of the release.
  ...verbs(['list'], STRIMZI, '*'),
];

/** A sentence: which verbs on which resources are missing, and what to do. */
export function describeMissingRights(context: string, missing: readonly Right[]): string {
  return `The user of context ${context} lacks rights that a run needs: ${listRights(missing)}. Use an account that has them, or --kind, which creates a cluster for the run.`;
}
