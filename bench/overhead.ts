import type { JournalEvent } from '../src/journal/events.js';
import { gestureText } from '../src/journal/text.js';

/** What a run took on top of the operator's own time, in seconds. */
export interface Overhead {
  /** From the first gesture to the end of the last step's own part. */
  readonly whole: number;
  /**
   * The part of it from when each gesture's effect can be observed to the next gesture, or to the end of the last step.
   */
  readonly harness: number;
  /** The parts of `harness`, in order. */
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
  readonly seconds: number;
}

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
 * Splits a run's time between operator and harness. In a pause, the harness notices the effect, takes snapshots, checks
 * invariants, and writes topics and records.
 * @throws Error for a journal without a gesture.
 */
export function overheadOf(events: readonly JournalEvent[]): Overhead {
  const gestures = events.flatMap((event, index) => (event.type === 'gesture' ? [{ event, index }] : []));
  const [first] = gestures;
  if (first === undefined) throw new Error('the journal has no gesture');
  const end = endOf(events);
  const stops = [
    ...gestures.slice(1).map(({ event, index }) => ({ index, t: event.t, until: gestureText(event) })),
    { index: end.index, t: end.t, until: 'the end' },
  ];
  const pauses = stops.map(({ index, t, until }, i): Pause => {
    const since = gestures[i] ?? first;
    return { until, seconds: t - effectOf(events, since.index, index) };
  });
  return {
    whole: end.t - first.event.t,
    harness: pauses.reduce((sum, { seconds }) => sum + seconds, 0),
    pauses,
    before: first.event.t,
    after: (events.at(-1)?.t ?? 0) - end.t,
  };
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
