import type { RequestOptions, Requests } from './requests.js';

/** An action that a user may or may not be allowed to do, as in RBAC. */
export interface Right {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** The plural; a subresource after a slash: `pods/portforward`. */
  readonly resource: string;
  /** Omitted: in all namespaces, or a cluster-wide resource. */
  readonly namespace?: string;
}

/** How many SelfSubjectAccessReviews run concurrently: the API server limits each client's requests. */
const CONCURRENT_REVIEWS = 8;

/** @returns those of the rights that the user does not have. @throws as {@link Requests} does. */
export async function missingRights(
  requests: Requests,
  rights: readonly Right[],
  options: RequestOptions,
): Promise<readonly Right[]> {
  const allowed = new Map<Right, boolean>();
  for (let from = 0; from < rights.length; from += CONCURRENT_REVIEWS) {
    const some = rights.slice(from, from + CONCURRENT_REVIEWS);
    await Promise.all(some.map(async (right) => allowed.set(right, await isAllowed(requests, right, options))));
  }
  return rights.filter((right) => allowed.get(right) !== true);
}

async function isAllowed(requests: Requests, right: Right, options: RequestOptions): Promise<boolean> {
  const [resource, subresource] = right.resource.split('/');
  const { verb, group, namespace } = right;
  const answer = (await requests.json(
    {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
      },
      action: { verb: 'create', resource: 'selfsubjectaccessreviews.authorization.k8s.io' },
    },
    options,
  )) as { status?: { allowed?: boolean } };
  return answer.status?.allowed === true;
}

/** Each verb on each resource of an API group; the core group is `''`. */
export function verbs(verbs: readonly string[], group: string, ...resources: readonly string[]): readonly Right[] {
  return resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));
}

/**
 * A port-forward over WebSocket begins with a GET: up to Kubernetes 1.34 it needs `get` (measured on 1.33), later also
 * `create` (KEP-4006 and the feature AuthorizePodWebsocketUpgradeCreatePermission).
 */
export const RIGHTS_TO_FORWARD: readonly Right[] = verbs(['get', 'create'], '', 'pods/portforward');

/** `create, get pods/portforward; list kafkas.kafka.strimzi.io` */
export function listRights(rights: readonly Right[]): string {
  const found = new Map<string, string[]>();
  for (const { verb, group, resource } of rights) {
    const name = group === '' ? resource : `${resource}.${group}`;
    found.set(name, [...(found.get(name) ?? []), verb]);
  }
  return [...found].map(([resource, which]) => `${which.join(', ')} ${resource}`).join('; ');
}
