import { UsageError } from '../errors.js';
import type { KubeReads } from '../kubernetes/kube-reads.js';
import { awaitFirstResponse, FIRST_RESPONSE_MS } from '../metadata/kafka/first-response.js';
import { readKRaftSnapshot } from '../metadata/kraft/reader.js';
import type { MetadataSnapshot } from '../metadata/model.js';
import type { SnapshotOptions } from '../metadata/normalise.js';
import { readZooKeeperInCharge } from '../metadata/zookeeper/in-charge.js';
import { BROKERS_IN_KRAFT } from '../strimzi/migration-state.js';
import { throughBrokers, throughZooKeeper } from './access.js';
import { type ClusterSelection, findKafkas } from './kafkas.js';

/** The topic metadata of a Strimzi cluster. */
export interface StrimziSnapshot {
  /** Where it was read: `the ZooKeeper of lab/kafka/my-cluster`. */
  readonly from: string;
  /** `status.kafkaMetadataState` when reading began. */
  readonly state: string | undefined;
  readonly metadata: MetadataSnapshot;
}

/**
 * Reads the topic metadata of a Strimzi cluster from where it is in charge: from ZooKeeper, or from the brokers once
 * they run in KRaft mode. It goes through port-forwards and is read-only.
 * @throws UsageError where no cluster is selected, or several are. @throws EnvironmentError where it cannot be reached.
 */
export async function readClusterSnapshot(
  api: KubeReads,
  where: ClusterSelection,
  options: SnapshotOptions & { readonly deadlineMs: number },
): Promise<StrimziSnapshot> {
  const { signal } = where;
  const { wanted } = await findKafkas(api, where);
  const [kafka] = wanted;
  if (kafka === undefined || wanted.length > 1) {
    const names = wanted.map(({ metadata }) => metadata.name).join(', ');
    throw new UsageError(`There are several Kafka resources (${names}): name one with --cluster NAME.`);
  }
  const name = `${api.server.context}/${kafka.metadata.namespace}/${kafka.metadata.name}`;
  const state = kafka.status?.kafkaMetadataState;
  if (BROKERS_IN_KRAFT.has(state)) {
    const metadata = await throughBrokers(api, kafka, signal, async (access) => {
      await awaitFirstResponse({ ...access, deadlineMs: FIRST_RESPONSE_MS, signal });
      return readKRaftSnapshot({ ...access, ...options, signal });
    });
    return { from: `the brokers of ${name}`, state, metadata };
  }
  const metadata = await throughZooKeeper(api, kafka, signal, (client) => readZooKeeperInCharge(client, options));
  return { from: `the ZooKeeper of ${name}`, state, metadata };
}
