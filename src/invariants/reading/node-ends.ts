import type { JournalEvent, NodeStarted } from '../../journal/events.js';
import { is } from './history.js';

/** A node that ended by itself, and why as far as its log says. */
export interface NodeEnd {
  readonly pod: string;
  /** Seconds since the start of the run. */
  readonly t: number;
  /** `exit code 1`. */
  readonly how: string;
  /** The FATAL, ERROR or `Caused by:` line that says why; undefined: unknown. */
  readonly error: string | undefined;
  /** Its start, with the configuration that it ran; undefined: not journalled. */
  readonly start: NodeStarted | undefined;
}

/**
 * Of each pod, the ends after which it has not done its work yet: a run that became ready and was then stopped on order
 * shows that what ended the runs before it has passed. A pod that was removed, or has another volume, begins anew.
 *
 * A node that a signal killed did not end by itself: the scenario or something outside of the cluster killed it, and the
 * last error in its log is not the reason.
 */
export function ownEnds(events: readonly JournalEvent[]): ReadonlyMap<string, readonly NodeEnd[]> {
  const ends = new Map<string, readonly NodeEnd[]>();
  const starts = new Map<string, NodeStarted>();
  const ready = new Set<string>();
  const ended = (pod: string, t: number, how: string | undefined, error: string | undefined): void => {
    ready.delete(pod);
    if (how === undefined || !isOwnExit(how)) return;
    ends.set(pod, [...(ends.get(pod) ?? []), { pod, t, how, error, start: starts.get(pod) }]);
  };
  for (const event of events) {
    if (is(event, 'node-started')) starts.set(event.pod, event);
    else if (is(event, 'node-ready')) ready.add(event.pod);
    else if (is(event, 'container-restarted')) ended(event.pod, event.t, event.how, event.error);
    else if (is(event, 'node-stopped') && event.reason === 'died') {
      ended(event.pod, event.t, event.signal, event.error);
    } else if (is(event, 'node-stopped')) {
      if (ready.delete(event.pod)) ends.delete(event.pod);
    } else if (is(event, 'node-gone') || is(event, 'volume-wiped')) ends.delete(event.pod);
  }
  return ends;
}

/** A program that a signal ends has the exit code 128 plus the signal's number. */
const SIGNALS_ABOVE = 128;

/** `exit code 1`, `exit code 1 (Error)`. With code 0 a node ends that was asked to. */
function isOwnExit(how: string): boolean {
  const code = /^exit code (?<code>\d+)\b/.exec(how)?.groups?.code;
  return code !== undefined && Number(code) > 0 && Number(code) <= SIGNALS_ABOVE;
}
