import { KAFKA_METADATA_STATES, KRAFT_ANNOTATION_VALUES } from '../cluster/migration-state.js';
import { PortForward } from '../environments/kubernetes/api/forward.js';
import type { KubeApi } from '../environments/kubernetes/api/kube-api.js';
import type { KubeObject } from '../environments/kubernetes/api/kube-object.js';
import {
  CLAIM,
  CLUSTER_LABEL,
  type Claim,
  type Condition,
  KAFKA,
  KAFKA_NODE_POOL,
  KRAFT_ANNOTATION,
  POD,
  type Pod,
} from '../environments/kubernetes/strimzi-objects.js';
import { messageOf, RemigrateError } from '../errors.js';
import { connectZooKeeper } from '../metadata/zookeeper/client.js';
import type { ClusterFacts, ControllerRemains, KafkaResource, Known, Znodes } from './facts.js';
import { readZnodes } from './zookeeper.js';

/** The Kafka resource, as far as it is read here (Strimzi 0.40 to 0.45: `api/.../Kafka.java`, `KafkaStatus.java`). */
interface Kafka extends KubeObject {
  readonly spec?: { readonly zookeeper?: { readonly replicas?: number } };
  readonly status?: {
    readonly kafkaMetadataState?: string;
    readonly kafkaVersion?: string;
    readonly operatorLastSuccessfulVersion?: string;
    readonly conditions?: readonly Condition[];
  };
}

interface NodePool extends KubeObject {
  readonly spec?: { readonly roles?: readonly string[] };
}

interface Volume extends KubeObject {
  readonly spec?: { readonly claimRef?: { readonly namespace?: string; readonly name?: string } };
  readonly status?: { readonly phase?: string };
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
const POOL_LABEL = 'strimzi.io/pool-name';
const NAME_LABEL = 'strimzi.io/name';
const CONTROLLER_ROLE_LABEL = 'strimzi.io/controller-role';
/** The only pool of a cluster without node pools (Strimzi 0.45.1 `VirtualNodePoolConverter.java`). */
const VIRTUAL_POOL = 'kafka';
/** ZooKeeper's plain-text port, bound to its pod's own 127.0.0.1. */
const ZOOKEEPER_PORT = 12181;
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

function kafkaResource({ metadata, status }: Kafka): KafkaResource {
  const { annotations = {} } = metadata;
  // Strimzi 0.45.1 `KafkaMetadataStateManager.java:334-336`: in any case; what it does not know counts as disabled.
  const asked = annotations[KRAFT_ANNOTATION]?.toLowerCase();
  return {
    annotation: KRAFT_ANNOTATION_VALUES.find((value) => value === asked) ?? 'disabled',
    state: KAFKA_METADATA_STATES.find((value) => value === status?.kafkaMetadataState),
    paused: annotations[PAUSED_ANNOTATION] === 'true',
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
    api.list<Pod>(
      { ...POD, namespace, labelSelector: `${ofCluster.labelSelector},${CONTROLLER_ROLE_LABEL}=true` },
      { signal },
    ),
    api.list<Claim>({ ...CLAIM, ...ofCluster }, { signal }),
    api.list<Volume>({ apiVersion: 'v1', kind: 'PersistentVolume' }, { signal }),
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
