import type { EventOf } from '../journal/events.js';
import { count, listNames, seconds } from '../journal/text.js';
import type { Invariant, Observation } from './invariant.js';
import { firstUnjudged, is, lastPoolCreation } from './reading/history.js';

/** A controller's first start in its pool. */
interface FirstStart {
  readonly start: EventOf<'node-started'>;
  /** undefined: the journal begins after the pool's creation. */
  readonly poolCreated: number | undefined;
  readonly wiped: boolean;
}

/**
 * The controllers of a new pool start with empty volumes: Strimzi's documentation asks users to delete the old ones
 * (0.45.1 `proc-deploy-migrate-kraft.adoc:310-314`), because a pool that is created again gets the same node ids and
 * re-binds claims that were kept (0.45.1 `NodeIdAssignor.java:149-201`). A later start is expected to find a used
 * volume.
 */
export const controllersStartEmpty: Invariant = {
  name: 'controllers-start-empty',
  about: 'conduct',
  title: 'Every controller of a new pool starts with an empty volume',

  applies: (observation) => firstStarts(observation).length > 0,

  evaluate(observation) {
    const starts = firstStarts(observation);
    const used = starts.filter(({ start }) => start.volume === 'used');
    if (used.length === 0) return undefined;
    const pods = used.map(({ start }) => `${start.pod} at ${seconds(start.t)}`);
    return {
      message: `${used.length} of ${count(starts.length, 'controller')} of a new pool started with a used volume: ${listNames(pods)}`,
      evidence: used.map(({ start, poolCreated, wiped }) => ({
        subject: start.pod,
        expected: `an empty volume at the first start${poolCreated === undefined ? '' : ` after the pool was created at ${seconds(poolCreated)}`}`,
        found: 'a volume with an earlier metadata log',
        where: 'node' as const,
        at: start.t,
        note: wiped ? 'although its volume had been deleted before' : 'its volume had not been deleted before',
      })),
    };
  },
};

/** The first starts to judge: those whose volume could be seen. */
function firstStarts(observation: Observation): readonly FirstStart[] {
  const { events } = observation;
  const from = firstUnjudged(observation);
  return events.flatMap((start, index) => {
    if (index < from || !is(start, 'node-started') || start.role !== 'controller' || start.volume === undefined)
      return [];
    const before = events.slice(0, index);
    const pool = lastPoolCreation(before);
    const isOfPod = (event: (typeof events)[number]) => 'pod' in event && event.pod === start.pod;
    if (before.slice(pool + 1).some((event) => is(event, 'node-started') && isOfPod(event))) return [];
    const previous = before.findLastIndex((event) => is(event, 'node-started') && isOfPod(event));
    const wiped = before.slice(previous + 1).some((event) => is(event, 'volume-wiped') && isOfPod(event));
    return [{ start, poolCreated: before[pool]?.t, wiped }];
  });
}
