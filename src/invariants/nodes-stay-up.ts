import type { JournalEvent } from '../journal/events.js';
import { machineCauseOf } from '../journal/machine-causes.js';
import { attemptsFor, endReason, saysSessionStillAlive } from '../journal/repeated-ends.js';
import { causeIn } from '../journal/sign-in.js';
import { logMessage, seconds, startText } from '../journal/text.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { is } from './reading/history.js';
import { type NodeEnd, ownEnds } from './reading/node-ends.js';
import { unresponsiveNodes } from './reading/unresponsive.js';

/**
 * A node that ends by itself is started again by the kubelet. If it ends three times with the same error, it does not
 * come up again: for example a broker that does not accept its `meta.properties`, or whose metadata log is ahead of the
 * quorum's. A node that a signal killed, or that lacks something of the machine, shows nothing about the cluster.
 */
export const nodesStayUp: Invariant = {
  name: 'nodes-stay-up',
  about: 'outage',
  title: 'No node ends three times with the same error',
  endsWaits: true,

  applies: ({ events }) => {
    if (!events.some((event) => is(event, 'node-started'))) return false;
    // A node that something outside of the cluster has frozen may be why others end.
    if (unresponsiveNodes(events).some(({ fault }) => fault === undefined)) return false;
    const repeated = repeatedEnds(events);
    // A journal that does not say why a node ended does not show that nodes stay up.
    return repeated.every(isExplained) || repeated.some(isExplained);
  },

  evaluate({ events, state }) {
    const down = repeatedEnds(events).filter(isExplained);
    return down.length === 0 ? undefined : staysDown(down, state);
  },
};

/** The ends of one node with the same error, in order. */
type SameEnds = readonly NodeEnd[];

/** Of each node that has ended too often with the same error, its ends with the first such error. */
function repeatedEnds(events: readonly JournalEvent[]): readonly SameEnds[] {
  return [...ownEnds(events).values()].flatMap((ends) => {
    const found = ends
      .map((end, i) => ends.slice(0, i + 1).filter((other) => endReason(other) === endReason(end)))
      .find((same) => same.length >= attemptsFor(same.some(({ error }) => saysSessionStillAlive(error ?? ''))));
    return found === undefined || isOfMachine(found) ? [] : [found];
  });
}

/** Whether the machine is to blame, and not the cluster. */
function isOfMachine(ends: SameEnds): boolean {
  return machineCauseOf(ends.flatMap(({ error }) => (error === undefined ? [] : [error]))) !== undefined;
}

/** Whether the journal has the error of one of the ends at least. */
function isExplained(ends: SameEnds): boolean {
  return ends.some(({ error }) => error !== undefined);
}

function staysDown(down: readonly SameEnds[], state: Observation['state']): Violation {
  const nodes = down.flatMap((ends) => {
    const last = ends.at(-1);
    return last === undefined ? [] : [{ last, ends, error: logMessage(last.error ?? last.how) }];
  });
  return {
    message: nodes
      .map(({ last, ends, error }) => {
        const started = last.start === undefined ? '' : startText(last.start);
        const cause = causeIn(error);
        const facts = [
          `${last.pod} does not stay up: ${cause === undefined ? '' : `${cause}; `}it ended ${ends.length} times with the same error`,
          `the last time at ${seconds(last.t)}`,
          ...(started === '' ? [] : [started]),
          ...(state === undefined ? [] : [`in state ${state}`]),
        ];
        return `${facts.join(', ')}: ${error}`;
      })
      .join('; '),
    evidence: nodes.map(({ last, ends, error }) => ({
      subject: last.pod,
      expected: 'running',
      found: error,
      where: 'node',
      at: last.t,
      note: `${last.how}, ${ends.length} times: at ${ends.map(({ t }) => seconds(t)).join(', ')}`,
    })),
  };
}
