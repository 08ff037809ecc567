import { BROKERS_IN_KRAFT } from '../cluster/migration-state.js';
import type { KubeApi } from '../environments/kubernetes/api/kube-api.js';
import { UsageError } from '../errors.js';
import { readKRaftSnapshot } from '../metadata/kraft/reader.js';
import type { MetadataSnapshot } from '../metadata/model.js';
import type { SnapshotOptions } from '../metadata/normalise.js';
import { readZooKeeperSnapshot } from '../metadata/zookeeper/reader.js';
import { throughBrokers, throughZooKeeper } from './access.js';
import { findKafkas, type Where } from './kafkas.js';

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
  const { wanted } = await findKafkas(api, where);
  const [kafka] = wanted;
  if (kafka === undefined || wanted.length > 1) {
    const names = wanted.map(({ metadata }) => metadata.name).join(', ');
    throw new UsageError(`There are several Kafka resources there (${names}): say which, with --cluster NAME.`);
  }
  const name = `${api.server.context}/${kafka.metadata.namespace}/${kafka.metadata.name}`;
  if (BROKERS_IN_KRAFT.has(kafka.status?.kafkaMetadataState)) {
    const metadata = await throughBrokers(api, kafka, signal, (access) =>
      readKRaftSnapshot({ ...access, ...options, signal }),
    );
    return { from: `the brokers of ${name}`, metadata };
  }
  const metadata = await throughZooKeeper(api, kafka, signal, (client) => readZooKeeperSnapshot(client, options));
  return { from: `the ZooKeeper of ${name}`, metadata };
}
