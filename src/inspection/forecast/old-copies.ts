import { copyIsDone } from '../../metadata/zookeeper/znodes.js';
import type { ControllerLeftovers, MigrationSeen } from '../facts.js';
import { isReused } from '../leftovers.js';

/** Whether a /migration tells of a copy that is done. */
export function isCopied(migration: MigrationSeen | undefined): migration is MigrationSeen {
  return migration !== undefined && copyIsDone(migration);
}

/** `the claim data-0-... is older than its pool controller`; undefined: none is, or nobody knows. */
export function staleClaims(leftovers: ControllerLeftovers | undefined): string | undefined {
  const reused = leftovers?.claims.find((claim) => isReused(claim, leftovers));
  if (reused === undefined) return undefined;
  const { name, pool, earlierVolume } = reused;
  const why =
    earlierVolume === undefined
      ? `is older than its pool ${pool}`
      : `is bound to ${earlierVolume}, which was made for an earlier claim`;
  return `the claim ${name} ${why}: the controllers have started on the volumes of an earlier migration`;
}

/** A /migration that was there before the controllers' pool was made. @returns undefined: none, or nobody knows. */
export function leftMigration(
  leftovers: ControllerLeftovers | undefined,
  migration: MigrationSeen | undefined,
): string | undefined {
  if (leftovers === undefined || !isCopied(migration)) return undefined;
  const younger = leftovers.pools.find(({ createdAt }) => migration.createdAt < createdAt);
  return younger === undefined
    ? undefined
    : `/migration (offset ${migration.kraft_metadata_offset}) is older than the pool ${younger.name}, left by an earlier migration`;
}
