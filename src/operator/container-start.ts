import type { ConfigurationState, NodeRole } from '../strimzi/migration-state.js';
import { CONFIGURATION_STATE_ORDINALS } from '../strimzi/migration-state.js';

/** What a Kafka container's start script does before it starts the process. */
export interface ContainerStart {
  readonly mode: 'zookeeper-based' | 'kraft';
  /** Arguments of `kafka-storage.sh format ... -g`, which skips formatted folders; undefined: no format. */
  readonly format: { readonly clusterId: string; readonly metadataVersion: string } | undefined;
  /** Delete `__cluster_metadata-0`. */
  readonly deleteMetadataLog: boolean;
  /** Delete `__cluster_metadata-0/quorum-state`. */
  readonly deleteQuorumState: boolean;
}

/**
 * The start of a Strimzi Kafka container, from the keys of its ConfigMap.
 *
 * Strimzi 0.45.1 `docker-images/kafka-based/kafka/scripts/kraft_utils.sh:10-30` (when KRaft is used) and
 * `kafka_run.sh:67-109`: a KRaft start formats with `-g` and deletes `quorum-state` on every start; a ZooKeeper-based
 * start removes `__cluster_metadata-0` in state 0 only, MIGRATION keeps it.
 *
 * @param configMap `metadata.state` always, `cluster.id` and `metadata.version` where the node uses KRaft.
 * @throws Error when one of them is missing: Strimzi would not write such a ConfigMap.
 */
export function containerStart(role: NodeRole, configMap: Readonly<Record<string, string>>): ContainerStart {
  const state = CONFIGURATION_STATE_ORDINALS[configurationStateOf(configMap['metadata.state'])];
  const kraft =
    (role === 'controller' && state >= CONFIGURATION_STATE_ORDINALS.PRE_MIGRATION) ||
    (role === 'broker' && state >= CONFIGURATION_STATE_ORDINALS.POST_MIGRATION);
  if (!kraft) {
    return {
      mode: 'zookeeper-based',
      format: undefined,
      deleteMetadataLog: state === CONFIGURATION_STATE_ORDINALS.ZK,
      deleteQuorumState: false,
    };
  }
  const clusterId = configMap['cluster.id'] ?? '';
  const metadataVersion = configMap['metadata.version'] ?? '';
  if (clusterId === '' || metadataVersion === '') {
    throw new Error(`the ConfigMap of a ${role} that uses KRaft lacks cluster.id or metadata.version`);
  }
  return { mode: 'kraft', format: { clusterId, metadataVersion }, deleteMetadataLog: false, deleteQuorumState: true };
}

/**
 * The arguments of `kafka-storage.sh`, as Strimzi's start script writes them (0.45.1 `kafka_run.sh:67-94`).
 *
 * The equals signs matter: a broker in ZooKeeper mode generates a random UUID as cluster id (Kafka's
 * `CoreUtils.generateUuidAsBase64`), so that one id in 64 begins with a hyphen, and `-t -6bx...` would be a missing
 * argument.
 *
 * @param file the node's properties.
 */
export function formatArguments(
  { clusterId, metadataVersion }: { readonly clusterId: string; readonly metadataVersion: string },
  file: string,
): string[] {
  return ['format', `-t=${clusterId}`, `-r=${metadataVersion}`, `-c=${file}`, '-g'];
}

/** The configuration state behind a `metadata.state` key. @throws Error for a value that Strimzi does not write. */
export function configurationStateOf(ordinal: string | undefined): ConfigurationState {
  for (const [name, value] of Object.entries(CONFIGURATION_STATE_ORDINALS)) {
    if (String(value) === ordinal) return name as ConfigurationState;
  }
  throw new Error(`no configuration state has the ordinal ${ordinal}`);
}
