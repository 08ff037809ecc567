import { olderThan } from '../../strimzi/versions.js';
import type { ClusterFacts, Znodes } from '../facts.js';
import { knownValue } from '../known.js';
import { deleteMigrationZnode } from '../remedies.js';
import { type Forecast, fixable, unsafe } from './outcome.js';

/** The first version that recreates a `/migration` without data (KAFKA-19480, apache/kafka#20627). */
const RECREATES_NULL = '3.9.2';

const DRIVER = 'the driver of the controllers cannot read it, and tries again for ever (KAFKA-19480)';

/** Whether the migration driver cannot begin because `/migration` says nothing. */
function blocksDriver(facts: ClusterFacts, { blankMigration }: Znodes): boolean {
  if (blankMigration === undefined) return false;
  const version = knownValue(facts.kafka)?.kafkaVersion;
  // Measured with 3.9.2 (scenario migration-znode-empty): with empty data the migration does not begin, either.
  const isKnown = version !== undefined && /^\d+\.\d+\.\d+$/.test(version);
  return blankMigration === 'empty' || !isKnown || olderThan(version, RECREATES_NULL);
}

/**
 * The forecast for a migration that has not begun: it never begins while `/migration` says nothing. What else is unsafe
 * stays: deleting the znode does not make that safe.
 * @param rest the forecast without regard to that.
 */
export function unlessBlank(facts: ClusterFacts, znodes: Znodes, rest: Forecast): Forecast {
  if (!blocksDriver(facts, znodes)) return rest;
  const deletion = deleteMigrationZnode(facts, true);
  const blank = `/migration exists without data: ${DRIVER}`;
  if (rest.safety === 'unsafe') {
    return { ...rest, reason: `${rest.reason}; ${blank}`, commands: [...rest.commands, ...deletion] };
  }
  const then = rest.safety === 'safe' ? '' : `; once it is deleted: ${rest.reason}`;
  return fixable('never-begins', `${blank}${then}`, deletion);
}

/**
 * A migration that was requested: its controllers wait for a `/migration` that they can read. undefined: nothing keeps
 * them.
 */
export function blockedByBlank(facts: ClusterFacts, znodes: Znodes): Forecast | undefined {
  if (!blocksDriver(facts, znodes)) return undefined;
  return unsafe(
    'never-begins',
    `/migration exists without data: ${DRIVER}, so that nothing is copied`,
    'Delete /migration while no controller has copied anything: the driver then creates it, and begins.',
  );
}
