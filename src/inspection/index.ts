/**
 * remigrate/inspect: what a migration to KRaft would do to real Strimzi clusters, as a library. Everything here is
 * read-only: no znode and no object of Kubernetes is written, and no Secret is read.
 */
export { EnvironmentError, RemigrateError, UsageError, WaitAborted } from '../errors.js';
export type { MetadataSnapshot } from '../metadata/model.js';
export type { KafkaMetadataState, KraftAnnotation } from '../strimzi/migration-state.js';
export { type ContextSelection, inspectContext, readStrimziSnapshot } from './context.js';
export type {
  ClusterFacts,
  Controller,
  ControllerLeftovers,
  ControllerPool,
  ControllerVolumeClaim,
  ControllerVolumes,
  KafkaFacts,
  MigrationSeen,
  Znodes,
} from './facts.js';
export { forecast } from './forecast/forecast.js';
export type { Forecast, Outcome } from './forecast/outcome.js';
export type { Known } from './known.js';
export { printCommands } from './kubectl/commands.js';
export { inspectFile } from './kubectl/file.js';
export { describeInspected, type Inspected } from './report.js';
export type { StrimziSnapshot } from './strimzi-snapshot.js';
export { inspectZooKeeper } from './zookeeper-session.js';
