import type { KubeApi } from './kube-api.js';

/**
 * The part of a client that reads objects and opens port-forwards: it cannot create, change or delete an object.
 * `config` holds the credentials of the context's user, for the connection of a port-forward.
 */
export type KubeReads = Pick<
  KubeApi,
  'server' | 'config' | 'serverVersion' | 'missingRights' | 'serves' | 'get' | 'list' | 'watch'
>;
