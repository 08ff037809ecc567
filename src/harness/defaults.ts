import type { EnvironmentChoice } from './environment-choice.js';

/**
 * What a session uses for what its caller omits: the command line, the Jest bridge and `doctor` share these, the
 * default Kafka version (src/distribution/kafka-versions.ts) and the default topology (src/strimzi/topology.ts).
 */

/**
 * Deadline of one wait for a state, in milliseconds. A real operator's migration took three minutes where it was
 * recorded, and its own time-outs are five (docs/behaviour.md#real-clusters).
 */
export const STATE_TIMEOUT_MS: Readonly<Record<EnvironmentChoice['kind'], number>> = {
  local: 180_000,
  containers: 180_000,
  kubernetes: 900_000,
};
