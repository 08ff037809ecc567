import type { Right } from './kube-api.js';

/** Each verb on each resource of an API group; the core group is `''`. */
export function verbs(verbs: readonly string[], group: string, ...resources: readonly string[]): readonly Right[] {
  return resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));
}

/**
 * A port-forward over WebSocket begins with a GET: up to Kubernetes 1.34 that is `get` (measured on 1.33), later `create` is asked
 * for, too (KEP-4006 and the feature AuthorizePodWebsocketUpgradeCreatePermission).
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
