import type { KafkaMetadataState } from '../../../../src/strimzi/migration-state.js';
import { STATE_WARNINGS, type StateWarningId } from '../../../../src/strimzi/transition-table.js';
import { protocolVersion } from '../../../../src/strimzi/versions.js';
import type { ReconciledCluster } from './objects.js';
import type { KafkaNodePool, KafkaStatus, StatusCondition } from './resources.js';

type Untimed = Omit<StatusCondition, 'lastTransitionTime'>;

/** The full text of Strimzi's warnings. W5 and W6 are recorded; the others are fragments in a similar sentence. */
export function warningText(id: StateWarningId): string {
  switch (id) {
    case 'W5':
      return "The strimzi.io/kraft annotation can't be set to 'rollback' during dual writing. It can be used in post migration to start rollback process.";
    case 'W6':
      return "The strimzi.io/kraft annotation can't be set to 'migration' or 'disabled' in the post-migration. You can use 'rollback' value to come back to ZooKeeper. Use the 'enabled' value to finalize migration instead.";
    case 'W1':
      return `The strimzi.io/kraft annotation can't be set to 'enabled' ${STATE_WARNINGS.W1.fragment}. If you want to migrate it to be KRaft-based apply the 'migration' value instead.`;
    case 'W2':
      return `The strimzi.io/kraft annotation can't be set to 'rollback' ${STATE_WARNINGS.W2.fragment}. There is no rollback to do.`;
    case 'W3':
    case 'W4':
      return `The strimzi.io/kraft annotation ${STATE_WARNINGS[id].fragment}.`;
    case 'W7':
      return `The strimzi.io/kraft annotation ${STATE_WARNINGS.W7.fragment}. Use the 'enabled' value to finalize migration instead.`;
    case 'W8':
      return `The strimzi.io/kraft annotation can't be set to 'migration', 'disabled' or 'rollback' ${STATE_WARNINGS.W8.fragment}.`;
  }
}

function warning(reason: string, message: string): Untimed {
  return { type: 'Warning', status: 'True', reason, message };
}

/** Strimzi's warnings in every pass with this configuration, in its order. Texts: recorded. */
function standingWarnings(
  cluster: ReconciledCluster,
  pools: readonly KafkaNodePool[],
  configuration: string | undefined,
): Untimed[] {
  const { spec } = cluster.kafka;
  if (configuration === 'KRAFT') {
    return [
      ...(spec.zookeeper === undefined
        ? []
        : [
            warning(
              'UnusedZooKeeperConfiguration',
              'The .spec.zookeeper section in the Kafka custom resource is ignored in KRaft mode and should be removed from the custom resource.',
            ),
          ]),
      ...(spec.kafka.config?.['inter.broker.protocol.version'] === undefined
        ? []
        : [
            warning(
              'KafkaInterBrokerProtocolVersionInKRaft',
              'inter.broker.protocol.version is not used in KRaft-based Kafka clusters and should be removed from the Kafka custom resource.',
            ),
          ]),
    ];
  }
  const shared = pools.some(({ spec: pool }) =>
    (pool.storage.volumes ?? [pool.storage]).some((volume) => volume.kraftMetadata !== undefined),
  );
  return [
    ...zooKeeperRemoval(configuration),
    ...(shared
      ? [
          warning(
            'KRaftMetadataStorageConfiguredWithoutKRaft',
            'The Kafka custom resource or one or more of the KafkaNodePool custom resources contain the kraftMetadata configuration. This configuration is supported only for KRaft-based Kafka clusters.',
          ),
        ]
      : []),
  ];
}

function zooKeeperRemoval(configuration: string | undefined): Untimed[] {
  if (configuration !== 'ZK') return [];
  return [
    warning(
      'ZooKeeperRemoval',
      'Support for ZooKeeper-based Apache Kafka clusters will be removed in the next Strimzi release (0.46.0). Please migrate to KRaft.',
    ),
  ];
}

/** A condition that has not changed keeps its time. */
function timed(conditions: readonly Untimed[], before: readonly StatusCondition[]): readonly StatusCondition[] {
  const now = new Date().toISOString();
  return conditions.map((condition) => {
    const same = before.find(
      ({ type, status, reason, message }) =>
        type === condition.type &&
        status === condition.status &&
        reason === condition.reason &&
        message === condition.message,
    );
    return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now };
  });
}

/** Before the first pass. Recorded. */
export function creatingStatus(): KafkaStatus {
  return {
    conditions: timed(
      [{ type: 'NotReady', status: 'True', reason: 'Creating', message: 'Kafka cluster is being deployed' }],
      [],
    ),
  };
}

/** `strimzi.io/pause-reconciliation`: the state is lost from the status (measured, strimzi 0.45.1). */
export function pausedStatus(generation: number, before: KafkaStatus | undefined): KafkaStatus {
  return {
    observedGeneration: generation,
    conditions: timed([{ type: 'ReconciliationPaused', status: 'True' }], before?.conditions ?? []),
  };
}

export function readyStatus(pass: {
  readonly cluster: ReconciledCluster;
  readonly pools: readonly KafkaNodePool[];
  readonly configuration: string | undefined;
  readonly warnings: readonly StateWarningId[];
  readonly state: KafkaMetadataState;
  readonly clusterId: string | undefined;
  readonly operatorVersion: string;
  readonly before: KafkaStatus | undefined;
}): KafkaStatus {
  const { cluster, before } = pass;
  const { name, namespace, generation } = cluster.kafka.metadata;
  const host = `${name}-kafka-bootstrap.${namespace}.svc`;
  const conditions: Untimed[] = [
    ...standingWarnings(cluster, pass.pools, pass.configuration),
    ...pass.warnings.map((id) => warning('KafkaMetadataStateWarning', warningText(id))),
    { type: 'Ready', status: 'True' },
  ];
  return {
    ...(pass.clusterId === undefined ? {} : { clusterId: pass.clusterId }),
    conditions: timed(conditions, before?.conditions ?? []),
    kafkaMetadataState: pass.state,
    ...(pass.configuration === 'KRAFT' ? { kafkaMetadataVersion: `${protocolVersion(cluster.kafkaVersion)}-IV0` } : {}),
    kafkaNodePools: pass.pools.map((pool) => ({ name: pool.metadata.name })),
    kafkaVersion: cluster.kafkaVersion,
    listeners: cluster.kafka.spec.kafka.listeners.map((listener) => ({
      name: listener.name,
      addresses: [{ host, port: listener.port }],
      bootstrapServers: `${host}:${listener.port}`,
    })),
    observedGeneration: generation ?? 0,
    operatorLastSuccessfulVersion: pass.operatorVersion,
  };
}

/**
 * The pass failed: everything else in the status stays as it was (Strimzi 0.45.1
 * `KafkaAssemblyOperator.java:185-189,217-227`).
 */
export function failedStatus(pass: {
  readonly generation: number;
  readonly configuration: string | undefined;
  readonly reason: string;
  readonly message: string;
  readonly before: KafkaStatus | undefined;
}): KafkaStatus {
  const failure: Untimed = { type: 'NotReady', status: 'True', reason: pass.reason, message: pass.message };
  return {
    ...pass.before,
    observedGeneration: pass.generation,
    conditions: timed([...zooKeeperRemoval(pass.configuration), failure], pass.before?.conditions ?? []),
  };
}

/**
 * Whether only the times of conditions differ: then it is not written, and triggers no pass (Strimzi's `StatusDiff`).
 */
export function sameStatus(a: object | undefined, b: object | undefined): boolean {
  return canonical(a) === canonical(b);
}

/** With sorted keys: the API server returns them in its own order. */
function canonical(status: object | undefined): string {
  return JSON.stringify(status, (key, value: unknown) => {
    if (key === 'lastTransitionTime') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([x], [y]) => (x < y ? -1 : 1)));
  });
}
