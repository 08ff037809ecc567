import { WaitTimedOut } from '../errors.js';
import type { JournalEvent } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { waitUntil } from '../waiting/wait.js';

/** Why a loss or an outage is suspected while a step runs. */
export type Suspicion =
  | { readonly kind: 'topics-deleted'; readonly topics: readonly string[] }
  /** The driver begins to sync: the content of `/migration` decides whether it can. */
  | { readonly kind: 'sync-begun' }
  /** A node ended by itself: it may be one that does not come up again. */
  | { readonly kind: 'node-ended' };

/** Which of two suspicions is looked into; what is looked at for it shows the others, too. */
const URGENCY: Readonly<Record<Suspicion['kind'], number>> = { 'topics-deleted': 2, 'sync-begun': 1, 'node-ended': 0 };

/** The more urgent of two suspicions; the later one if they are of one kind, unless topics were deleted. */
export function moreUrgent(earlier: Suspicion | undefined, later: Suspicion): Suspicion {
  if (earlier === undefined) return later;
  return URGENCY[earlier.kind] > URGENCY[later.kind] || earlier.kind === 'topics-deleted' ? earlier : later;
}

/** The suspicion that an event raises. */
export function suspect(event: JournalEvent, isExpected: (topic: string) => boolean): Suspicion | undefined {
  if (event.type === 'topics-changed') {
    const topics = (event.deleted ?? []).filter(isExpected);
    return topics.length > 0 ? { kind: 'topics-deleted', topics } : undefined;
  }
  if (event.type === 'controller-log' && event.driverState === 'SYNC_KRAFT_TO_ZK') return { kind: 'sync-begun' };
  const ended = event.type === 'container-restarted' || (event.type === 'node-stopped' && event.reason === 'died');
  return ended ? { kind: 'node-ended' } : undefined;
}

const AFTER_SYNC: ReadonlySet<string> = new Set(['KRAFT_CONTROLLER_TO_BROKER_COMM', 'DUAL_WRITE', 'INACTIVE']);

/**
 * Waits for the end of a full sync, which deletes one topic after another, so that the whole loss is reported. Resolves
 * without waiting if no sync is running, and at the latest after `timeoutMs`: what is missing by then is reported.
 */
export async function waitForSyncEnd(journal: Journal, signal: AbortSignal, timeoutMs: number): Promise<void> {
  const syncing = (): boolean => {
    const last = journal.ofType('controller-log').findLast(({ driverState }) => driverState !== undefined);
    return last?.driverState === 'SYNC_KRAFT_TO_ZK';
  };
  if (!syncing()) return;
  await waitUntil(
    { what: "the end of the controller's full metadata sync", timeoutMs, signal },
    (wake) =>
      journal.listen((event) => {
        if (event.type === 'controller-log' && AFTER_SYNC.has(event.driverState ?? '')) wake();
      }),
    () => (syncing() ? undefined : true),
  ).catch((error: unknown) => {
    // What is missing by now is reported even if the sync is still running.
    if (!(error instanceof WaitTimedOut)) throw error;
  });
}
