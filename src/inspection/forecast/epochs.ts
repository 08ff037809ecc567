import type { ClusterFacts, Znodes } from '../facts.js';
import { setZnode } from '../remedies.js';
import { type Forecast, unsafe } from './outcome.js';

/** Elections may raise the quorum's epoch until the controllers are gone. */
const MARGIN = 1000;

/**
 * Whether a rollback would leave a ZooKeeper controller that cannot elect leaders: the KRaft controller writes its own
 * epoch to the state of partitions, and raises `/controller_epoch` only by one (KAFKA-20488; measured in the scenario
 * quorum-epoch-above-zookeepers). undefined: it would not, as far as the znodes show.
 */
export function epochsBeforeRollback(
  facts: ClusterFacts,
  { migration, controllerEpoch }: Znodes,
): Forecast | undefined {
  if (migration === undefined || controllerEpoch === undefined) return undefined;
  const epoch = migration.kraft_controller_epoch;
  if (!(epoch > controllerEpoch)) return undefined;
  return unsafe(
    'under-way',
    `a rollback is not safe: the epoch of the controllers' quorum, ${epoch}, is above /controller_epoch, ${controllerEpoch}; the broker that becomes the controller could not elect leaders of the partitions that KRaft has changed (KAFKA-20488). Finalising the migration is not affected`,
    `To roll back, raise /controller_epoch when the controllers are deleted, and before you set strimzi.io/kraft to disabled: ${setZnode(facts, '/controller_epoch', epoch + MARGIN)}`,
  );
}
