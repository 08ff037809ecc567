import type { EnvironmentChoice } from './environment-choice.js';

/**
 * The defaults of a session. The command line, the Jest bridge and `doctor` share these, the default Kafka version
 * (src/distribution/kafka-versions.ts) and the default topology (src/strimzi/topology.ts).
 */

/**
 * Deadline of one wait for a state, in milliseconds. The recorded migrations of a real operator took three minutes, and
 * the operator's own timeouts are five minutes (docs/behaviour.md#real-clusters).
 */
export const STATE_TIMEOUT_MS: Readonly<Record<EnvironmentChoice['kind'], number>> = {
  local: 180_000,
  containers: 180_000,
  kubernetes: 900_000,
};
