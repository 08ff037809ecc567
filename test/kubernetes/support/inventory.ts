import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';
import { RequestFailed } from '../../../src/kubernetes/request-failed.js';
import { Transport } from '../../../src/kubernetes/transport.js';

/** The parts of APIGroupList and APIResourceList (API machinery v1) that are read. */
interface Groups {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}
interface Resources {
  readonly resources: readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[];
}

/** Kinds that a cluster changes all the time. */
const ALWAYS_CHANGING: ReadonlySet<string> = new Set([
  // Events expire.
  'Event',
  // Heartbeats of nodes, and leader elections of controllers.
  'Lease',
  // The kubelet reports its state and images in the status.
  'Node',
  // A controller renews its Ready condition.
  'ServiceCIDR',
]);

/** Every object of the cluster, of every kind that can be listed, except those that change all the time. */
export async function everyObject(api: KubeApi): Promise<readonly KubeObject[]> {
  const transport = new Transport(api.config);
  const { signal } = new AbortController();
  const get = async (path: string): Promise<unknown> =>
    JSON.parse(
      await transport.send({ method: 'GET', path, action: { verb: 'get', resource: path } }, signal),
    ) as unknown;
  /** Discovery still lists a kind for a moment after its definition and all its objects are gone. */
  const getIfServed = async (path: string): Promise<unknown> => {
    try {
      return await get(path);
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 404) return undefined;
      throw error;
    }
  };
  try {
    const { groups } = (await get('/apis')) as Groups;
    const roots = [
      ['v1', '/api/v1'] as const,
      ...groups.map(({ preferredVersion: { groupVersion } }) => [groupVersion, `/apis/${groupVersion}`] as const),
    ];
    const objects: KubeObject[] = [];
    for (const [apiVersion, root] of roots) {
      const { resources } = ((await getIfServed(root)) ?? { resources: [] }) as Resources;
      for (const { name, kind, verbs } of resources) {
        if (name.includes('/') || !verbs.includes('list') || ALWAYS_CHANGING.has(kind)) continue;
        const { items } = ((await getIfServed(`${root}/${name}`)) ?? { items: [] }) as {
          readonly items: readonly KubeObject[];
        };
        for (const item of items) objects.push({ ...item, apiVersion, kind });
      }
    }
    return objects;
  } finally {
    transport.close();
  }
}

/** `v1 ConfigMap kube-system/coredns` */
export function describeObject({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): string {
  return `${apiVersion} ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** The name of a run's namespace, and the value of its label. */
const A_RUN = /remigrate-[0-9a-f]{12}\b/;

/** Every object of the cluster that mentions a run, in a name, a label or anywhere else: a run leaves none. */
export async function leftovers(api: KubeApi): Promise<readonly string[]> {
  return (await everyObject(api)).filter((object) => A_RUN.test(JSON.stringify(object))).map(describeObject);
}
