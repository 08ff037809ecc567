import type { EventOf, JournalEvent, JournalEventType } from '../../journal/events.js';
import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import type { Observation } from '../invariant.js';

type Events = readonly JournalEvent[];

/** Narrows an event to one type. */
export function is<T extends JournalEventType>(event: JournalEvent | undefined, type: T): event is EventOf<T> {
  return event?.type === type;
}

/**
 * Where the events begin that no earlier step's evaluation has seen. A violation in the events stays in them, so the
 * invariants that judge events judge each event only once: at the first evaluation after it.
 */
export function firstUnjudged(observation: Observation): number {
  return (
    observation.events.findLastIndex((event) => is(event, 'invariant-evaluated') && event.step !== observation.step) + 1
  );
}

/** The value of `strimzi.io/kraft` that the user set last, and where; a missing annotation means `disabled`. */
export function annotationNow(events: Events): { readonly value: string; readonly index: number } {
  const index = events.findLastIndex((event) => is(event, 'gesture') && event.gesture === 'annotate');
  const event = events[index];
  return { value: is(event, 'gesture') && event.gesture === 'annotate' ? event.value : 'disabled', index };
}

/** Where the controller pool was last created; -1: never. A migration begins with it. */
export function lastPoolCreation(events: Events): number {
  return events.findLastIndex(isPoolCreation);
}

function isPoolCreation(event: JournalEvent): boolean {
  return is(event, 'gesture') && event.gesture === 'create-controller-pool';
}

/** A node that runs at the end of the events. */
export interface RunningNode {
  readonly start: EventOf<'node-started'>;
  /** The index of its last start in the events. */
  readonly index: number;
  readonly ready: boolean;
}

/** The nodes that run at the end of the events, in order of their last start. */
export function runningNodes(events: Events): readonly RunningNode[] {
  const running = new Map<string, RunningNode>();
  events.forEach((event, index) => {
    if (is(event, 'node-started')) {
      running.delete(event.pod);
      running.set(event.pod, { start: event, index, ready: false });
    } else if (is(event, 'node-ready') || is(event, 'container-restarted')) {
      const node = running.get(event.pod);
      if (node !== undefined) running.set(event.pod, { ...node, ready: event.type === 'node-ready' });
    } else if (is(event, 'node-stopped') || is(event, 'node-gone')) {
      running.delete(event.pod);
    }
  });
  return [...running.values()];
}

/** A rollback that has ended in state ZooKeeper. */
export interface Rollback {
  readonly end: EventOf<'state-changed'>;
  /** The index of its end in the events. */
  readonly index: number;
  /**
   * The state before it, as last seen: `strimzi.io/pause-reconciliation` removes `status.kafkaMetadataState`, and the
   * operator then goes on from null (measured on Strimzi 0.45.1).
   */
  readonly from: KafkaMetadataState;
  /** Where the pool of the migration that was rolled back was created; -1: never. */
  readonly pool: number;
  /** Where the next migration began: its controller pool was created. undefined: not yet. */
  readonly nextPool: number | undefined;
}

/** The last rollback that has ended, whatever came after it; undefined: none has ended. */
export function lastRollback(events: Events): Rollback | undefined {
  let state: KafkaMetadataState | undefined;
  let found: { end: EventOf<'state-changed'>; index: number; from: KafkaMetadataState } | undefined;
  events.forEach((event, index) => {
    if (!is(event, 'state-changed')) return;
    if (event.to === 'ZooKeeper' && state !== undefined && state !== 'ZooKeeper') {
      found = { end: event, index, from: state };
    }
    state = event.to;
  });
  if (found === undefined) return undefined;
  const { index } = found;
  const nextPool = events.findIndex((event, at) => at > index && isPoolCreation(event));
  return {
    ...found,
    pool: lastPoolCreation(events.slice(0, index)),
    nextPool: nextPool === -1 ? undefined : nextPool,
  };
}
