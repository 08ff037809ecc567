import { CLAIM, type Claim, POD, type Pod, VOLUME, type Volume } from '../kubernetes/core-objects.js';
import type { KubeReads } from '../kubernetes/kube-reads.js';
import {
  CLUSTER_LABEL,
  CONTROLLER_ROLE_LABEL,
  KAFKA_NODE_POOL,
  type KafkaNodePool,
  type KafkaResource,
} from '../strimzi/resources.js';
import { mapConcurrently } from '../waiting/concurrency.js';
import { throughZooKeeper } from './access.js';
import type { ClusterFacts, ControllerLeftovers } from './facts.js';
import { kafkaFacts } from './kafka-facts.js';
import { type ClusterSelection, findKafkas } from './kafkas.js';
import { type Known, tryToRead } from './known.js';
import { leftoversOf } from './leftovers.js';
import { readZnodes } from './zookeeper.js';

/** How many clusters are read at the same time: each of them needs a port-forward to each of its ZooKeeper nodes. */
const CONCURRENCY = 8;

/** What is the same for all clusters of an inspection. */
interface SharedObjects {
  /** All Kafka resources there, selected or not. */
  readonly kafkas: readonly KafkaResource[];
  readonly volumes: Known<readonly Volume[]>;
}

/**
 * Inspects the Kafka clusters of one API server: lists objects, and reads a few znodes through port-forwards. It is
 * read-only and reads no Secret. What cannot be read of a cluster is `unknown` in its facts; the others are still read.
 * @throws as `findKafkas` does.
 */
export async function inspectClusters(api: KubeReads, where: ClusterSelection): Promise<readonly ClusterFacts[]> {
  const { signal } = where;
  const [{ wanted, all }, volumes] = await Promise.all([
    findKafkas(api, where),
    tryToRead(async () => (await api.list<Volume>(VOLUME, { signal })).items, signal),
  ]);
  return mapConcurrently(wanted, CONCURRENCY, (kafka) => inspect(api, kafka, { kafkas: all, volumes }, signal));
}

async function inspect(
  api: KubeReads,
  kafka: KafkaResource,
  shared: SharedObjects,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  const { context } = api.server;
  const [znodes, leftovers] = await Promise.all([
    tryToRead(() => throughZooKeeper(api, kafka, signal, readZnodes), signal),
    tryToRead(() => leftoversIn(api, kafka, shared, signal), signal),
  ]);
  const name = `${context}/${namespace}/${cluster}`;
  const known = kafkaFacts(kafka);
  return { name, context, namespace, cluster, readBy: 'remigrate', kafka: { known }, znodes, leftovers };
}

async function leftoversIn(
  api: KubeReads,
  kafka: KafkaResource,
  { kafkas, volumes }: SharedObjects,
  signal: AbortSignal,
): Promise<ControllerLeftovers> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  const labelSelector = `${CLUSTER_LABEL}=${cluster}`;
  const ofControllers = `${labelSelector},${CONTROLLER_ROLE_LABEL}=true`;
  const [pools, pods, claims] = await Promise.all([
    api.list<KafkaNodePool>({ ...KAFKA_NODE_POOL, namespace, labelSelector }, { signal }),
    api.list<Pod>({ ...POD, namespace, labelSelector: ofControllers }, { signal }),
    api.list<Claim>({ ...CLAIM, namespace, labelSelector }, { signal }),
  ]);
  const neighbours = kafkas.filter(({ metadata }) => metadata.namespace === namespace);
  return leftoversOf(kafka, {
    clusters: neighbours.map(({ metadata }) => metadata.name),
    pools: pools.items,
    pods: pods.items,
    claims: claims.items,
    volumes,
  });
}
