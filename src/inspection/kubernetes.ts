import { KAFKA_METADATA_STATES } from '../cluster/migration-state.js';
import { PortForward } from '../environments/kubernetes/api/forward.js';
import type { KubeApi } from '../environments/kubernetes/api/kube-api.js';
import type { KubeObject } from '../environments/kubernetes/api/kube-object.js';
import { ZOOKEEPER_PORT } from '../environments/kubernetes/cluster-access.js';
import {
  CLAIM,
  CLUSTER_LABEL,
  type Claim,
  CONTROLLER_ROLE_LABEL,
  KAFKA,
  KAFKA_NODE_POOL,
  type KafkaResource as KafkaObject,
  kraftAnnotation,
  POD,
  POOL_LABEL,
  VOLUME,
  type Volume,
} from '../environments/kubernetes/strimzi-objects.js';
import { messageOf, RemigrateError } from '../errors.js';
import { connectZooKeeper } from '../metadata/zookeeper/client.js';
import type { ClusterFacts, ControllerRemains, KafkaResource, Known, Znodes } from './facts.js';
import { readZnodes } from './zookeeper.js';

/** The Kafka resource with the part that tells whether it has a ZooKeeper (Strimzi 0.40 to 0.45: `api/.../KafkaSpec.java`). */
interface Kafka extends KafkaObject {
  readonly spec?: { readonly zookeeper?: object };
}

interface NodePool extends KubeObject {
  readonly spec?: { readonly roles?: readonly string[] };
}

export interface Where {
  /** undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** undefined: every cluster there. */
  readonly cluster: string | undefined;
  readonly signal: AbortSignal;
}

const PAUSED_ANNOTATION = 'strimzi.io/pause-reconciliation';
const NODE_POOLS_ANNOTATION = 'strimzi.io/node-pools';
const NAME_LABEL = 'strimzi.io/name';
/** The only pool of a cluster without node pools (Strimzi 0.45.1 `VirtualNodePoolConverter.java`). */
const VIRTUAL_POOL = 'kafka';
const CONNECT_MS = 15_000;
const SESSION_MS = 15_000;

/**
 * Looks at the Kafka clusters of one API server: lists objects and reads a few znodes through a port-forward. Writes nothing,
 * and reads no Secret. What can't be read of a cluster is said there; the others are looked at all the same.
 * @throws RequestFailed when the Kafka resources themselves can't be listed. @throws UnknownKind without Strimzi's definitions.
 */
export async function inspectClusters(
  api: KubeApi,
  { namespace, cluster, signal }: Where,
): Promise<readonly ClusterFacts[]> {
  const { items } = await api.list<Kafka>({ ...KAFKA, ...(namespace === undefined ? {} : { namespace }) }, { signal });
  const wanted = items.filter(({ metadata }) => cluster === undefined || metadata.name === cluster);
  return Promise.all(wanted.map((kafka) => inspect(api, kafka, signal)));
}

async function inspect(api: KubeApi, kafka: Kafka, signal: AbortSignal): Promise<ClusterFacts> {
  const { name, namespace = '' } = kafka.metadata;
  const resource = kafkaResource(kafka);
  const [znodes, remains] = await Promise.all([
    kafka.spec?.zookeeper === undefined
      ? { unknown: 'the Kafka resource has no ZooKeeper' }
      : known(() => znodesOf(api, namespace, name, signal), signal),
    known(() => remainsOf(api, kafka, signal), signal),
  ]);
  return {
    name: `${api.server.context}/${namespace}/${name}`,
    cluster: name,
    namespace,
    kafka: { known: resource },
    znodes,
    remains,
  };
}

async function known<T>(read: () => Promise<T>, signal: AbortSignal): Promise<Known<T>> {
  try {
    return { known: await read() };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RemigrateError)) throw error;
    return { unknown: messageOf(error) };
  }
}

function kafkaResource(kafka: Kafka): KafkaResource {
  const { metadata, status } = kafka;
  return {
    annotation: kraftAnnotation(kafka),
    // One that a later Strimzi may have brought tells nothing here.
    state: KAFKA_METADATA_STATES.find((value) => value === status?.kafkaMetadataState),
    paused: metadata.annotations?.[PAUSED_ANNOTATION] === 'true',
    warnings: (status?.conditions ?? []).flatMap(({ type, message }) =>
      type === 'Warning' && message !== undefined ? [message] : [],
    ),
    kafkaVersion: status?.kafkaVersion,
    operatorVersion: status?.operatorLastSuccessfulVersion,
  };
}

async function znodesOf(api: KubeApi, namespace: string, cluster: string, signal: AbortSignal): Promise<Znodes> {
  const pod = `${cluster}-zookeeper-0`;
  const forward = await PortForward.open(api, { namespace, pod, port: ZOOKEEPER_PORT }, { signal });
  try {
    const client = await connectZooKeeper({
      connectString: `127.0.0.1:${forward.localPort}`,
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: CONNECT_MS,
      signal,
    });
    try {
      return await readZnodes(client);
    } finally {
      await client.close();
    }
  } finally {
    await forward.close();
  }
}

async function remainsOf(api: KubeApi, kafka: Kafka, signal: AbortSignal): Promise<ControllerRemains> {
  const { name: cluster, namespace = '', annotations = {} } = kafka.metadata;
  const ofCluster = { namespace, labelSelector: `${CLUSTER_LABEL}=${cluster}` };
  const [pools, pods, claims, volumes] = await Promise.all([
    api.list<NodePool>({ ...KAFKA_NODE_POOL, ...ofCluster }, { signal }),
    api.list(
      { ...POD, namespace, labelSelector: `${ofCluster.labelSelector},${CONTROLLER_ROLE_LABEL}=true` },
      { signal },
    ),
    api.list<Claim>({ ...CLAIM, ...ofCluster }, { signal }),
    api.list<Volume>(VOLUME, { signal }),
  ]);
  const controllerPools = pools.items.filter(({ spec }) => spec?.roles?.includes('controller') === true);
  const brokerPools = new Set([
    ...pools.items.filter((pool) => !controllerPools.includes(pool)).map(({ metadata }) => metadata.name),
    ...(annotations[NODE_POOLS_ANNOTATION] === 'enabled' ? [] : [VIRTUAL_POOL]),
  ]);
  const ofControllers = claims.items.filter(({ metadata: { labels } }) => {
    const pool = labels?.[POOL_LABEL];
    return labels?.[NAME_LABEL] !== `${cluster}-zookeeper` && pool !== undefined && !brokerPools.has(pool);
  });
  const names = ({ items }: { readonly items: readonly KubeObject[] }) => items.map(({ metadata }) => metadata.name);
  return {
    pools: names({ items: controllerPools }),
    pods: names(pods),
    claims: names({ items: ofControllers }),
    volumes: names({ items: volumes.items.filter((volume) => couldBeBound(volume, namespace, cluster, brokerPools)) }),
  };
}

/** A volume that waits for a claim of that name: `data-0-my-cluster-controller-3`, `data-my-cluster-controller-3`. */
function couldBeBound(
  { spec, status }: Volume,
  namespace: string,
  cluster: string,
  brokerPools: ReadonlySet<string>,
): boolean {
  const { claimRef } = spec ?? {};
  if (status?.phase !== 'Available' || claimRef?.namespace !== namespace) return false;
  const [, rest] = claimRef.name?.match(new RegExp(`^data(?:-\\d+)?-${cluster}-(.+)-\\d+$`)) ?? [];
  return rest !== undefined && rest !== 'zookeeper' && !brokerPools.has(rest);
}
