import { UsageError } from '../errors.js';
import type { JournalEvent, RunStarted } from '../journal/events.js';
import { firstLoss, firstOutage, type Loss, type Outage } from '../journal/loss.js';
import { gestureText, seconds } from '../journal/text.js';
import { type Difference, type DifferenceFound, describeDifference } from './difference.js';
import {
  FORCED_RESTART,
  type LaneItem,
  type Lanes,
  layOut,
  nodeLane,
  STATE_LANE,
  sameItem,
  USER_LANE,
} from './lanes.js';
import { type OrderSeen, resolution, rollbackOrders, type Wait, waitOrder, waits } from './orders.js';
import { requireRun, type Unfinished, unfinished } from './run-journal.js';

export interface Comparison {
  /** Both reached a verdict, something was compared, and no difference was found. */
  readonly agree: boolean;
  /** The difference that comes first in a run. */
  readonly firstDifference?: Difference;
  /** Why the two do not agree although no difference was found, in one sentence. */
  readonly undecided?: string;
  /** Up to where the two were compared, and why no further. */
  readonly comparedUntil: string;
  readonly compared: Compared;
}

/** How much two journals have in common. */
export interface Compared {
  /** What both did, in the same place. */
  readonly items: number;
  /** Lanes with at least one such item. */
  readonly lanes: number;
}

export interface CompareOptions {
  /** Whether runs of different operator versions may be compared: to see where they begin to differ. */
  readonly acrossVersions?: boolean;
  /** What the two journals are, for errors: the paths of their files. */
  readonly names?: readonly [string, string];
}

/** A journal that was laid out once, to be compared with any number of others. */
export interface PreparedJournal {
  readonly events: readonly JournalEvent[];
  readonly started: RunStarted;
  readonly lanes: Lanes;
  readonly loss: Loss | undefined;
  readonly outage: Outage | undefined;
  /** Position in the journal from which on nothing is compared. */
  readonly until: number;
  /** The run ended with its loss or outage: nothing more was done to the cluster. */
  readonly endedByDamage: boolean;
  /** How it ended without a verdict; undefined: it has one. */
  readonly unfinished: Unfinished | undefined;
}

/**
 * Compares two journals of one scenario, lane by lane and by the orders between lanes.
 *
 * - After the first loss nothing is compared. When it occurs depends on the speed of the environment: what one run did
 *   before its loss, the other must have done too, before or after its own loss. If both runs ended with their losses,
 *   the one that ended sooner may lack what the other still did. The same holds for an outage.
 * - If one run goes on after the other completed (a recording finalises, the scenario ends at KRaftPostMigration), they
 *   are compared up to that point.
 * - A run that reached no verdict is compared up to its end. It may lack what the other did later, and never agrees.
 * - An order that is broken in the same way in both is no difference: whether it is allowed is for an invariant to
 *   decide.
 *
 * @throws UsageError if the journals are of different scenarios, topologies, Kafka versions or, unless allowed,
 * operator versions, or if one is not the journal of one run.
 */
export function compareJournals(
  a: readonly JournalEvent[],
  b: readonly JournalEvent[],
  options: CompareOptions = {},
): Comparison {
  const startedA = requireRun(a, options.names?.[0] ?? 'The first journal');
  const startedB = requireRun(b, options.names?.[1] ?? 'The second journal');
  refuseUnlike(startedA, startedB, options);
  return compareSides(prepare(a, startedA), prepare(b, startedB));
}

/**
 * Lays out a journal, to compare it with many others.
 * @throws UsageError if it is not the journal of one run.
 */
export function prepareJournal(events: readonly JournalEvent[]): PreparedJournal {
  return prepare(events, requireRun(events, 'The journal'));
}

/** What `compareJournals` does, with journals that are prepared. @throws UsageError as it does. */
export function comparePrepared(a: PreparedJournal, b: PreparedJournal, options: CompareOptions = {}): Comparison {
  refuseUnlike(a.started, b.started, options);
  return compareSides(a, b);
}

function compareSides(wholeA: PreparedJournal, wholeB: PreparedJournal): Comparison {
  const [sideA, sideB] = [upToEndOf(wholeA, wholeB), upToEndOf(wholeB, wholeA)];
  const lanes = compareLanes(sideA, sideB);
  const found = [
    ...lanes.flatMap(({ difference }) => difference ?? []),
    ...orderDifferences(sideA, sideB),
    ...lossDifference(sideA, sideB),
    ...outageDifference(sideA, sideB),
  ];
  const first = earliest(found, sideA, sideB);
  const compared = {
    items: lanes.reduce((sum, { items }) => sum + items, 0),
    lanes: lanes.filter(({ items }) => items > 0).length,
  };
  const common = { comparedUntil: untilText(sideA, sideB), compared };
  if (first !== undefined) {
    return { agree: false, firstDifference: describeDifference(first, sideA, sideB), ...common };
  }
  const undecided = undecidedText(sideA, sideB, compared);
  return undecided === undefined ? { agree: true, ...common } : { agree: false, undecided, ...common };
}

function undecidedText(a: PreparedJournal, b: PreparedJournal, { items }: Compared): string | undefined {
  const reasons = (
    [
      ['A', a],
      ['B', b],
    ] as const
  ).flatMap(([name, { started, unfinished: end }]) =>
    end === undefined ? [] : [`${name} (${started.run}) reached no verdict: ${end.why} at ${seconds(end.t)}`],
  );
  const nothing = items === 0 ? ['the two have nothing in common that could be compared'] : [];
  const all = [...reasons, ...nothing];
  return all.length === 0 ? undefined : all.join('; ');
}

function refuseUnlike(a: RunStarted, b: RunStarted, options: CompareOptions): void {
  const topology = (run: RunStarted) =>
    `${run.topology.brokers} brokers, ${run.topology.controllers} controllers, ${run.topology.zookeepers} ZooKeepers`;
  const unlike: string[] = [];
  const check = (what: string, ofA: string, ofB: string) => {
    if (ofA !== ofB) unlike.push(`${what}: ${ofA} and ${ofB}`);
  };
  check('scenario', a.scenario, b.scenario);
  check('nodes', topology(a), topology(b));
  check('Kafka', a.kafkaVersion, b.kafkaVersion);
  if (options.acrossVersions !== true) check('Strimzi', a.operatorVersion, b.operatorVersion);
  if (unlike.length === 0) return;
  throw new UsageError(
    `The runs ${a.run} and ${b.run} cannot be compared, because they differ (${unlike.join('; ')}). ` +
      'Compare two runs of one scenario with the same nodes and versions' +
      (options.acrossVersions === true ? '.' : '; different operator versions can be allowed.'),
  );
}

/** Seconds after a loss in which a run that it ends may still journal what was under way. */
const STRAGGLERS = 2;

function prepare(events: readonly JournalEvent[], started: RunStarted): PreparedJournal {
  const lanes = layOut(events);
  const loss = firstLoss(events);
  const outage = firstOutage(events);
  const end = unfinished(events);
  const damaged = Math.min(loss?.index ?? events.length, outage?.index ?? events.length);
  const ending = loss?.how === 'vanished' ? loss : outage;
  return {
    events,
    started,
    lanes,
    loss,
    outage,
    until: damaged < events.length ? damaged : (end?.index ?? events.length),
    endedByDamage: ending !== undefined && !wentOn(events, ending),
    unfinished: end,
  };
}

/** Whether the run went on after a loss or an outage, as it does if nothing watches for them. */
function wentOn(events: readonly JournalEvent[], loss: Loss | Outage): boolean {
  const verdict = events.findIndex((event) => event.type === 'verdict');
  return events
    .slice(loss.index, verdict === -1 ? undefined : verdict)
    .some(
      (event) => ['gesture', 'state-changed', 'node-started'].includes(event.type) && event.t > loss.t + STRAGGLERS,
    );
}

/** Cuts a journal where the user goes on although the other's scenario is completed. */
function upToEndOf(side: PreparedJournal, other: PreparedJournal): PreparedJournal {
  const gestures = lane(side, USER_LANE);
  const others = lane(other, USER_LANE);
  const next = gestures[others.length];
  const isPrefix = others.every((item, i) => sameItem(item, gestures[i]));
  if (next === undefined || !isPrefix || isDamaged(other) || other.unfinished !== undefined) return side;
  return next.index < side.until ? { ...side, until: next.index, loss: undefined, outage: undefined } : side;
}

function isDamaged({ loss, outage }: PreparedJournal): boolean {
  return loss !== undefined || outage !== undefined;
}

function lane(side: PreparedJournal, name: string): readonly LaneItem[] {
  return side.lanes.get(name) ?? [];
}

/** How many items of a lane are compared because this journal has them. */
function comparedCount(side: PreparedJournal, items: readonly LaneItem[]): number {
  const cut = items.findIndex((item) => item.index >= side.until);
  const count = cut < 0 ? items.length : cut;
  // The number of forced restarts before the loss depends on timing, and can be zero.
  return isDamaged(side) && items[count - 1]?.kind === FORCED_RESTART ? count - 1 : count;
}

/** One lane of both journals: how many items are the same, and the first difference. */
interface ComparedLane {
  readonly items: number;
  readonly difference?: DifferenceFound;
}

function compareLanes(a: PreparedJournal, b: PreparedJournal): readonly ComparedLane[] {
  const names = new Set([...a.lanes.keys(), ...b.lanes.keys()]);
  return [...names].map((name) => compareLane(name, a, b));
}

/**
 * Whether a run can lack the restart of a broker, because an outage cut off the roll that the other run has further got
 * with: which brokers the operator had restarted before the one that does not come up depends on which of them was the
 * controller, because that one is restarted last (Strimzi 0.45.1 `KafkaRoller.java:946-994`).
 *
 * Both must have ended with their outage, in a roll in which the operator did get to another broker, and only a whole
 * restart can be missing, not a half of one.
 */
function isCutOff(laneName: string, i: number, shorter: PreparedJournal, longer: PreparedJournal): boolean {
  if (!isBrokerLane(laneName)) return false;
  const [cutShorter, cutLonger] = [lastWhole(shorter), lastWhole(longer)];
  if (cutShorter === undefined || cutLonger === undefined) return false;
  const [before, item] = [lane(longer, laneName)[i - 1], lane(longer, laneName)[i]];
  const isFirst = item !== undefined && item.index > cutLonger && (before === undefined || before.index < cutLonger);
  if (!isFirst) return false;
  return [...shorter.lanes].some(
    ([name, items]) => name !== laneName && isBrokerLane(name) && (items.at(-1)?.index ?? -1) > cutShorter,
  );
}

function isBrokerLane(name: string): boolean {
  return name.startsWith(nodeLane('broker-', ''));
}

/**
 * The last event before which nothing was cut off by the outage that ended the run: a gesture, a change of the state, or
 * the end of a successful pass. undefined: no outage ended the run.
 */
function lastWhole({ events, outage, endedByDamage }: PreparedJournal): number | undefined {
  if (outage === undefined || !endedByDamage) return undefined;
  return events
    .slice(0, outage.index)
    .findLastIndex(
      (event) =>
        event.type === 'gesture' ||
        event.type === 'state-changed' ||
        (event.type === 'pass-ended' && event.outcome === 'reconciled'),
    );
}

function compareLane(name: string, a: PreparedJournal, b: PreparedJournal): ComparedLane {
  const [itemsA, itemsB] = [lane(a, name), lane(b, name)];
  const count = Math.max(comparedCount(a, itemsA), comparedCount(b, itemsB));
  const mayLack = (item: LaneItem, i: number, shorter: PreparedJournal, longer: PreparedJournal): boolean =>
    endedBefore(item, shorter, longer) || isCutOff(name, i, shorter, longer);
  for (let i = 0; i < count; i++) {
    const [itemA, itemB] = [available(a, itemsA, i), available(b, itemsB, i)];
    if (itemA === undefined && itemB !== undefined && mayLack(itemB, i, a, b)) return { items: i };
    if (itemB === undefined && itemA !== undefined && mayLack(itemA, i, b, a)) return { items: i };
    if (!sameItem(itemA, itemB)) {
      return { items: i, difference: { kind: 'item', lane: name, index: i, a: itemA, b: itemB } };
    }
  }
  return { items: count };
}

/**
 * Whether the one run can lack an item of the other because it ended sooner: it reached no verdict, or both ended by
 * their loss or outage; and nothing that the one did came later in the other than the item. A run that went on after its
 * loss, as some recordings do, has had the time for everything.
 */
function endedBefore(item: LaneItem, shorter: PreparedJournal, longer: PreparedJournal): boolean {
  const byDamage = shorter.endedByDamage && longer.endedByDamage;
  if (!byDamage && shorter.unfinished === undefined) return false;
  const within = byDamage ? 0 : resolution(longer.events);
  return [...shorter.lanes].every(([name, items]) => {
    const last = lane(longer, name)[comparedCount(shorter, items) - 1];
    return last === undefined || last.index < item.index || last.t - item.t < within;
  });
}

/** An item after a run's loss or outage can match an item of the other run; an item after the end of the comparison cannot. */
function available(side: PreparedJournal, items: readonly LaneItem[], i: number): LaneItem | undefined {
  const item = items[i];
  return item !== undefined && (isDamaged(side) || item.index < side.until) ? item : undefined;
}

function orderDifferences(a: PreparedJournal, b: PreparedJournal): readonly DifferenceFound[] {
  const compared = (side: PreparedJournal, order: OrderSeen) =>
    Math.max(order.first.index, order.second.index) < side.until;
  const ofRollbacks = (side: PreparedJournal) =>
    rollbackOrders(side.events, side.lanes).filter((order) => compared(side, order));
  const waited = [...waits(a.events, a.lanes), ...waits(b.events, b.lanes)];
  const ofWaits = (side: PreparedJournal) =>
    waited
      .map((wait: Wait) => waitOrder(side.events, side.lanes, wait))
      .filter((order): order is OrderSeen => order !== undefined && compared(side, order));
  const ordersB = new Map([...ofRollbacks(b), ...ofWaits(b)].map((order) => [order.key, order]));
  return [...ofRollbacks(a), ...ofWaits(a)].flatMap((orderA): DifferenceFound[] => {
    const orderB = ordersB.get(orderA.key);
    const opposite = orderA.order === 'holds' ? 'broken' : orderA.order === 'broken' ? 'holds' : undefined;
    return orderB !== undefined && orderB.order === opposite ? [{ kind: 'order', a: orderA, b: orderB }] : [];
  });
}

function lossDifference(a: PreparedJournal, b: PreparedJournal): readonly DifferenceFound[] {
  if ((a.loss === undefined) === (b.loss === undefined) || mayHaveFollowed(a, b, 'loss')) return [];
  return [{ kind: 'loss', a: a.loss, b: b.loss }];
}

function outageDifference(a: PreparedJournal, b: PreparedJournal): readonly DifferenceFound[] {
  if ((a.outage === undefined) === (b.outage === undefined) || mayHaveFollowed(a, b, 'outage')) return [];
  return [{ kind: 'outage', a: a.outage, b: b.outage }];
}

/** Whether the run that shows no such damage is unfinished: it may have been about to show it. */
function mayHaveFollowed(a: PreparedJournal, b: PreparedJournal, damage: 'loss' | 'outage'): boolean {
  const without = a[damage] === undefined ? a : b;
  return without.unfinished !== undefined;
}

/** The position of something in a run: how many gestures and states came before it, and seconds since the last one. */
function courseOf(side: PreparedJournal, index: number, t: number): readonly [number, number] {
  const before = [...lane(side, USER_LANE), ...lane(side, STATE_LANE)].filter((item) => item.index < index);
  return [before.length, t - Math.max(0, ...before.map((item) => item.t))];
}

function earliest(
  found: readonly DifferenceFound[],
  a: PreparedJournal,
  b: PreparedJournal,
): DifferenceFound | undefined {
  const compare = (x: readonly [number, number], y: readonly [number, number]) => x[0] - y[0] || x[1] - y[1];
  const place = (side: PreparedJournal, at: { readonly index: number; readonly t: number } | undefined) =>
    at === undefined ? [] : [courseOf(side, at.index, at.t)];
  const places = (difference: DifferenceFound): readonly (readonly [number, number])[] => {
    switch (difference.kind) {
      case 'item':
      case 'loss':
      case 'outage':
        return [...place(a, difference.a), ...place(b, difference.b)];
      case 'order':
        return [
          ...[difference.a.first, difference.a.second].flatMap((moment) => place(a, moment)),
          ...[difference.b.first, difference.b.second].flatMap((moment) => place(b, moment)),
        ];
    }
  };
  // A difference without a position comes last.
  const nowhere = [Number.MAX_VALUE, 0] as const;
  const placed = found.map((difference) => ({
    difference,
    place: [...places(difference)].sort(compare)[0] ?? nowhere,
  }));
  return placed.sort((x, y) => compare(x.place, y.place))[0]?.difference;
}

function untilText(a: PreparedJournal, b: PreparedJournal): string {
  const end = (side: PreparedJournal, name: string) => {
    const { run } = side.started;
    const last = side.events.at(-1);
    if (side.loss !== undefined) return `${name} (${run}) to its first loss at ${seconds(side.loss.t)}`;
    if (side.outage !== undefined) return `${name} (${run}) to its outage at ${seconds(side.outage.t)}`;
    if (side.unfinished !== undefined) {
      return `${name} (${run}) to ${seconds(side.unfinished.t)}, where ${side.unfinished.why}`;
    }
    if (side.until < side.events.length) {
      const next = side.events[side.until];
      const gesture = next?.type === 'gesture' ? `, where the user ${gestureText(next)}` : '';
      return `${name} (${run}) to ${seconds(next?.t ?? 0)}${gesture} and the other's scenario is completed`;
    }
    return `${name} (${run}) to its end at ${seconds(last?.t ?? 0)}`;
  };
  return `${end(a, 'A')}; ${end(b, 'B')}`;
}
