import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import { type Forecast, unsafe } from './outcome.js';

/**
 * An operator force-restarts brokers that it cannot roll, and restarted brokers may drop partitions that KRaft does not
 * know.
 */
const KEEP_VOLUMES =
  'Stop the producers, scale the operator to 0 so that it restarts no broker, and keep every volume: the partitions are still on them.';
/** `rollback` is not accepted in KRaftMigration, `disabled` is (docs/behaviour.md, W4 and G1). */
export const GIVE_UP =
  'Then set strimzi.io/kraft to disabled, wait for the state ZooKeeper (this can take minutes), and run inspect again.';
const STOP_STALE_CONTROLLERS = `Stop the producers and delete the controller pool and its claims immediately, before the brokers follow its controllers. ${GIVE_UP}`;
const ROLL_BACK =
  'Set strimzi.io/kraft to rollback immediately, so that the brokers do not change to KRaft mode. Then compare the topics with an earlier snapshot, and get help.';
const DO_NOT_FINALISE =
  'Do not finalise the migration. Compare the topics with an earlier snapshot, and get help: what is missing may still be in -stray folders.';
/**
 * By state: whether what was created in between is, or will be, missing, and what to do. Other states: see
 * `onStaleMetadata`.
 */
const STALE: Partial<Readonly<Record<KafkaMetadataState, readonly [string, string]>>> = {
  KRaftDualWriting: ['will be', ROLL_BACK],
  KRaftPostMigration: ['is', DO_NOT_FINALISE],
};
/**
 * While paused, each reconciliation writes a status without a state; unpaused, it starts immediately
 * (docs/behaviour.md, G5).
 */
const WRITE_STATE_BACK =
  'Scale the operator to 0, remove strimzi.io/pause-reconciliation, write the earlier state back (patch the status), and start the operator again; or get help.';

/**
 * Nothing is missing until the brokers are in KRaft mode, but nothing more has to happen for the loss.
 * @param seen what contradicts the state.
 */
export function onStaleMetadata(state: KafkaMetadataState, seen: string): Forecast {
  const [is, advice] = STALE[state] ?? ['will be', STOP_STALE_CONTROLLERS];
  return unsafe(
    'on-stale-metadata',
    `the state is ${state}, but ${seen}. What was created between the earlier migration and this one ${is} missing`,
    advice,
  );
}

/** The controllers are newer than /migration. */
export function wiped(state: KafkaMetadataState): Forecast {
  return unsafe(
    'wiped',
    `the state is ${state}, /migration says that the copy is complete, and ZooKeeper has no topics any more: the controllers skipped the copy and deleted what ZooKeeper had`,
    KEEP_VOLUMES,
  );
}

/** A copy is complete, and there are no topics. @param where the state, if known: `the state is KRaftMigration, `. */
export function wipedUnlessEmpty(where = ''): Forecast {
  return unsafe(
    'wiped',
    `${where}/migration says that the copy is complete, and ZooKeeper has no topics: unless there never were any, the controllers skipped the copy and deleted them`,
    KEEP_VOLUMES,
  );
}

/** @param who takes the cluster for one that has not started a migration: `the operator`. */
export function stateIsLost(who: string): Forecast {
  return unsafe(
    'no-controller',
    `the status has lost its state while the reconciliation was paused, in the middle of a migration: ${who} treats the cluster as one that has not started a migration`,
    WRITE_STATE_BACK,
  );
}
