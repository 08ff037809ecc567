import type { NodeRole } from './migration-state.js';

/**
 * What Strimzi gives every Kafka node: a pod's name, a host name, listeners and a volume (Strimzi 0.45.1
 * `KafkaPool.java:293`, `KafkaResources.java`, `DnsNameGenerator.java`, `ListenersUtils.java`, `VolumeUtils.java`).
 */

/** Ports of the listeners. The plain one is the recordings' `spec.kafka.listeners`. */
export const LISTENER_PORTS = { controlPlane: 9090, replication: 9091, plain: 9092 } as const;

/** Names of the same listeners in `listeners` and `advertised.listeners`. */
export const LISTENER_NAMES = {
  controlPlane: `CONTROLPLANE-${LISTENER_PORTS.controlPlane}`,
  replication: `REPLICATION-${LISTENER_PORTS.replication}`,
  plain: `PLAIN-${LISTENER_PORTS.plain}`,
} as const;

/** Where JBOD volume 0 is mounted, with the data and the `kraftMetadata: shared` metadata of every pool. */
export const KAFKA_VOLUME = '/var/lib/kafka/data-0';

/** The folder of a node's logs on its volume. */
export function logFolderName(nodeId: number): string {
  return `kafka-log${nodeId}`;
}

/** The files in the folder of a node's logs that a container start looks at. */
export const LOG_FOLDER = {
  metaProperties: 'meta.properties',
  metadataLog: '__cluster_metadata-0',
  /** In the folder `metadataLog`. */
  quorumState: 'quorum-state',
} as const;

/**
 * `meta.properties` as a broker in ZooKeeper mode writes it (Kafka 3.9.0 `MetaProperties.java`, version 0; a missing
 * version counts as 0).
 */
export function zooKeeperMetaProperties(brokerId: number, clusterId: string): string {
  return `version=0\nbroker.id=${brokerId}\ncluster.id=${clusterId}\n`;
}

/** `my-cluster-broker-0` */
export function podName(cluster: string, pool: string, nodeId: number): string {
  return `${cluster}-${pool}-${nodeId}`;
}

/** `my-cluster-broker-0.my-cluster-kafka-brokers.NAMESPACE.svc`: the name of a pod in its headless service. */
export function podHost(
  cluster: { readonly name: string; readonly namespace: string },
  role: NodeRole,
  pod: string,
): string {
  const service = role === 'zookeeper' ? 'zookeeper-nodes' : 'kafka-brokers';
  return `${pod}.${cluster.name}-${service}.${cluster.namespace}.svc`;
}

/** `my-cluster-zookeeper-client`: the service that Kafka nodes connect to. */
export function zooKeeperService(cluster: string): string {
  return `${cluster}-zookeeper-client`;
}
