import { PortForward } from '../environments/kubernetes/api/forward.js';
import { type KubeApi, UnknownKind } from '../environments/kubernetes/api/kube-api.js';
import { ZOOKEEPER_PORT } from '../environments/kubernetes/cluster-access.js';
import { listRights, RIGHTS_TO_FORWARD } from '../environments/kubernetes/rights.js';
import {
  CLAIM,
  type Claim,
  KAFKA,
  KAFKA_NODE_POOL,
  NAMESPACE,
  POD,
  type Pod,
  VOLUME,
  type Volume,
} from '../environments/kubernetes/strimzi-objects.js';
import { EnvironmentError, UsageError } from '../errors.js';
import { connectZooKeeper } from '../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../metadata/zookeeper/reader.js';
import type { ClusterFacts, ControllerRemains } from './facts.js';
import { type Kafka, kafkaResource } from './kafka-resource.js';
import { type Known, lookAt } from './known.js';
import { type NodePool, remainsOf } from './remains.js';
import { readZnodes } from './zookeeper.js';

export interface Where {
  /** undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** undefined: every cluster there. */
  readonly cluster: string | undefined;
  readonly signal: AbortSignal;
}

const NAME_LABEL = 'strimzi.io/name';
const CONNECT_MS = 30_000;
const SESSION_MS = 15_000;

/**
 * Looks at the Kafka clusters of one API server: lists objects and reads a few znodes through a port-forward. Writes nothing,
 * and reads no Secret. What can't be read of a cluster is said there; the others are looked at all the same.
 * @throws UsageError where there is none. @throws RequestFailed when the Kafka resources themselves can't be listed.
 */
export async function inspectClusters(api: KubeApi, where: Where): Promise<readonly ClusterFacts[]> {
  const { signal } = where;
  const [kafkas, volumes] = await Promise.all([
    kafkasIn(api, where),
    lookAt(async () => (await api.list<Volume>(VOLUME, { signal })).items, signal),
  ]);
  return Promise.all(kafkas.map((kafka) => inspect(api, kafka, { clusters: kafkas, volumes }, signal)));
}

/** The Kafka resources that are asked for. @throws UsageError where there is none. */
export async function kafkasIn(api: KubeApi, { namespace, cluster, signal }: Where): Promise<readonly Kafka[]> {
  const { context } = api.server;
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  try {
    const selection = { ...KAFKA, ...(namespace === undefined ? {} : { namespace }) };
    const { items } = await api.list<Kafka>(selection, { signal });
    const wanted = items.filter(({ metadata }) => cluster === undefined || metadata.name === cluster);
    if (wanted.length > 0) return wanted;
  } catch (error) {
    if (!(error instanceof UnknownKind)) throw error;
    throw new UsageError(`${context} has no Kafka resources: Strimzi's definitions are not installed there.`, {
      cause: error,
    });
  }
  if (namespace !== undefined && (await isMissing(api, namespace, signal))) {
    throw new UsageError(`There is no namespace ${namespace} in ${context}.`);
  }
  throw new UsageError(
    `There is no Kafka resource${cluster === undefined ? '' : ` ${cluster}`} in ${where} of ${context}.`,
  );
}

/** Whoever may not look at namespaces is told of the Kafka resource alone. */
async function isMissing(api: KubeApi, namespace: string, signal: AbortSignal): Promise<boolean> {
  const found = await lookAt(() => api.get({ ...NAMESPACE, name: namespace }, { signal }), signal);
  return 'known' in found && found.known === undefined;
}

/** What is the same for all clusters of a look. */
interface Surroundings {
  readonly clusters: readonly Kafka[];
  readonly volumes: Known<readonly Volume[]>;
}

async function inspect(api: KubeApi, kafka: Kafka, around: Surroundings, signal: AbortSignal): Promise<ClusterFacts> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  const { context } = api.server;
  const [znodes, remains] = await Promise.all([
    lookAt(() => throughZooKeeper(api, kafka, signal, readZnodes), signal),
    lookAt(() => remainsIn(api, kafka, around, signal), signal),
  ]);
  const name = `${context}/${namespace}/${cluster}`;
  const known = kafkaResource(kafka);
  return { name, context, namespace, cluster, readBy: 'remigrate', kafka: { known }, znodes, remains };
}

async function remainsIn(
  api: KubeApi,
  kafka: Kafka,
  around: Surroundings,
  signal: AbortSignal,
): Promise<ControllerRemains> {
  const { namespace = '' } = kafka.metadata;
  const [pools, pods, claims] = await Promise.all([
    api.list<NodePool>({ ...KAFKA_NODE_POOL, namespace }, { signal }),
    api.list<Pod>({ ...POD, namespace }, { signal }),
    api.list<Claim>({ ...CLAIM, namespace }, { signal }),
  ]);
  const clusters = around.clusters.filter(({ metadata }) => metadata.namespace === namespace);
  return remainsOf(kafka, {
    clusters: clusters.map(({ metadata }) => metadata.name),
    pools: pools.items,
    pods: pods.items,
    claims: claims.items,
    volumes: around.volumes,
  });
}

/**
 * Reads a cluster's ZooKeeper through port-forwards to its pods, which are closed with the session.
 * @throws EnvironmentError where there is none, it does not answer, or the right to forward is missing.
 */
export async function throughZooKeeper<T>(
  api: KubeApi,
  kafka: Kafka,
  signal: AbortSignal,
  read: (client: ZooKeeperReads) => Promise<T>,
): Promise<T> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  if (kafka.spec?.zookeeper === undefined) throw new EnvironmentError('the Kafka resource has no ZooKeeper');
  const selection = { ...POD, namespace, labelSelector: `${NAME_LABEL}=${cluster}-zookeeper` };
  const { items } = await api.list<Pod>(selection, { signal });
  const pods = items.filter(({ status }) => status?.phase === 'Running').map(({ metadata }) => metadata.name);
  if (pods.length === 0) throw new EnvironmentError(`no pod of the ZooKeeper of ${cluster} runs`);
  await mayForward(api, namespace, signal);
  let trouble: string | undefined;
  const forwards: PortForward[] = [];
  try {
    for (const pod of pods) {
      const onTrouble = (why: string): void => {
        trouble ??= why;
      };
      forwards.push(await PortForward.open(api, { namespace, pod, port: ZOOKEEPER_PORT }, { signal, onTrouble }));
    }
    const client = await connectZooKeeper({
      connectString: forwards.map(({ localPort }) => `127.0.0.1:${localPort}`).join(','),
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: CONNECT_MS,
      signal,
    }).catch((error: unknown) => {
      if (trouble === undefined) throw error;
      throw new EnvironmentError(`no session with ZooKeeper through a port-forward: ${trouble}`, { cause: error });
    });
    try {
      return await read(client);
    } finally {
      await client.close();
    }
  } finally {
    await Promise.all(forwards.map((forward) => forward.close()));
  }
}

/** Without the right a forward only ends its connections. @throws EnvironmentError that names what is missing. */
export async function mayForward(api: KubeApi, namespace: string, signal: AbortSignal): Promise<void> {
  const missing = await api.missingRights(
    RIGHTS_TO_FORWARD.map((right) => ({ ...right, namespace })),
    { signal },
  );
  if (missing.length === 0) return;
  throw new EnvironmentError(
    `the user of context ${api.server.context} has no right to ${listRights(missing)} in namespace ${namespace}`,
  );
}
