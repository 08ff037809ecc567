import type { EventOf, JournalEvent } from '../journal/events.js';
import { count, listNames, seconds } from '../journal/text.js';
import type { Invariant, Observation } from './invariant.js';
import { firstUnjudged, is } from './reading/history.js';

/** A deletion by the operator, and the controllers that had been started before it. */
interface Deletion {
  readonly event: EventOf<'operator-deleted-znode'>;
  readonly controllers: readonly string[];
  /** Those of them that were not gone. */
  readonly left: readonly string[];
}

/**
 * The operator deletes a rollback's znodes only after the last controller is gone. A running one claims `/controller`
 * again, or writes `/migration` again (recording 0.45.1-disabled-first: every pass deletes `/controller` again while
 * the controller is running).
 */
export const znodesDeletedAfterControllersGone: Invariant = {
  name: 'znodes-deleted-after-controllers-gone',
  about: 'conduct',
  title: "The operator deletes a rollback's znodes after every controller is removed",

  applies: (observation) => deletions(observation).length > 0,

  evaluate(observation) {
    const early = deletions(observation).filter(({ left }) => left.length > 0);
    const [first] = early;
    if (first === undefined) return undefined;
    const more = early.length === 1 ? '' : `, and ${count(early.length - 1, 'more deletion')} like it`;
    return {
      message: `the operator deleted ${first.event.path} at ${seconds(first.event.t)} while ${first.left.length} of ${first.controllers.length} controllers still existed: ${listNames(first.left)}${more}`,
      evidence: early.map(({ event, controllers, left }) => ({
        subject: event.path,
        expected: `deleted after ${listNames(controllers)} ${controllers.length === 1 ? 'is' : 'are'} removed`,
        found: `${event.outcome === 'deleted' ? 'deleted' : 'looked for'} while ${listNames(left)} still existed`,
        where: 'znode' as const,
        at: event.t,
      })),
    };
  },
};

/** The deletions to judge. If no controller was ever started, there is no order to check. */
function deletions(observation: Observation): readonly Deletion[] {
  const { events } = observation;
  const from = firstUnjudged(observation);
  return events.flatMap((event, index) => {
    if (index < from || !is(event, 'operator-deleted-znode')) return [];
    const before = events.slice(0, index);
    const controllers = startedControllers(before);
    return controllers.length === 0
      ? []
      : [{ event, controllers, left: controllers.filter((pod) => !isGone(pod, before)) }];
  });
}

function startedControllers(events: readonly JournalEvent[]): readonly string[] {
  const pods = events.flatMap((event) => (is(event, 'node-started') && event.role === 'controller' ? [event.pod] : []));
  return [...new Set(pods)];
}

function isGone(pod: string, events: readonly JournalEvent[]): boolean {
  const last = events.findLast((event) => (is(event, 'node-started') || is(event, 'node-gone')) && event.pod === pod);
  return is(last, 'node-gone');
}
