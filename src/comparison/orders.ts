import type { JournalEvent } from '../journal/events.js';
import { type LaneItem, type Lanes, nodeLane, STATE_LANE, USER_LANE, ZNODE_DELETIONS_LANE } from './lanes.js';

/*
 * The order of events in different lanes. Only these orders mean something in every environment: in each rollback
 * controllers gone < `/controller` deleted < `/migration` deleted < first broker stopped < state ZooKeeper (Strimzi
 * 0.45.1 KafkaAssemblyOperator.java:276-289, ZooKeeperReconciler.java:195-221: the znodes are deleted before the
 * brokers are rolled), and a state < the gesture of the user who waited for it.
 */

/** An event that takes part in an order. */
export interface Moment {
  /** `the last controller was removed`. */
  readonly text: string;
  readonly t: number;
  readonly index: number;
}

/** The order of two events in a journal. */
export interface OrderSeen {
  /** The same order has the same key in another journal. */
  readonly key: string;
  readonly first: Moment;
  readonly second: Moment;
  /** `undecided`: too close together for what this journal can resolve. */
  readonly order: 'holds' | 'broken' | 'undecided';
}

/** Seconds within which the events of this journal may be in the wrong order, as its environment declares. */
export function resolution(events: readonly JournalEvent[]): number {
  const first = events[0];
  return first?.type === 'run-started' ? (first.parts.observedWithinSeconds ?? 0) : 0;
}

function seen(key: string, first: Moment, second: Moment, within: number): OrderSeen {
  const undecided = Math.abs(second.t - first.t) < within;
  // A journal is in the order of time.
  const inOrder = first.index < second.index ? 'holds' : 'broken';
  return { key, first, second, order: undecided ? 'undecided' : inOrder };
}

/** The orders of every rollback in the journal, between each pair of the five events that it has. */
export function rollbackOrders(events: readonly JournalEvent[], lanes: Lanes): readonly OrderSeen[] {
  const within = resolution(events);
  const states = lanes.get(STATE_LANE) ?? [];
  const rollbacks = states.filter((item, i) => item.facts.state === 'KRaftDualWriting' && isRollback(states[i - 1]));
  return rollbacks.flatMap((start, i) => {
    const end = states[states.indexOf(start) + 1];
    return pairs(chain(events, lanes, start, end, states[states.indexOf(start) + 2])).map(([first, second]) =>
      seen(`rollback ${i + 1}: ${first.text} < ${second.text}`, first, second, within),
    );
  });
}

/** KRaftDualWriting comes after KRaftMigration in a migration, and after KRaftPostMigration in a rollback. */
function isRollback(before: LaneItem | undefined): boolean {
  return before?.facts.state === 'KRaftPostMigration';
}

function pairs(moments: readonly Moment[]): readonly (readonly [Moment, Moment])[] {
  return moments.flatMap((first, i) => moments.slice(i + 1).map((second) => [first, second] as const));
}

/** Those of the five events that a rollback has, in the order in which they should be. */
function chain(
  events: readonly JournalEvent[],
  lanes: Lanes,
  start: LaneItem,
  end: LaneItem | undefined,
  afterEnd: LaneItem | undefined,
): readonly Moment[] {
  // An event that should have come before the state ZooKeeper, but came after it, still belongs to this rollback.
  const limit = end?.facts.state === 'ZooKeeper' ? afterEnd : end;
  const inside = (item: { readonly index: number }) =>
    item.index > start.index && (limit === undefined || item.index < limit.index);
  const clusterName = events[0]?.type === 'run-started' ? events[0].cluster.name : '';
  const ofRole = (role: string) => {
    const pods = new Set(events.flatMap((e) => (e.type === 'node-started' && e.role === role ? [e.pod] : [])));
    return [...pods].flatMap((pod) => lanes.get(nodeLane(pod, clusterName)) ?? []).filter(inside);
  };
  const deletions = (lanes.get(ZNODE_DELETIONS_LANE) ?? []).filter(inside);
  const moment = (text: string, item: LaneItem | undefined): readonly Moment[] =>
    item === undefined ? [] : [{ text, t: item.t, index: item.index }];
  const inOrder = (items: readonly LaneItem[]) => items.toSorted((a, b) => a.index - b.index);
  return [
    ...moment(
      'the last controller was removed',
      inOrder(ofRole('controller').filter((item) => item.kind === 'gone')).at(-1),
    ),
    ...moment(
      'the operator deleted /controller',
      deletions.find((item) => item.facts.path === '/controller'),
    ),
    ...moment(
      'the operator deleted /migration',
      deletions.find((item) => item.facts.path === '/migration'),
    ),
    ...moment(
      'the first broker was stopped',
      // A forced restart is no part of the rollback.
      inOrder(ofRole('broker').filter((item) => item.kind === 'stop' && item.facts.why === 'ordered'))[0],
    ),
    ...moment('the state became ZooKeeper', end?.facts.state === 'ZooKeeper' ? end : undefined),
  ];
}

/** A state that the user waited for before a gesture: positions in the lanes. */
export interface Wait {
  readonly state: number;
  readonly gesture: number;
}

/** Which states the user waited for, and with which gesture the user went on. */
export function waits(events: readonly JournalEvent[], lanes: Lanes): readonly Wait[] {
  const within = resolution(events);
  const states = lanes.get(STATE_LANE) ?? [];
  const gestures = lanes.get(USER_LANE) ?? [];
  return events.flatMap((event, index) => {
    if (event.type !== 'state-awaited') return [];
    const reached = (item: LaneItem) => (within === 0 ? item.index < index : item.t <= event.t + within);
    const state = states.findLastIndex((item) => item.facts.state === event.state && reached(item));
    const gesture = gestures.findIndex((item) => item.index > index);
    return state < 0 || gesture < 0 ? [] : [{ state, gesture }];
  });
}

/** Whether the state came before the gesture, in a journal that has both. */
export function waitOrder(events: readonly JournalEvent[], lanes: Lanes, wait: Wait): OrderSeen | undefined {
  const state = lanes.get(STATE_LANE)?.[wait.state];
  const gesture = lanes.get(USER_LANE)?.[wait.gesture];
  if (state === undefined || gesture === undefined) return undefined;
  return seen(
    `state ${wait.state} < gesture ${wait.gesture}`,
    { text: `the state ${state.text}`, t: state.t, index: state.index },
    { text: `the user ${gesture.text}`, t: gesture.t, index: gesture.index },
    resolution(events),
  );
}
