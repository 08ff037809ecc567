import { EnvironmentError } from '../errors.js';
import { POD, type Pod } from '../kubernetes/core-objects.js';
import type { KubeReads } from '../kubernetes/kube-reads.js';
import { listRights, RIGHTS_TO_FORWARD } from '../kubernetes/rights.js';
import type { KafkaAccess } from '../metadata/access.js';
import { connectZooKeeper } from '../metadata/zookeeper/client.js';
import type { ZooKeeperReads } from '../metadata/zookeeper/reader.js';
import { ClusterAccess } from '../strimzi/cluster-access.js';
import {
  BROKER_ROLE_LABEL,
  CLUSTER_LABEL,
  type KafkaResource,
  NAME_LABEL,
  plainListenerPort,
} from '../strimzi/resources.js';

const CONNECT_MS = 30_000;
const SESSION_MS = 15_000;

/**
 * Reads a cluster's ZooKeeper through port-forwards to its pods, which are closed with the session.
 * @throws EnvironmentError where there is no ZooKeeper, it does not answer, or the user may not open port-forwards.
 */
export async function throughZooKeeper<T>(
  api: KubeReads,
  kafka: KafkaResource,
  signal: AbortSignal,
  read: (client: ZooKeeperReads) => Promise<T>,
): Promise<T> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  if (kafka.spec?.zookeeper === undefined) throw new EnvironmentError('the Kafka resource has no ZooKeeper');
  const zookeepers = await runningPods(api, namespace, `${NAME_LABEL}=${cluster}-zookeeper`, signal);
  if (zookeepers.length === 0) throw new EnvironmentError(`no ZooKeeper pod of ${cluster} is running`);
  await checkRightsToForward(api, namespace, signal);
  let connectionError: string | undefined;
  const onConnectionError = (why: string): void => {
    connectionError ??= why;
  };
  const access = await ClusterAccess.open(api, { namespace, zookeepers, brokers: [], onConnectionError, signal });
  try {
    const client = await connectZooKeeper({
      ...access.zookeeper(),
      sessionTimeoutMs: SESSION_MS,
      deadlineMs: CONNECT_MS,
      signal,
    }).catch((error: unknown) => {
      if (connectionError === undefined) throw error;
      throw new EnvironmentError(`no session with ZooKeeper through a port-forward: ${connectionError}`, {
        cause: error,
      });
    });
    try {
      return await read(client);
    } finally {
      await client.close();
    }
  } finally {
    await access.close();
  }
}

/**
 * Reads from a cluster's brokers through port-forwards to their pods, which are closed afterwards.
 * @throws EnvironmentError where no broker is running, none has a listener that a port-forward can use, or the user may
 * not open port-forwards.
 */
export async function throughBrokers<T>(
  api: KubeReads,
  kafka: KafkaResource,
  signal: AbortSignal,
  read: (access: KafkaAccess) => Promise<T>,
): Promise<T> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  const listenerPort = plainListenerPort(kafka);
  if (listenerPort === undefined) {
    throw new EnvironmentError(
      `${cluster} has no internal listener without TLS and authentication, the only kind that a port-forward can use: use --kafka from where the brokers can be reached in plain text`,
    );
  }
  const brokers = await runningPods(api, namespace, `${CLUSTER_LABEL}=${cluster},${BROKER_ROLE_LABEL}=true`, signal);
  if (brokers.length === 0) throw new EnvironmentError(`no broker pod of ${cluster} is running`);
  await checkRightsToForward(api, namespace, signal);
  const access = await ClusterAccess.open(api, { namespace, zookeepers: [], brokers, listenerPort, signal });
  try {
    return await read(access.kafka());
  } finally {
    await access.close();
  }
}

async function runningPods(
  api: KubeReads,
  namespace: string,
  labelSelector: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { items } = await api.list<Pod>({ ...POD, namespace, labelSelector }, { signal });
  return items.filter(({ status }) => status?.phase === 'Running').map(({ metadata }) => metadata.name);
}

/**
 * Without these rights a port-forward only closes its connections, and does not say why.
 * @throws EnvironmentError that names what is missing.
 */
async function checkRightsToForward(api: KubeReads, namespace: string, signal: AbortSignal): Promise<void> {
  const missing = await api.missingRights(
    RIGHTS_TO_FORWARD.map((right) => ({ ...right, namespace })),
    { signal },
  );
  if (missing.length === 0) return;
  throw new EnvironmentError(
    `the user of context ${api.server.context} has no right to ${listRights(missing)} in namespace ${namespace}`,
  );
}
