import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterNames, ClusterOptions } from '../../cluster/environment.js';
import type { OperatorProfiles } from '../../operator/profile.js';
import type { NodeIdentity, NodeRuntime, RuntimeListener } from '../node-runtime.js';
import { NodeEvents } from './node-events.js';
import type { Timings } from './overlay.js';
import { clusterNodes, ReplayedCluster } from './replayed-cluster.js';

/** The same in every run: runs are separated by ports, or each has its own network. */
export const REPLAYED_NAMES: ClusterNames = {
  name: 'my-cluster',
  namespace: 'remigrate',
  clusterDomain: 'cluster.local',
};

/**
 * STRIMZI_FULL_RECONCILIATION_INTERVAL_MS of the replay. 120 s by default, 10 s where it was recorded, 30 s in
 * Strimzi's own system tests (docs/behaviour.md): it only decides how often a waiting operator checks again.
 */
const RECONCILIATION_INTERVAL_MS = { fast: 2_000, 'kafka-defaults': 10_000 } as const;

/**
 * A cluster under the replayed operator.
 * @param makeRuntime creates the runtime of every node that the cluster may have.
 */
export async function createReplayedCluster(
  options: ClusterOptions,
  parts: { readonly profiles: OperatorProfiles; readonly timings: Timings },
  makeRuntime: (nodes: readonly NodeIdentity[], listener: RuntimeListener) => Promise<NodeRuntime>,
): Promise<Cluster> {
  const nodes = clusterNodes(REPLAYED_NAMES, options.topology);
  const events = new NodeEvents();
  const runtime = await makeRuntime([...nodes.zookeepers, ...nodes.brokers, ...nodes.controllers], events);
  return new ReplayedCluster({
    ...options,
    names: REPLAYED_NAMES,
    profiles: parts.profiles,
    runtime,
    nodes,
    events,
    reconciliationIntervalMs: RECONCILIATION_INTERVAL_MS[parts.timings],
    tearDown: ({ hurry }) => runtime.close({ graceful: !hurry }),
  });
}
