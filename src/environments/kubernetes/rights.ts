import type { Right } from '../../kubernetes/rights.js';
import { listRights, RIGHTS_TO_FORWARD, verbs } from '../../kubernetes/rights.js';

const READ = ['get', 'list', 'watch'] as const;
const RBAC = 'rbac.authorization.k8s.io';
const DEFINITIONS = 'apiextensions.k8s.io';
const STRIMZI = 'kafka.strimzi.io';

/** What any run does, in all namespaces: its own does not exist when the rights are asked for. */
export const RIGHTS_OF_A_RUN: readonly Right[] = [
  ...verbs(['create', 'delete', ...READ], '', 'namespaces'),
  ...verbs(['create', 'patch', 'delete', ...READ], STRIMZI, 'kafkas', 'kafkanodepools'),
  ...verbs(['delete', ...READ], '', 'pods', 'persistentvolumeclaims'),
  ...verbs(['get', 'list'], '', 'configmaps'),
  ...verbs(['list'], '', 'services'),
  ...verbs(['list', 'watch'], '', 'events'),
  ...verbs(['list'], 'apps', 'deployments'),
  ...verbs(['list'], 'core.strimzi.io', 'strimzipodsets'),
  ...verbs(['list'], 'storage.k8s.io', 'storageclasses'),
  ...verbs(['get'], '', 'pods/log'),
  ...RIGHTS_TO_FORWARD,
  ...verbs(['list', 'watch', 'patch', 'delete'], '', 'persistentvolumes'),
  // What a run has left is looked for by label, also where it can have left nothing.
  ...verbs(['list'], RBAC, 'clusterroles', 'clusterrolebindings'),
  ...verbs(['list'], DEFINITIONS, 'customresourcedefinitions'),
];

/**
 * What a run does beside that when it installs its own operator. That the user may give the operator the rights that stand
 * in the release's roles (he has them himself, or the verbs escalate and bind) can't be asked for.
 */
export const RIGHTS_TO_INSTALL: readonly Right[] = [
  ...verbs(['create', 'patch', 'delete', 'get', 'watch'], DEFINITIONS, 'customresourcedefinitions'),
  ...verbs(['create', 'patch', 'delete'], RBAC, 'clusterroles', 'clusterrolebindings'),
  ...verbs(['create', 'patch'], RBAC, 'rolebindings'),
  ...verbs(['create', 'patch'], 'apps', 'deployments'),
  ...verbs(['create', 'patch'], '', 'serviceaccounts', 'configmaps'),
  // Whether a definition is still used: of all that the release defines.
  ...verbs(['list'], STRIMZI, '*'),
];

/** As a sentence: which verbs on which resource, and what to do. */
export function describeMissingRights(context: string, missing: readonly Right[]): string {
  return `The user of context ${context} lacks rights that a run needs: ${listRights(missing)}. Use an account that has them, or --kind for a cluster of the run's own.`;
}
