import type { JournalEvent } from '../src/journal/events.js';
import { gestureText } from '../src/journal/text.js';
import { topicsDeletedByUser } from '../src/journal/vanishing.js';

/** What a run took on top of the operator's own time, in seconds. */
export interface Overhead {
  /** From the first gesture to the end of the last step's own part. */
  readonly whole: number;
  /**
   * The part of it from when each gesture's effect can be observed to the next gesture, or to the end of the last step,
   * without what the scenario's clients did in that time.
   */
  readonly harness: number;
  /** What the scenario's clients did between gestures: Kafka created topics and acknowledged records. */
  readonly clients: number;
  /** The parts of `harness` and `clients`, in order. */
  readonly pauses: readonly Pause[];
  /**
   * Not part of the whole: before the first gesture (namespace, operator), and after the last step (checks, removal).
   */
  readonly before: number;
  readonly after: number;
}

export interface Pause {
  /** The next gesture; `the end` after the last gesture. */
  readonly until: string;
  /** Of the harness. */
  readonly seconds: number;
  readonly clients: number;
}

const THE_END = 'the end';

/** What operator and nodes do. A gesture's effect can be observed at the last of these before the wait ends. */
const EFFECTS: ReadonlySet<JournalEvent['type']> = new Set([
  'state-changed',
  'node-started',
  'node-ready',
  'node-gone',
  'volume-wiped',
  'pass-ended',
]);

/**
 * Splits a run's time between operator, clients and harness. In a pause, the harness notices the effect, takes
 * snapshots and checks invariants. A wait that a loss or its deadline has cut short is the operator's time.
 * @throws Error for a journal without a gesture.
 */
export function overheadOf(events: readonly JournalEvent[]): Overhead {
  const gestures = events.flatMap((event, index) => (event.type === 'gesture' ? [{ event, index }] : []));
  const [first] = gestures;
  if (first === undefined) throw new Error('the journal has no gesture');
  const end = endOf(events);
  const stops = [
    ...gestures.slice(1).map(({ event, index }) => ({ index, t: event.t, until: gestureText(event) })),
    { index: end.index, t: end.t, until: THE_END },
  ];
  const pauses = stops.map(({ index, t, until }, i): Pause => {
    const since = (gestures[i] ?? first).index;
    const from = until === THE_END && wasCutShort(events, since, index) ? lossIn(events, since, index) : undefined;
    const effect = from ?? effectOf(events, since, index);
    const clients = clientsIn(events, { index: since, effect }, { index, t });
    return { until, seconds: t - effect - clients, clients };
  });
  return {
    whole: end.t - first.event.t,
    harness: pauses.reduce((sum, { seconds }) => sum + seconds, 0),
    clients: pauses.reduce((sum, { clients }) => sum + clients, 0),
    pauses,
    before: first.event.t,
    after: (events.at(-1)?.t ?? 0) - end.t,
  };
}

/** Whether the last step ended while it was still waiting: because of a loss, or because it could not go on. */
function wasCutShort(events: readonly JournalEvent[], gesture: number, end: number): boolean {
  const ended = events.slice(end).find(({ type }) => type === 'step-ended');
  const wasSeen = events.slice(gesture, end).some(({ type }) => type === 'state-awaited');
  return ended?.type === 'step-ended' && ended.outcome !== 'passed' && !wasSeen;
}

/** When the loss was made that ended a wait; the end of the wait if none was seen: then the wait itself ended it. */
function lossIn(events: readonly JournalEvent[], gesture: number, end: number): number | undefined {
  const byUser = topicsDeletedByUser(events);
  const loss = events
    .slice(gesture, end)
    .find((event) => event.type === 'topics-changed' && event.deleted?.some((topic) => !byUser.has(topic)));
  return (loss ?? events[end])?.t;
}

/**
 * What clients did after a gesture's effect. Their work goes from the state that was awaited before it (or the start of
 * its step) to the end of the step: the journal does not have the end of each action.
 */
function clientsIn(
  events: readonly JournalEvent[],
  from: { readonly index: number; readonly effect: number },
  to: { readonly index: number; readonly t: number },
): number {
  let sum = 0;
  let since = from.effect;
  let working = false;
  const finish = (t: number): void => {
    if (working) sum += t - since;
    working = false;
    since = Math.max(from.effect, t);
  };
  for (const event of events.slice(from.index, to.index)) {
    if (event.t < from.effect) continue;
    if (event.type === 'client-action') working = true;
    else if (event.type === 'step-ran') finish(event.t);
    else if (!working && (event.type === 'state-awaited' || event.type === 'step-started')) since = event.t;
  }
  finish(to.t);
  return sum;
}

/** Where the last step's own part ended. */
function endOf(events: readonly JournalEvent[]): { readonly index: number; readonly t: number } {
  const index = events.findLastIndex(({ type }) => type === 'step-ran');
  return { index: index < 0 ? events.length : index, t: (events[index] ?? events.at(-1))?.t ?? 0 };
}

/**
 * When the effect of a gesture could be observed. If a state was awaited, what happened later is not part of it.
 */
function effectOf(events: readonly JournalEvent[], gesture: number, next: number): number {
  const between = events.slice(gesture, next);
  const awaited = between.findLastIndex(({ type }) => type === 'state-awaited');
  const effects = (awaited < 0 ? between : between.slice(0, awaited)).filter(({ type }) => EFFECTS.has(type));
  return (effects.at(-1) ?? between[0])?.t ?? 0;
}
