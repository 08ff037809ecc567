/**
 * The terms of Strimzi's migration from ZooKeeper to KRaft.
 *
 * Sources (Strimzi 0.45.1): `KafkaMetadataState.java:14-88` (states in `status.kafkaMetadataState`),
 * `KafkaMetadataStateManager.java:24-44` (values of the annotation `strimzi.io/kraft`),
 * `KafkaMetadataConfigurationState.java:11-36` (what a node's configuration is made for; the ordinals are the
 * `metadata.state` key of every node's ConfigMap).
 */

export const KAFKA_METADATA_STATES = [
  'ZooKeeper',
  'KRaftMigration',
  'KRaftDualWriting',
  'KRaftPostMigration',
  'PreKRaft',
  'KRaft',
] as const;

/** Strimzi's `status.kafkaMetadataState`. */
export type KafkaMetadataState = (typeof KAFKA_METADATA_STATES)[number];

/** A set of states. An unknown state is in none of them. */
type States = ReadonlySet<KafkaMetadataState | undefined>;

/** A migration goes through the states in their order: this state and all later ones. */
function statesFrom(first: KafkaMetadataState): States {
  return new Set(KAFKA_METADATA_STATES.slice(KAFKA_METADATA_STATES.indexOf(first)));
}

function statesWithout(excluded: States): States {
  return new Set(KAFKA_METADATA_STATES.filter((state) => !excluded.has(state)));
}

/** States that follow the copy of the metadata from ZooKeeper to KRaft. */
export const DUAL_WRITING_AND_LATER: States = statesFrom('KRaftDualWriting');
/** States in which the brokers run in KRaft mode and answer from KRaft's metadata. */
export const BROKERS_IN_KRAFT: States = statesFrom('KRaftPostMigration');
/** States in which nothing is written to ZooKeeper any more. There is no way back from them. */
export const ZOOKEEPER_RETIRED: States = statesFrom('PreKRaft');
/**
 * States in which ZooKeeper's metadata must be complete: in the first two it is the source, in the next two KRaft
 * writes to both and a rollback depends on it.
 */
export const ZOOKEEPER_COMPLETE: States = statesWithout(ZOOKEEPER_RETIRED);

export const KRAFT_ANNOTATION_VALUES = ['disabled', 'migration', 'rollback', 'enabled'] as const;

/** A value of the annotation `strimzi.io/kraft` on the Kafka resource. */
export type KraftAnnotation = (typeof KRAFT_ANNOTATION_VALUES)[number];

/** Whether Strimzi knows this value of `strimzi.io/kraft`, as `readKraftAnnotation` returns it. */
export function isKraftAnnotation(value: unknown): value is KraftAnnotation {
  return KRAFT_ANNOTATION_VALUES.some((known) => known === value);
}

/**
 * The value of `strimzi.io/kraft` as Strimzi reads it: it ignores case, and treats a missing annotation as `disabled`
 * (0.45.1 `KafkaMetadataStateManager.java:334-336`). It may be a value that Strimzi does not know.
 */
export function readKraftAnnotation(value: string | undefined): string {
  return (value ?? 'disabled').toLowerCase();
}

/** A value of `strimzi.io/kraft` in a sentence: in quotation marks if Strimzi does not know it. */
export function kraftAnnotationText(value: string): string {
  return isKraftAnnotation(value) ? value : JSON.stringify(value);
}

/** The ordinals matter: they are the `metadata.state` that a container start reads. */
export const CONFIGURATION_STATE_ORDINALS = {
  ZK: 0,
  PRE_MIGRATION: 1,
  MIGRATION: 2,
  POST_MIGRATION: 3,
  KRAFT: 4,
} as const;

/** What a node's configuration is made for. */
export type ConfigurationState = keyof typeof CONFIGURATION_STATE_ORDINALS;

/** The role of a node. Strimzi's dual-role pools cannot be migrated, so a node has one role. */
export type NodeRole = 'zookeeper' | 'broker' | 'controller';

/**
 * Kafka's `ZkMigrationState`, the value of the gauge that Strimzi's agent serves as `GET /v1/kraft-migration`.
 * Only MIGRATION (1) counts as done: Strimzi 0.45.1 `KRaftMigrationState.java:21-48, 79-81`.
 */
export const ZK_MIGRATION_STATES = { NONE: 0, MIGRATION: 1, PRE_MIGRATION: 2, POST_MIGRATION: 3, ZK: 4 } as const;

export type ZkMigrationState = keyof typeof ZK_MIGRATION_STATES;
