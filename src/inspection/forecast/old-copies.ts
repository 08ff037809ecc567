import { copyIsDone } from '../../metadata/zookeeper/znodes.js';
import type { ControllerLeftovers, MigrationSeen } from '../facts.js';
import { isReused } from '../leftovers.js';

/** Whether /migration says that the copy is complete. */
export function isCopied(migration: MigrationSeen | undefined): migration is MigrationSeen {
  return migration !== undefined && copyIsDone(migration);
}

/** `the claim data-0-... is older than its pool controller`; undefined: none is, or it is unknown. */
export function describeStaleClaim(leftovers: ControllerLeftovers | undefined): string | undefined {
  const reused = leftovers?.claims.find((claim) => isReused(claim, leftovers));
  if (reused === undefined) return undefined;
  const { name, pool, earlierVolume } = reused;
  const why =
    earlierVolume === undefined
      ? `is older than its pool ${pool}`
      : `is bound to ${earlierVolume}, which was created for an earlier claim`;
  return `the claim ${name} ${why}: the controllers have started on the volumes of an earlier migration`;
}

/** A /migration that is older than the controllers' pool. @returns undefined: there is none, or it is unknown. */
export function describeOldMigration(
  leftovers: ControllerLeftovers | undefined,
  migration: MigrationSeen | undefined,
): string | undefined {
  if (leftovers === undefined || !isCopied(migration)) return undefined;
  const younger = leftovers.pools.find(({ createdAt }) => migration.createdAt < createdAt);
  return younger === undefined
    ? undefined
    : `/migration (offset ${migration.kraft_metadata_offset}) is older than the pool ${younger.name}, so an earlier migration left it`;
}
