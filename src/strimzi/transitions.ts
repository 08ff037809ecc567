import { isKraftAnnotation, type KafkaMetadataState } from './migration-state.js';
import { type StateTransition, TRANSITIONS } from './transition-table.js';

/** What a pass does that Strimzi's code throws in, before the reconciliation has done anything. */
export interface UncoveredTransition {
  readonly throws: { readonly reason: string; readonly message: string };
  readonly source: string;
}

export type Transition = StateTransition | UncoveredTransition;

/**
 * The state that a pass starts from. A Kafka resource without `status.kafkaMetadataState` is a KRaft cluster if its
 * annotation says `enabled`, else a ZooKeeper cluster (Strimzi 0.45.1 `KafkaMetadataStateManager.java:65-71`).
 */
export function stateAtStart(status: KafkaMetadataState | undefined, annotation: string): KafkaMetadataState {
  return status ?? (annotation === 'enabled' ? 'KRaft' : 'ZooKeeper');
}

/**
 * What a pass does that starts with this `status.kafkaMetadataState` and this annotation on the Kafka resource.
 * @param annotation as `readKraftAnnotation` returns it; Strimzi need not know it.
 */
export function transitionFor(status: KafkaMetadataState | undefined, annotation: string): Transition {
  const state = stateAtStart(status, annotation);
  const cell = TRANSITIONS[state][isKraftAnnotation(annotation) ? annotation : 'other'];
  if (!('throws' in cell)) return cell;
  const message = `Invalid internal Kafka metadata state [${state}] with strimzi.io/kraft annotation [${annotation}]`;
  return { ...cell, throws: { reason: cell.throws, message } };
}

/** Whether Strimzi's code throws in this cell. */
export function isUncovered(transition: Transition): transition is UncoveredTransition {
  return 'throws' in transition;
}
