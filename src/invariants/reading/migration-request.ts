import type { EventOf, JournalEvent } from '../../journal/events.js';
import type { Observation } from '../invariant.js';
import { annotationNow, is, lastPoolCreation } from './history.js';
import { changesOf, isKraftClaim, phaseAfter } from './znodes.js';

/** The migration that the user requested last; undefined: none, or the user has requested a rollback since. */
export function requestedMigration(events: readonly JournalEvent[]): EventOf<'gesture'> | undefined {
  const { value } = annotationNow(events);
  if (value !== 'migration' && value !== 'enabled') return undefined;
  const last = events.findLast(
    (event) => is(event, 'gesture') && event.gesture === 'annotate' && event.value === 'migration',
  );
  return is(last, 'gesture') ? last : undefined;
}

/**
 * Whether, since its pool was created, this migration has shown a copied `/migration` or a KRaft controller's claim. A
 * `/migration` that an earlier migration left counts as neither. `unknown`: the changes of the two znodes are not
 * journalled; if they are, deploying a cluster already creates `/controller`.
 */
export function hasCopied({ events, znodes }: Observation): boolean | 'unknown' {
  const [migration, controller] = [changesOf('/migration', events), changesOf('/controller', events)];
  if (migration.length + controller.length === 0) return 'unknown';
  const pool = lastPoolCreation(events);
  return (
    migration.some((change) => change.index > pool && phaseAfter(change) === 'copied') ||
    controller.some(({ event, index }) => index > pool && isKraftClaim(event.value)) ||
    isKraftClaim(znodes['/controller']?.value)
  );
}
