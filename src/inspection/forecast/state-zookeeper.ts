import type { ClusterFacts, KafkaFacts, MigrationSeen, Znodes } from '../facts.js';
import { knownValue, unknownReason } from '../known.js';
import { describeLeftovers } from '../leftovers.js';
import { deleteLeftovers, deleteMigrationZnode, deleteZnode } from '../remedies.js';
import { stateIsLost, wipedUnlessEmpty } from './losses.js';
import { describeOldMigration, isCopied } from './old-copies.js';
import { type Forecast, fixable, safe, unknown } from './outcome.js';

/** State ZooKeeper: what a migration that is started now would do. */
export function notMigrating(facts: ClusterFacts, { annotation }: KafkaFacts, znodes: Znodes): Forecast {
  const { migration, controller, topics } = znodes;
  const leftovers = knownValue(facts.leftovers);
  if (isCopied(migration) && topics === 0) return wipedUnlessEmpty();
  if (controller?.owner === 'kraft-controller') {
    const isOfThese = (leftovers?.pools ?? []).length > 0 && describeOldMigration(leftovers, migration) === undefined;
    if (isOfThese && isCopied(migration)) return stateIsLost('the operator');
    return fixable(
      'no-controller',
      `/controller still belongs to KRaft controller ${controller.id}, so no broker can become the controller: topics cannot be created or moved`,
      [
        ...deleteLeftovers(facts, leftovers),
        deleteZnode(facts, '/controller'),
        ...deleteMigrationZnode(facts, migration !== undefined),
      ],
    );
  }
  const left = leftovers === undefined ? '' : describeLeftovers(leftovers, annotation);
  if (isCopied(migration)) return withLeftMigration(facts, migration, left);
  if (left !== '') {
    return fixable(
      'loses-since-rollback',
      `${left}: controllers that start on them report the copy of an earlier migration as complete, and nothing that was created since is migrated`,
      deleteLeftovers(facts, leftovers),
    );
  }
  if (leftovers === undefined) return volumesUnseen(facts);
  const [both] = leftovers.dualRolePools;
  if (both !== undefined) {
    return unknown(`the pool ${both} has both roles: Strimzi cannot migrate with it, and its claims hold records`);
  }
  if ('unknown' in leftovers.volumes) {
    return unknown(
      `no claim of earlier controllers exists; cannot tell whether a volume is reserved for one: ${unknownReason(leftovers.volumes)}`,
    );
  }
  if (controller === undefined)
    return unknown('/controller does not exist: no broker is the controller at this moment');
  return firstCopy(znodes);
}

function firstCopy({ migration, topics }: Znodes): Forecast {
  const empty = topics === 0 ? '; ZooKeeper has no topics' : '';
  // The new copy would keep the ctime of the earlier attempt, and look like a leftover.
  const begun =
    migration === undefined
      ? ''
      : '; first delete /migration, left by a migration that did not complete its copy: otherwise inspect takes the new copy for an old one';
  return safe('first-copy', `nothing is left of an earlier migration: the metadata is copied${empty}${begun}`);
}

function withLeftMigration(facts: ClusterFacts, migration: MigrationSeen, left: string): Forecast {
  const leftovers = knownValue(facts.leftovers);
  const commands = [...deleteLeftovers(facts, leftovers), ...deleteMigrationZnode(facts, true)];
  const copy = `/migration says that the copy is complete (offset ${migration.kraft_metadata_offset})`;
  if (left !== '') {
    return fixable(
      'loses-since-rollback',
      `${copy}, and ${left}: controllers that start on them continue where they stopped, and undo what was created since the rollback`,
      commands,
    );
  }
  return fixable(
    'skip-and-wipe',
    `${copy}: new controllers skip the copy, and delete every topic from ZooKeeper as soon as their epoch is ${migration.kraft_metadata_epoch} or higher${
      leftovers === undefined
        ? '; on volumes of earlier controllers, they undo what was created since the rollback'
        : ''
    }`,
    commands,
  );
}

/** Kubernetes was not read: not even the state of the cluster is known. */
export function byZooKeeperOnly(facts: ClusterFacts, { migration, controller, topics }: Znodes): Forecast {
  if (isCopied(migration) && topics === 0) return wipedUnlessEmpty();
  if (controller?.owner === 'kraft-controller') {
    return unknown(
      `KRaft controller ${controller.id} holds /controller: a migration is under way, or was abandoned; the Kafka resource says which`,
    );
  }
  return isCopied(migration) ? withLeftMigration(facts, migration, '') : volumesUnseen(facts);
}

function volumesUnseen({ leftovers }: ClusterFacts): Forecast {
  return unknown(
    `ZooKeeper has no leftover; cannot tell whether volumes of earlier controllers still exist: ${unknownReason(leftovers)}`,
  );
}
