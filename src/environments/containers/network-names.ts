import type { ClusterNames } from '../../cluster/environment.js';
import { LISTENER_PORTS, podHost, zooKeeperService } from '../../strimzi/nodes.js';
import type { NodeIdentity } from '../node-runtime.js';

/** Ports in the run's network, as in Strimzi. */
export const ZOOKEEPER_PORTS = { client: 2181, quorum: 2888, election: 3888 } as const;
/** The name by which other nodes know a node, as in Strimzi's configurations. */
export function nodeHost(names: ClusterNames, { role, pod }: NodeIdentity): string {
  return podHost(names, role, pod);
}

/** All names of a node: those that services in Kubernetes would give it. */
export function networkNames(names: ClusterNames, node: NodeIdentity): readonly string[] {
  const host = nodeHost(names, node);
  const service = node.role === 'zookeeper' ? [zooKeeperService(names.name)] : [];
  return [host, `${host}.${names.clusterDomain}`, ...service];
}

/**
 * The port that is published on this machine: for clients, and at a controller, which has none, for the question whether
 * it responds.
 */
export function publishedPort(node: NodeIdentity): number {
  if (node.role === 'controller') return LISTENER_PORTS.controlPlane;
  return node.role === 'zookeeper' ? ZOOKEEPER_PORTS.client : LISTENER_PORTS.plain;
}
