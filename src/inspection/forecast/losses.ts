import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import { type Forecast, unsafe } from './outcome.js';

/** An operator force-restarts brokers that it can't roll, and restarted brokers may give up partitions that KRaft does not know. */
const KEEP_VOLUMES =
  'Stop the producers, scale the operator to 0 so that it restarts no broker, and keep every volume: the partitions still lie on them.';
/** `rollback` is not accepted in KRaftMigration, `disabled` is (docs/behaviour.md, W4 and G1). */
export const GIVE_UP =
  'Then set strimzi.io/kraft to disabled, wait for the state ZooKeeper, which may take the operator minutes, and look again.';
const STOP_STALE_CONTROLLERS = `Stop the producers and delete the controller pool and its claims at once, before the brokers follow its controllers. ${GIVE_UP}`;
const ROLL_BACK_AT_ONCE =
  'Set strimzi.io/kraft to rollback at once: with it the brokers do not go to KRaft mode. Then compare the topics with a snapshot from before, and get help.';
const DO_NOT_FINALISE =
  'Do not finalise. Compare the topics with a snapshot from before, and get help: what is missing may still lie in -stray folders.';
/** By state, else KRaftMigration or before: what was made in between is, or will be, missing, and what to do. */
const STALE: Partial<Readonly<Record<KafkaMetadataState, readonly [string, string]>>> = {
  KRaftDualWriting: ['will be', ROLL_BACK_AT_ONCE],
  KRaftPostMigration: ['is', DO_NOT_FINALISE],
};
/** While it is paused each pass writes a new status without a state, and an unpaused one begins at once (docs/behaviour.md, G5). */
const WRITE_STATE_BACK =
  'Scale the operator to 0, take the pause away, write the state back that it had (a patch of the status), and start the operator again; or get help.';

/**
 * Until the brokers are in KRaft mode nothing is missing yet, but that comes without anybody's doing.
 * @param seen what does not go with the state.
 */
export function onStaleMetadata(state: KafkaMetadataState, seen: string): Forecast {
  const [is, advice] = STALE[state] ?? ['will be', STOP_STALE_CONTROLLERS];
  return unsafe(
    'on-stale-metadata',
    `the state is ${state}, but ${seen}. What was made between the earlier migration and this one ${is} missing`,
    advice,
  );
}

/** The controllers were there after /migration. */
export function wiped(state: KafkaMetadataState): Forecast {
  return unsafe(
    'wiped',
    `the state is ${state}, /migration tells of a copy that is done and ZooKeeper has no topics any more: the controllers have skipped the copy and deleted what ZooKeeper had`,
    KEEP_VOLUMES,
  );
}

/** A copy is done, and there are no topics. @param where it stands, `the state is KRaftMigration, `. */
export function wipedUnlessEmpty(where = ''): Forecast {
  return unsafe(
    'wiped',
    `${where}/migration tells of a copy that is done, and ZooKeeper has no topics: unless there never were any, the controllers have skipped the copy and deleted them`,
    KEEP_VOLUMES,
  );
}

/** @param who takes the cluster for another, `the operator takes`. */
export function stateIsLost(who: string): Forecast {
  return unsafe(
    'no-controller',
    `the status has lost its state in a pause of the reconciliation: ${who} the cluster for a plain ZooKeeper one in the middle of a migration`,
    WRITE_STATE_BACK,
  );
}
