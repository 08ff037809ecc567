/** remigrate as a library: what scenarios are written with. */
export type { Cluster, SilentNode } from './cluster/cluster.js';
export type { FaultName, NodeName } from './cluster/faults/index.js';
export { disable, finalize, migrate, rollBackBrokers, rollback } from './cluster/procedures.js';
export type { Observation, Violation } from './invariants/invariant.js';
export type { KafkaAccess, ZooKeeperAccess } from './metadata/access.js';
export type { TopicGroup } from './metadata/topic-sets.js';
export {
  type Check,
  check,
  type Faults,
  type Scenario,
  type ScenarioContext,
  type ScenarioDefinition,
  type Step,
  scenario,
  step,
  type Topics,
} from './scenario/scenario.js';
export type { KafkaMetadataState, KraftAnnotation } from './strimzi/migration-state.js';
export type { Topology } from './strimzi/topology.js';
export { olderThan } from './strimzi/versions.js';
