import { ZK_MIGRATION_STATES, type ZkMigrationState } from '../strimzi/migration-state.js';

/**
 * The ZooKeeper session that a node opens: `Session establishment complete on server ..., session id = 0x..., ...`
 * (`org.apache.zookeeper.ClientCnxn`). Returns the id as the audit log writes it.
 */
export function parseSession(line: string): string | undefined {
  return /Session establishment complete on server .*session id = (0x[0-9a-f]+)/.exec(line)?.[1];
}

/** What a line of a controller's log says about the migration. */
export interface MigrationProgress {
  readonly level: string;
  readonly text: string;
  readonly driverState?: string;
  readonly zkMigrationState?: ZkMigrationState;
}

/**
 * The epoch of the quorum in a line of a controller's log: `Completed transition to CandidateState(localId=2, ...,
 * epoch=45, ...) from CandidateState(localId=2, ..., epoch=44, ...)` (Kafka 3.9.0 `org.apache.kafka.raft.QuorumState`).
 */
export function parseQuorumEpoch(line: string): number | undefined {
  // The first one: the state before the transition has an epoch, too.
  const epoch = /Completed transition to \w+\(.*?\bepoch=(\d+).*\(org\.apache\.kafka\.raft\.QuorumState\)/.exec(
    line,
  )?.[1];
  return epoch === undefined ? undefined : Number(epoch);
}

const LINE = /^\S+ \S+ (\w+) (.*) \((\S+)\) \[[^\]]*\]$/;

/** The first line of a record of a broker's or controller's log. */
export interface RecordLine {
  readonly level: string;
  readonly text: string;
  readonly logger: string;
}

/**
 * Strimzi's pattern `%d{ISO8601} %p %m (%c) [%t]%n`, which the replay uses as well. undefined: the line belongs to the
 * record before it, as those of a stack trace do.
 */
export function parseRecordLine(line: string): RecordLine | undefined {
  const [, level, text, logger] = LINE.exec(line) ?? [];
  return level === undefined || text === undefined || logger === undefined ? undefined : { level, text, logger };
}

function isZkMigrationState(text: string): text is ZkMigrationState {
  return text in ZK_MIGRATION_STATES;
}

/**
 * Lines of a controller's log that mark progress. Kafka 3.9.0: `KRaftMigrationDriver` (transitions, whether the initial
 * migration is done, the full sync, what it ignores, errors) and `FeatureControlManager` (`Replayed a
 * ZkMigrationStateRecord changing the migration state from A to B.`: B is what the gauge ZkMigrationState shows).
 */
export function parseMigrationProgress(line: string): MigrationProgress | undefined {
  if (!line.includes('KRaftMigrationDriver') && !line.includes('ZkMigrationStateRecord')) return undefined;
  const parsed = parseRecordLine(line);
  if (parsed === undefined) return undefined;
  const { level, text, logger } = parsed;
  if (logger.endsWith('.FeatureControlManager')) {
    const state = /changing the migration state from \w+ to (\w+)/.exec(text)?.[1];
    return state !== undefined && isZkMigrationState(state) ? { level, text, zkMigrationState: state } : undefined;
  }
  if (!logger.endsWith('.KRaftMigrationDriver')) return undefined;
  const driverState = /transitioning from \w+ to (\w+) state/.exec(text)?.[1];
  if (driverState !== undefined) return { level, text, driverState };
  const isProgress =
    level === 'ERROR' ||
    level === 'WARN' ||
    /Initial migration of ZK metadata|full metadata sync|ZK writes when reconciling|does not contain a superset|No brokers are known|Completed migration of metadata/.test(
      text,
    );
  return isProgress ? { level, text } : undefined;
}
