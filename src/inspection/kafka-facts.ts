import { KAFKA_METADATA_STATES } from '../strimzi/migration-state.js';
import { type KafkaResource, kraftAnnotation, PAUSE_ANNOTATION, stateWarnings } from '../strimzi/resources.js';
import type { KafkaFacts } from './facts.js';

/** What a Kafka resource says of a migration. */
export function kafkaFacts(kafka: KafkaResource): KafkaFacts {
  const { metadata, status } = kafka;
  return {
    annotation: kraftAnnotation(kafka),
    // A state that only a later Strimzi knows says nothing here.
    state: KAFKA_METADATA_STATES.find((value) => value === status?.kafkaMetadataState),
    paused: metadata.annotations?.[PAUSE_ANNOTATION] === 'true',
    warnings: stateWarnings(kafka),
    kafkaVersion: status?.kafkaVersion,
    operatorVersion: status?.operatorLastSuccessfulVersion,
  };
}
