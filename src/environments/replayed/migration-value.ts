import type { ZkMigrationState } from '../../cluster/migration-state.js';
import type { JournalEvent } from '../../journal/events.js';

/**
 * The gauge `ZkMigrationState` of a controller, folded from its log since its last start: the value that Strimzi's agent
 * serves and the operator reads (docs/behaviour.md#reading-the-migration-state). A controller that has replayed no
 * ZkMigrationStateRecord yet shows NONE. undefined: the controller was never started.
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
 * Whether the migration driver waits in SYNC_KRAFT_TO_ZK for an image that contains what `/migration` says was written:
 * `Ignoring image ... Staying in SYNC_KRAFT_TO_ZK` is the last that it has logged.
 */
export function isWaitingToSync(events: readonly JournalEvent[]): boolean {
  const last = events.findLast(
    (event) => event.type === 'controller-log' && event.text.includes('KRaftMigrationDriver'),
  );
  return last?.type === 'controller-log' && last.text.includes('Staying in SYNC_KRAFT_TO_ZK');
}
