import type { LastFailure } from './operator-events.js';
import type { PassFailure } from './operator-log.js';

/**
 * Failures that every later pass of the same operator repeats until the user changes something. There is one: the
 * supported Kafka versions are in the operator's image and environment, and the version is in the Kafka resource
 * (Strimzi 0.45.1 `KafkaVersion.java:170-185`). InvalidResourceException is not one: the documented rollback passes
 * through two of them, and others are about objects that may still be created (a Secret, a pool). For the same reason
 * InvalidConfigurationException is not one (`MetricsModel.java:103`, `KafkaAssemblyOperator.java:696`).
 */
const PERMANENT: ReadonlySet<string> = new Set(['UnsupportedKafkaVersionException']);

/** The first pass may have begun before the user's last change, and the second may have been queued then. */
const PASSES_OF_A_REFUSAL = 3;

/** Whether the operator will never apply the Kafka resource. */
export function isRefusal(failure: LastFailure | undefined): failure is LastFailure {
  return failure !== undefined && failure.passes >= PASSES_OF_A_REFUSAL && PERMANENT.has(failure.reason);
}

/**
 * Worded to complete "timed out ... waiting for ... (...)": `the last pass failed with InvalidResourceException: The
 * Kafka cluster ...`.
 */
export function describeFailure({ reason, message = '' }: PassFailure): string {
  return `the last pass failed with ${reason}${message === '' ? '' : `: ${message}`}`;
}
