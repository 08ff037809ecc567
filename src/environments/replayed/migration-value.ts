import type { EventOf, JournalEvent } from '../../journal/events.js';
import type { ZkMigrationState } from '../../strimzi/migration-state.js';

/**
 * The gauge `ZkMigrationState` of a controller, folded from its log since its last start: the value that Strimzi's
 * agent serves and the operator reads (docs/behaviour.md#reading-the-migration-state). A controller that has replayed
 * no ZkMigrationStateRecord yet shows NONE. undefined: the controller was never started.
 */
export function foldZkMigrationState(events: readonly JournalEvent[], pod: string): ZkMigrationState | undefined {
  let value: ZkMigrationState | undefined;
  for (const event of events) {
    if (event.type === 'node-started' && event.pod === pod) value = 'NONE';
    else if (event.type === 'controller-log' && event.pod === pod && event.zkMigrationState !== undefined) {
      value = event.zkMigrationState;
    }
  }
  return value;
}

/**
 * Whether the migration driver waits in SYNC_KRAFT_TO_ZK for metadata that an earlier quorum wrote: it has read in
 * `/migration` that the initial migration is done, and its last line is `Ignoring image ... Staying in
 * SYNC_KRAFT_TO_ZK`. After its own copy it may also log that, for a moment.
 */
export function isWaitingToSync(events: readonly JournalEvent[]): boolean {
  const driver = events.filter(
    (event): event is EventOf<'controller-log'> =>
      event.type === 'controller-log' && event.text.includes('KRaftMigrationDriver'),
  );
  const initial = driver.findLast(({ text }) => text.includes('Initial migration of ZK metadata is'));
  return (
    initial?.text.includes('is done') === true && driver.at(-1)?.text.includes('Staying in SYNC_KRAFT_TO_ZK') === true
  );
}
