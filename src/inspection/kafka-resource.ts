import { KAFKA_METADATA_STATES } from '../strimzi/migration-state.js';
import { type KafkaResource, kraftAnnotation, stateWarnings } from '../strimzi/resources.js';
import type { KafkaFacts } from './facts.js';

/** The Kafka resource with the part that tells whether it has a ZooKeeper (Strimzi 0.40 to 0.45: `api/.../KafkaSpec.java`). */
export interface Kafka extends KafkaResource {
  readonly spec?: {
    readonly zookeeper?: object;
    readonly kafka?: { readonly listeners?: readonly Listener[] };
  };
}

/** Strimzi 0.45.1 `api/.../GenericKafkaListener.java`. */
interface Listener {
  readonly port: number;
  readonly type: string;
  readonly tls: boolean;
  readonly authentication?: object;
}

const PAUSED_ANNOTATION = 'strimzi.io/pause-reconciliation';

/** The port of a listener that a port-forward leads to without certificates or passwords; undefined: there is none. */
export function plainListener({ spec }: Kafka): number | undefined {
  return spec?.kafka?.listeners?.find(
    ({ type, tls, authentication }) => type === 'internal' && !tls && authentication === undefined,
  )?.port;
}

/** What a Kafka resource tells of a migration. */
export function kafkaFacts(kafka: Kafka): KafkaFacts {
  const { metadata, status } = kafka;
  return {
    annotation: kraftAnnotation(kafka),
    // One that a later Strimzi may have brought tells nothing here.
    state: KAFKA_METADATA_STATES.find((value) => value === status?.kafkaMetadataState),
    paused: metadata.annotations?.[PAUSED_ANNOTATION] === 'true',
    warnings: stateWarnings(kafka),
    kafkaVersion: status?.kafkaVersion,
    operatorVersion: status?.operatorLastSuccessfulVersion,
  };
}
