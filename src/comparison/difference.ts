import type { JournalEvent, RunStarted } from '../journal/events.js';
import type { Loss, Outage } from '../journal/loss.js';
import { seconds } from '../journal/text.js';
import {
  differingFact,
  type LaneItem,
  type Lanes,
  MIGRATION_LANE,
  STATE_LANE,
  USER_LANE,
  ZNODE_DELETIONS_LANE,
} from './lanes.js';
import type { OrderSeen } from './orders.js';

/** A difference between two journals A and B, for a reader. */
export interface Difference {
  /** Name of the lane; `order`, `loss` and `outage` belong to no single lane. */
  readonly lane: string;
  /** Position in the lane, from 0. */
  readonly index: number;
  /** What A did there; null: nothing more. */
  readonly a: string | null;
  readonly b: string | null;
  /** Lines for a reader who knows Strimzi: what each did, when, and what came before in both. */
  readonly explanation: string;
}

/** A difference as the comparison finds it. */
export type DifferenceFound =
  | {
      readonly kind: 'item';
      readonly lane: string;
      readonly index: number;
      readonly a: LaneItem | undefined;
      readonly b: LaneItem | undefined;
    }
  | { readonly kind: 'order'; readonly a: OrderSeen; readonly b: OrderSeen }
  | { readonly kind: 'loss'; readonly a: Loss | undefined; readonly b: Loss | undefined }
  | { readonly kind: 'outage'; readonly a: Outage | undefined; readonly b: Outage | undefined };

/** What is needed of a journal to explain a difference. */
export interface Explained {
  readonly events: readonly JournalEvent[];
  readonly started: RunStarted;
  readonly lanes: Lanes;
}

/** Describes a difference. */
export function describeDifference(found: DifferenceFound, a: Explained, b: Explained): Difference {
  const names = `A is ${nameOf(a)}, B is ${nameOf(b)}.`;
  switch (found.kind) {
    case 'item': {
      const subject = subjectOf(found.lane);
      const text = (item: LaneItem | undefined) => (item === undefined ? null : `${subject} ${item.text}`);
      return {
        lane: found.lane,
        index: found.index,
        a: text(found.a),
        b: text(found.b),
        explanation: [
          `Lane "${found.lane}", item ${found.index + 1}. ${names}`,
          `A: ${happened(subject, found.a, a)}`,
          `B: ${happened(subject, found.b, b)}`,
          ...factLine(found.a, found.b),
          `Before it, in both: ${beforeInBoth(found.lane, found.index, a, b)}`,
        ].join('\n'),
      };
    }
    case 'order': {
      const text = (order: OrderSeen) => {
        const [first, second] = order.order === 'holds' ? [order.first, order.second] : [order.second, order.first];
        return `${first.text} at ${seconds(first.t)}, then ${second.text} at ${seconds(second.t)}`;
      };
      return {
        lane: 'order',
        index: 0,
        a: text(found.a),
        b: text(found.b),
        explanation: [`Order of events. ${names}`, `A: ${text(found.a)}.`, `B: ${text(found.b)}.`].join('\n'),
      };
    }
    case 'loss': {
      const text = (loss: Loss | undefined) =>
        loss === undefined ? 'lost nothing' : `had lost something by ${seconds(loss.t)}`;
      return {
        lane: 'loss',
        index: 0,
        a: found.a === undefined ? null : text(found.a),
        b: found.b === undefined ? null : text(found.b),
        explanation: [
          `Only one of the two lost anything. ${names}`,
          `A: the run ${text(found.a)}${around(found.a, a)}.`,
          `B: the run ${text(found.b)}${around(found.b, b)}.`,
        ].join('\n'),
      };
    }
    case 'outage': {
      const text = (outage: Outage | undefined) =>
        outage === undefined ? 'was not broken' : `was broken by ${seconds(outage.t)}`;
      return {
        lane: 'outage',
        index: 0,
        a: found.a === undefined ? null : text(found.a),
        b: found.b === undefined ? null : text(found.b),
        explanation: [
          `Only one of the two clusters was broken. ${names}`,
          `A: the cluster ${text(found.a)}${around(found.a, a)}.`,
          `B: the cluster ${text(found.b)}${around(found.b, b)}.`,
        ].join('\n'),
      };
    }
  }
}

function nameOf(side: Explained): string {
  const { run, operatorVersion, parts } = side.started;
  return `${run} (${parts.operator === 'real' ? 'the real' : parts.operator === 'replayed' ? 'replayed' : 'a stand-in for'} Strimzi ${operatorVersion})`;
}

function subjectOf(lane: string): string {
  switch (lane) {
    case USER_LANE:
      return 'the user';
    case STATE_LANE:
      return 'the state';
    case ZNODE_DELETIONS_LANE:
      return 'the operator';
    case MIGRATION_LANE:
      return '/migration';
    default:
      return lane.replace(/^node /, '');
  }
}

function happened(subject: string, item: LaneItem | undefined, side: Explained): string {
  if (item === undefined) return `${subject}: nothing more.`;
  return `${subject} ${item.text} at ${seconds(item.t)}${around(item, side)}.`;
}

/** In which state it was, and after which gesture. */
function around(item: { readonly index: number; readonly t: number } | undefined, side: Explained): string {
  if (item === undefined) return '';
  const last = (lane: string) => side.lanes.get(lane)?.findLast((other) => other.index < item.index);
  const state = last(STATE_LANE);
  const gesture = last(USER_LANE);
  const inState = state === undefined ? '' : `, in state ${state.facts.state}`;
  const after = gesture === undefined ? '' : `, ${seconds(item.t - gesture.t)} after the user ${gesture.text}`;
  return `${inState}${after}`;
}

/** If both did the same kind of thing: what exactly differs. */
function factLine(a: LaneItem | undefined, b: LaneItem | undefined): readonly string[] {
  if (a === undefined || b === undefined || a.kind !== b.kind) return [];
  const fact = differingFact(a, b);
  if (fact === undefined) return [];
  const value = (item: LaneItem) => (item.facts[fact] === undefined ? 'is missing' : `is '${item.facts[fact]}'`);
  return [`What differs: ${fact} ${value(a)} in A and ${value(b)} in B.`];
}

function beforeInBoth(lane: string, index: number, a: Explained, b: Explained): string {
  const [itemA, itemB] = [a.lanes.get(lane)?.[index - 1], b.lanes.get(lane)?.[index - 1]];
  if (itemA === undefined || itemB === undefined) return 'nothing in this lane.';
  return `${subjectOf(lane)} ${itemA.text} (A at ${seconds(itemA.t)}, B at ${seconds(itemB.t)}).`;
}
