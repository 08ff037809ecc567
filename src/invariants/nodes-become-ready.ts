import { podsWithActiveFault } from '../journal/active-faults.js';
import type { JournalEvent } from '../journal/events.js';
import { causeIn } from '../journal/sign-in.js';
import { seconds, startText } from '../journal/text.js';
import type { Invariant } from './invariant.js';
import { is, type RunningNode, runningNodes } from './reading/history.js';
import { unresponsiveNodes } from './reading/unresponsive.js';

/** A start takes too long if it takes this many times as long as the slowest one of the run that succeeded. */
const TOO_LONG = 3;

/**
 * A node that was started becomes ready before a wait times out. One that runs, does not end and never becomes ready does
 * not do its work: for example a broker in KRaft mode that the controllers do not register, because their metadata log is
 * empty (`Controller is in pre-migration mode`, Kafka 3.9.0 `ClusterControlManager.java`).
 *
 * It is judged only when a wait has timed out, and by the pace of the run itself: a node that was started a moment before
 * that has had no time. A node that something outside of the cluster has frozen may keep others from becoming ready: then
 * nothing is said.
 */
export const nodesBecomeReady: Invariant = {
  name: 'nodes-become-ready',
  about: 'outage',
  title: 'Every node that is started becomes ready before a wait times out',

  applies: ({ moment, events }) =>
    moment === 'timed-out' &&
    slowestStart(events) !== undefined &&
    unresponsiveNodes(events).every(({ fault }) => fault !== undefined),

  evaluate({ events, state }) {
    const now = events.at(-1)?.t ?? 0;
    const patience = TOO_LONG * (slowestStart(events) ?? Number.POSITIVE_INFINITY);
    const faulty = podsWithActiveFault(events);
    const waiting = runningNodes(events).filter(
      ({ start, ready }) => !ready && now - start.t > patience && !faulty.has(start.pod),
    );
    if (waiting.length === 0) return undefined;
    const where = state === undefined ? '' : `, in state ${state}`;
    return {
      message: `${waiting.map((node) => waitingText(node, now)).join('; ')}${where}${because(events)}`,
      evidence: waiting.map(({ start }) => ({
        subject: start.pod,
        expected: 'ready',
        found: 'running, not ready',
        where: 'node',
        at: start.t,
      })),
    };
  },
};

/** What the nodes' logs show that keeps a broker from registering; empty: nothing. */
function because(events: readonly JournalEvent[]): string {
  const refusal = events.findLast((event) => is(event, 'node-log') && event.sign === 'pre-migration-mode');
  const cause = is(refusal, 'node-log') ? causeIn(refusal.text) : undefined;
  return is(refusal, 'node-log') && cause !== undefined ? `: ${cause}, as ${refusal.pod} says` : '';
}

/** Seconds that the slowest start of the run took that succeeded; undefined: none has. */
function slowestStart(events: readonly JournalEvent[]): number | undefined {
  const started = new Map<string, number>();
  const took: number[] = [];
  for (const event of events) {
    if (is(event, 'node-started')) started.set(event.pod, event.t);
    else if (is(event, 'node-ready')) took.push(event.t - (started.get(event.pod) ?? event.t));
  }
  return took.length === 0 ? undefined : Math.max(...took);
}

function waitingText({ start }: RunningNode, now: number): string {
  const mode = startText(start);
  const started = mode === '' ? '' : `, ${mode}`;
  return `${start.pod} has not become ready in ${seconds(now - start.t)} since it was started at ${seconds(start.t)}${started}`;
}
