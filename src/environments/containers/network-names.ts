import type { ClusterNames } from '../../cluster/environment.js';
import type { NodeIdentity } from '../node-runtime.js';

/** Ports in the run's network, Strimzi's own. */
export const ZOOKEEPER_PORTS = { client: 2181, quorum: 2888, election: 3888 } as const;
/** `CONTROLPLANE-9090`. */
export const CONTROL_PLANE_PORT = 9090;
/** The plain listener, `PLAIN-9092`: what the host's clients use. */
export const PLAIN_PORT = 9092;

/**
 * The name by which other nodes know a node: that of its pod in a headless service, as it stands in Strimzi's
 * configurations (0.45.1 `KafkaResources.java`, `DnsNameGenerator.java`).
 */
export function nodeHost(names: ClusterNames, { role, pod }: NodeIdentity): string {
  const service = role === 'zookeeper' ? 'zookeeper-nodes' : 'kafka-brokers';
  return `${pod}.${names.name}-${service}.${names.namespace}.svc`;
}

/** All names of a node: those that Kubernetes' services would give it. */
export function networkNames(names: ClusterNames, node: NodeIdentity): readonly string[] {
  const host = nodeHost(names, node);
  const service = node.role === 'zookeeper' ? [`${names.name}-zookeeper-client`] : [];
  return [host, `${host}.${names.clusterDomain}`, ...service];
}

/** The port that the host's clients reach; a controller has none. */
export function clientPort(node: NodeIdentity): number | undefined {
  if (node.role === 'controller') return undefined;
  return node.role === 'zookeeper' ? ZOOKEEPER_PORTS.client : PLAIN_PORT;
}
