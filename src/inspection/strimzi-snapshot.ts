import { BROKERS_IN_KRAFT } from '../cluster/migration-state.js';
import type { KubeApi } from '../environments/kubernetes/api/kube-api.js';
import { ClusterAccess } from '../environments/kubernetes/cluster-access.js';
import { BROKER_ROLE_LABEL, CLUSTER_LABEL, POD, type Pod } from '../environments/kubernetes/strimzi-objects.js';
import { EnvironmentError, UsageError } from '../errors.js';
import { readKRaftSnapshot } from '../metadata/kraft/reader.js';
import type { MetadataSnapshot } from '../metadata/model.js';
import type { SnapshotOptions } from '../metadata/normalise.js';
import { readZooKeeperSnapshot } from '../metadata/zookeeper/reader.js';
import { type Kafka, plainListener } from './kafka-resource.js';
import { kafkasIn, mayForward, throughZooKeeper, type Where } from './kubernetes.js';

/**
 * Reads the topic metadata of a cluster of Strimzi's where it is in charge: in ZooKeeper, or in KRaft once the brokers run in
 * that mode. Goes there by port-forwards, writes nothing.
 * @throws UsageError where there is no such cluster, or there are several. @throws EnvironmentError where it can't be reached.
 */
export async function readStrimziSnapshot(
  api: KubeApi,
  where: Where,
  options: SnapshotOptions & { readonly deadlineMs: number },
): Promise<{ readonly from: string; readonly metadata: MetadataSnapshot }> {
  const { signal } = where;
  const [kafka, ...others] = await kafkasIn(api, where);
  if (kafka === undefined || others.length > 0) {
    const names = [kafka, ...others].map((one) => one?.metadata.name).join(', ');
    throw new UsageError(`There are several Kafka resources there (${names}): say which, with --cluster NAME.`);
  }
  const name = `${api.server.context}/${kafka.metadata.namespace}/${kafka.metadata.name}`;
  if (BROKERS_IN_KRAFT.has(kafka.status?.kafkaMetadataState)) {
    return { from: `the brokers of ${name}`, metadata: await throughBrokers(api, kafka, options, signal) };
  }
  const metadata = await throughZooKeeper(api, kafka, signal, (client) => readZooKeeperSnapshot(client, options));
  return { from: `the ZooKeeper of ${name}`, metadata };
}

async function throughBrokers(
  api: KubeApi,
  kafka: Kafka,
  options: SnapshotOptions & { readonly deadlineMs: number },
  signal: AbortSignal,
): Promise<MetadataSnapshot> {
  const { name: cluster, namespace = '' } = kafka.metadata;
  const listenerPort = plainListener(kafka);
  if (listenerPort === undefined) {
    throw new EnvironmentError(
      `${cluster} has no internal listener without TLS and authentication, which alone a port-forward can use: read its brokers from where they can be reached in plain text, with --kafka`,
    );
  }
  const labelSelector = `${CLUSTER_LABEL}=${cluster},${BROKER_ROLE_LABEL}=true`;
  const { items } = await api.list<Pod>({ ...POD, namespace, labelSelector }, { signal });
  const brokers = items.filter(({ status }) => status?.phase === 'Running').map(({ metadata }) => metadata.name);
  if (brokers.length === 0) throw new EnvironmentError(`no broker of ${cluster} runs`);
  await mayForward(api, namespace, signal);
  const access = await ClusterAccess.open(api, { namespace, zookeepers: [], brokers, listenerPort, signal });
  try {
    return await readKRaftSnapshot({ ...access.kafka(), ...options, signal });
  } finally {
    await access.close();
  }
}
