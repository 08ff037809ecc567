import type { KafkaMetadataState, KraftAnnotation } from './migration-state.js';
import { TRANSITIONS, type Transition, type UncoveredTransition } from './transition-table.js';

/**
 * The state that a pass starts from. A Kafka resource without `status.kafkaMetadataState` is a KRaft cluster if its
 * annotation says `enabled`, else a ZooKeeper cluster (Strimzi 0.45.1 `KafkaMetadataStateManager.java:65-71`).
 */
export function stateAtStart(status: KafkaMetadataState | undefined, annotation: KraftAnnotation): KafkaMetadataState {
  return status ?? (annotation === 'enabled' ? 'KRaft' : 'ZooKeeper');
}

/** What a pass does that starts with this `status.kafkaMetadataState` and this annotation on the Kafka resource. */
export function transitionFor(status: KafkaMetadataState | undefined, annotation: KraftAnnotation): Transition {
  return TRANSITIONS[stateAtStart(status, annotation)][annotation];
}

/** Whether Strimzi's code throws in this cell. */
export function isUncovered(transition: Transition): transition is UncoveredTransition {
  return 'throws' in transition;
}
