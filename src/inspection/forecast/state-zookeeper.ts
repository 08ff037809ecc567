import type { ClusterFacts, KafkaFacts, MigrationSeen, Znodes } from '../facts.js';
import { knownValue, unknownReason } from '../known.js';
import { leftBehind } from '../leftovers.js';
import { deleteLeftovers, deleteMigrationZnode, deleteZnode } from '../remedies.js';
import { stateIsLost, wipedUnlessEmpty } from './losses.js';
import { isCopied, leftMigration } from './old-copies.js';
import { type Forecast, mendable, safe, unknown } from './outcome.js';

/** State ZooKeeper: what would a migration do that is started now? */
export function notMigrating(facts: ClusterFacts, { annotation }: KafkaFacts, znodes: Znodes): Forecast {
  const { migration, controller, topics } = znodes;
  const leftovers = knownValue(facts.leftovers);
  if (isCopied(migration) && topics === 0) return wipedUnlessEmpty();
  if (controller?.owner === 'kraft-controller') {
    const isOfThese = (leftovers?.pools ?? []).length > 0 && leftMigration(leftovers, migration) === undefined;
    if (isOfThese && isCopied(migration)) return stateIsLost('the operator takes');
    return mendable(
      'no-controller',
      `/controller is still that of KRaft controller ${controller.id}, and no broker can become controller: topics can be made or moved by nobody`,
      [
        ...deleteLeftovers(facts, leftovers),
        deleteZnode(facts, '/controller'),
        ...deleteMigrationZnode(facts, migration !== undefined),
      ],
    );
  }
  const left = leftovers === undefined ? '' : leftBehind(leftovers, annotation);
  if (isCopied(migration)) return withLeftMigration(facts, migration, left);
  if (left !== '') {
    return mendable(
      'loses-since-rollback',
      `${left}: controllers on them report the copy of an earlier migration as done, and what was made since is not migrated`,
      deleteLeftovers(facts, leftovers),
    );
  }
  if (leftovers === undefined) return volumesUnseen(facts);
  const [both] = leftovers.dualRolePools;
  if (both !== undefined) {
    return unknown(`the pool ${both} has both roles: no migration can be started with it, and its claims hold records`);
  }
  if ('unknown' in leftovers.volumes) {
    return unknown(
      `no claim of earlier controllers is left, but whether a volume waits for one can't be told: ${unknownReason(leftovers.volumes)}`,
    );
  }
  if (controller === undefined) return unknown('/controller is absent: no broker is in charge at this moment');
  return firstCopy(znodes);
}

function firstCopy({ migration, topics }: Znodes): Forecast {
  const empty = topics === 0 ? '; ZooKeeper has no topics' : '';
  // Its copy would keep the ctime of the attempt before it, and be taken for a leftover.
  const begun =
    migration === undefined
      ? ''
      : '; delete the /migration of an attempt that came to no copy first, or the copy looks like an old one here';
  return safe('first-copy', `nothing is left of an earlier migration: the metadata would be copied${empty}${begun}`);
}

function withLeftMigration(facts: ClusterFacts, migration: MigrationSeen, left: string): Forecast {
  const leftovers = knownValue(facts.leftovers);
  const commands = [...deleteLeftovers(facts, leftovers), ...deleteMigrationZnode(facts, true)];
  const told = `/migration tells of a copy that is done (offset ${migration.kraft_metadata_offset})`;
  if (left !== '') {
    return mendable(
      'loses-since-rollback',
      `${told}, and ${left}: controllers on them take up where they were, and undo what was made since the rollback`,
      commands,
    );
  }
  return mendable(
    'skip-and-wipe',
    `${told}: new controllers would skip the copy and delete every topic from ZooKeeper, as soon as their epoch is not below ${migration.kraft_metadata_epoch}${
      leftovers === undefined ? '; on volumes of the old ones, they would undo what was made since the rollback' : ''
    }`,
    commands,
  );
}

/** Nothing of Kubernetes is known, not even in which state the cluster is. */
export function byZooKeeperAlone(facts: ClusterFacts, { migration, controller, topics }: Znodes): Forecast {
  if (isCopied(migration) && topics === 0) return wipedUnlessEmpty();
  if (controller?.owner === 'kraft-controller') {
    return unknown(
      `KRaft controller ${controller.id} holds /controller: a migration is under way, or was given up half-way; the Kafka resource tells which`,
    );
  }
  return isCopied(migration) ? withLeftMigration(facts, migration, '') : volumesUnseen(facts);
}

function volumesUnseen({ leftovers }: ClusterFacts): Forecast {
  return unknown(
    `there is no leftover in ZooKeeper, but whether volumes of earlier controllers are left can't be told: ${unknownReason(leftovers)}`,
  );
}
