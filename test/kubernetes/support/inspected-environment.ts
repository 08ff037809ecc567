import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Environment } from '../../../src/cluster/environment.js';

/** Called with the namespace of the cluster to inspect. */
export type Inspect = (namespace: string) => Promise<void>;

/** An environment whose clusters are inspected before each migration, and again before they are closed. */
export function inspectedEnvironment(environment: Environment, inspect: Inspect): Environment {
  return {
    parts: environment.parts,
    sideBySide: environment.sideBySide,
    namesOf: (workspace) => environment.namesOf(workspace),
    create: async (options) => {
      const cluster = await environment.create(options);
      const { namespace } = environment.namesOf(options.workspace);
      return inspectedCluster(cluster, () => inspect(namespace));
    },
    close: () => environment.close(),
  };
}

function inspectedCluster(cluster: Cluster, inspect: () => Promise<void>): Cluster {
  const gestures: Pick<Cluster, 'createControllerPool' | 'close'> = {
    createControllerPool: async (options) => {
      await inspect();
      await cluster.createControllerPool(options);
    },
    close: async (options) => {
      try {
        await inspect();
      } finally {
        await cluster.close(options);
      }
    },
  };
  return new Proxy(cluster, {
    get: (_, name) => {
      const own: unknown = Reflect.get(gestures, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(cluster, name, cluster);
      return typeof value === 'function' ? value.bind(cluster) : value;
    },
  });
}
