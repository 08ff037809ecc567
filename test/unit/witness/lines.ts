/** Lines as ZooKeeper 3.8.4 and Kafka 3.9.0 log them with this package's log4j configurations. */

export interface AuditFields {
  readonly session?: string;
  readonly operation: string;
  readonly znode?: string;
  readonly znode_type?: string;
  readonly result?: 'success' | 'failure';
}

export const BROKER_SESSION = '0x100002f7c850001';
export const CONTROLLER_SESSION = '0x100002f7c850002';
export const OPERATOR_SESSION = '0x100002f7c850003';

export function auditLine({ session = BROKER_SESSION, result = 'success', ...fields }: AuditFields): string {
  const values: Record<string, string> = { session, user: '127.0.0.1', ip: '127.0.0.1', ...fields, result };
  const text = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  return `2026-11-24 13:44:46,458 INFO ${text.join('\t')} (org.apache.zookeeper.audit.Slf4jAuditLogger) [CommitProcessor:1]`;
}

export function sessionLine(session: string): string {
  return `2026-11-24 13:44:46,458 INFO Session establishment complete on server localhost/127.0.0.1:10011, session id = ${session}, negotiated timeout = 18000 (org.apache.zookeeper.ClientCnxn) [main-SendThread(127.0.0.1:10011)]`;
}

export function driverLine(text: string, level = 'INFO'): string {
  return `2026-11-24 13:44:46,458 ${level} [KRaftMigrationDriver id=1] ${text} (org.apache.kafka.metadata.migration.KRaftMigrationDriver) [controller-1-migration-driver-event-handler]`;
}

export function featureLine(from: string, to: string): string {
  return `2026-11-24 13:44:46,458 INFO [QuorumController id=1] Replayed a ZkMigrationStateRecord changing the migration state from ${from} to ${to}. (org.apache.kafka.controller.FeatureControlManager) [quorum-controller-1-event-handler]`;
}

/** A controller's quorum goes from one state to another, of an older epoch. Kafka 3.9.0 `QuorumState`. */
export function quorumLine(state: string, before: number): string {
  return `2026-11-27 18:30:01,250 INFO [RaftManager id=2] Completed transition to ${state} from Unattached(epoch=${before}, votedKey=null, voters=[2, 3, 4], electionTimeoutMs=540, highWatermark=Optional.empty) (org.apache.kafka.raft.QuorumState) [kafka-2-raft-io-thread]`;
}
