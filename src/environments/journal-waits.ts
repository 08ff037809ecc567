import type { Journal } from '../journal/journal.js';
import type { KafkaMetadataState } from '../strimzi/migration-state.js';
import { waitUntil } from '../waiting/wait.js';

/** How a node ends that a fault has killed; an end by a signal from outside ends the run. */
const KILLED = 'SIGKILL';

/** What the waits of a cluster for something that its journal shows need: the same in every environment. */
export interface JournalWait {
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly stateTimeoutMs: number;
}

/**
 * Waits until the state has been this one since `strimzi.io/kraft` was last set.
 * @param options `now`: the state now. @throws WaitTimedOut, WaitAborted.
 */
export async function untilReached(
  state: KafkaMetadataState,
  { now, ...wait }: JournalWait & { readonly now: () => KafkaMetadataState | undefined },
): Promise<void> {
  await untilJournal(
    wait,
    () => `the state ${state} to be reached (it is ${now() ?? 'none yet'})`,
    () => {
      const events = wait.journal.events();
      const annotated = events.findLastIndex((event) => event.type === 'gesture' && event.gesture === 'annotate');
      const seen = events.slice(annotated + 1).some((event) => event.type === 'state-changed' && event.to === state);
      return seen || now() === state;
    },
  );
}

/**
 * Waits until a node's container was restarted because it ended by itself, since the node's last start. The end may have
 * come before the call. That a fault kills a node (`SIGKILL`, in no environment an end by itself) does not count.
 * @throws WaitTimedOut, WaitAborted.
 */
export async function untilCrashed(pod: string, wait: JournalWait): Promise<void> {
  await untilJournal(
    wait,
    () => `${pod} to end by itself`,
    () => {
      const events = wait.journal.events();
      const started = events.findLastIndex((event) => event.type === 'node-started' && event.pod === pod);
      return events
        .slice(started + 1)
        .some((event) => event.type === 'container-restarted' && event.pod === pod && event.how !== KILLED);
    },
  );
}

/**
 * Waits until the epoch of the present quorum, that of the controller pool which was created last, is at least this one.
 * @throws WaitTimedOut, WaitAborted.
 */
export async function untilEpoch(epoch: number, wait: JournalWait): Promise<void> {
  const now = (): number => {
    const events = wait.journal.events();
    const created = events.findLastIndex(
      (event) => event.type === 'gesture' && event.gesture === 'create-controller-pool',
    );
    return events.slice(created + 1).findLast((event) => event.type === 'quorum-epoch')?.epoch ?? 0;
  };
  await untilJournal(
    wait,
    () => `epoch ${epoch} of the controllers' quorum (it is ${now()})`,
    () => now() >= epoch,
  );
}

async function untilJournal(
  { journal, signal, stateTimeoutMs: timeoutMs }: JournalWait,
  what: () => string,
  seen: () => boolean,
): Promise<void> {
  await waitUntil(
    { what, timeoutMs, signal },
    (wake) => journal.listen(wake),
    () => (seen() ? true : undefined),
  );
}
