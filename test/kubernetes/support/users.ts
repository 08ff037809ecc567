import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';
import type { Right } from '../../../src/kubernetes/rights.js';

const RBAC = 'rbac.authorization.k8s.io';
const ROLE = { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole' } as const;
const BINDING = { apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding' } as const;
const { signal } = new AbortController();

/** Grants a user rights in all namespaces, with a cluster role that has the user's name. */
export async function allow(api: KubeApi, user: string, rights: readonly Right[]): Promise<void> {
  const rules = rights.map(({ verb, group, resource }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  }));
  const role: KubeObject = { ...ROLE, metadata: { name: user } };
  await api.create({ ...role, rules }, { signal });
  const subjects = [{ kind: 'User', name: user, apiGroup: RBAC }];
  const roleRef = { kind: 'ClusterRole', name: user, apiGroup: RBAC };
  const binding: KubeObject = { ...BINDING, metadata: { name: user } };
  await api.create({ ...binding, subjects, roleRef }, { signal });
}

/** Revokes these rights. */
export async function disallow(api: KubeApi, user: string): Promise<void> {
  for (const kind of [BINDING, ROLE]) await api.delete({ ...kind, name: user }, { signal });
}
