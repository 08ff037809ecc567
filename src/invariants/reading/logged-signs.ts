import type { JournalEvent } from '../../journal/events.js';
import { meaningOf, type SignSeen, signIn } from '../../journal/sign-in.js';
import { seconds } from '../../journal/text.js';
import { is, runningNodes } from './history.js';

/** A cause that a node's log names. */
export interface LoggedCause {
  readonly pod: string;
  /** When it was logged last, in seconds since the start of the run. */
  readonly t: number;
  /** `no broker has registered with the quorum` */
  readonly meaning: string;
}

/**
 * What keeps a migration from going on while its driver is in this state, as far as the logs of the nodes that run show
 * it.
 * @param driverState undefined: unknown, then only signs count that are a cause in every state.
 */
export function causesOfStuckDriver(
  events: readonly JournalEvent[],
  driverState: string | undefined,
): readonly LoggedCause[] {
  return loggedSigns(events).flatMap((logged) => {
    const { driverStates = [] } = logged.sign;
    const isCause = driverStates === 'any' || (driverState !== undefined && driverStates.includes(driverState));
    return isCause ? [{ pod: logged.pod, t: logged.t, meaning: meaningOf(logged) }] : [];
  });
}

/** `no broker has registered with the quorum (logged by my-cluster-controller-1 at 12.3 s)` */
export function loggedCauseText({ pod, t, meaning }: LoggedCause): string {
  return `${meaning} (logged by ${pod} at ${seconds(t)})`;
}

/** A sign in the log of a node that runs. */
interface LoggedSign extends SignSeen {
  readonly pod: string;
  /** When it was logged last, in seconds since the start of the run. */
  readonly t: number;
}

/** The signs that running nodes have logged since their last start, each sign of a node once, in order of their last lines. */
function loggedSigns(events: readonly JournalEvent[]): readonly LoggedSign[] {
  const starts = new Map(runningNodes(events).map(({ start, index }) => [start.pod, index] as const));
  const found = new Map<string, LoggedSign>();
  events.forEach((event, index) => {
    if (!is(event, 'node-log') && !is(event, 'controller-log')) return;
    const { pod, t, text } = event;
    if (index < (starts.get(pod) ?? Number.POSITIVE_INFINITY)) return;
    const seen = signIn(text);
    if (seen === undefined) return;
    const key = `${pod} ${seen.sign.id}`;
    found.delete(key);
    found.set(key, { ...seen, pod, t });
  });
  return [...found.values()];
}
