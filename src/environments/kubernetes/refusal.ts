import type { LastFailure } from './operator-events.js';
import type { PassFailure } from './operator-log.js';

/**
 * Failures that no later pass of the same operator gets over while the user changes nothing. It is one: which Kafka
 * versions an operator supports stands in its image and its environment, and the version in the Kafka resource (Strimzi
 * 0.45.1 `KafkaVersion.java:170-185`). An InvalidResourceException is none: the documented rollback goes through two of
 * them, and others are about what is yet to come (a Secret, a pool). Nor is an InvalidConfigurationException, for that
 * reason (`MetricsModel.java:103`, `KafkaAssemblyOperator.java:696`).
 */
const FOR_GOOD: ReadonlySet<string> = new Set(['UnsupportedKafkaVersionException']);

/** The first may have begun before the user's last change, and the second have been on its way then. */
const PASSES_OF_A_REFUSAL = 3;

/** Whether the operator will never carry out what the Kafka resource says. */
export function isRefusal(failure: LastFailure | undefined): failure is LastFailure {
  return failure !== undefined && failure.passes >= PASSES_OF_A_REFUSAL && FOR_GOOD.has(failure.reason);
}

/** As it completes "waited for ... (...)": `the last pass failed with InvalidResourceException: The Kafka cluster ...`. */
export function describeFailure({ reason, message = '' }: PassFailure): string {
  return `the last pass failed with ${reason}${message === '' ? '' : `: ${message}`}`;
}
