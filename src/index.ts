/** remigrate as a library: what scenarios are written with. */
export type { Cluster, KafkaAccess, Topology, ZooKeeperAccess } from './cluster/cluster.js';
export type { KafkaMetadataState, KraftAnnotation } from './cluster/migration-state.js';
export { disable, finalize, migrate, rollBackBrokers, rollback } from './cluster/procedures.js';
export type { Observation, Violation } from './invariants/invariant.js';
export { olderThan } from './operator/versions.js';
export {
  type Check,
  check,
  type Scenario,
  type ScenarioContext,
  type ScenarioDefinition,
  type Step,
  scenario,
  step,
  type Topics,
} from './scenario/scenario.js';
