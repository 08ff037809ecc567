import { expect } from '@jest/globals';
import { compareJournals, prepareJournal } from '../../src/comparison/compare.js';
import type { JournalEvent } from '../../src/journal/events.js';
import {
  addedRestarts,
  brokenOrders,
  changedKeys,
  compared,
  droppedEvents,
  missedInFirst,
  type Plant,
} from '../conformance/plants.js';
import { recording } from './support.js';

const PLANTS: readonly ((events: readonly JournalEvent[]) => readonly Plant[])[] = [
  droppedEvents,
  changedKeys,
  addedRestarts,
  brokenOrders,
];

/** The replay did what the real operator did in the recording. */
export async function expectAgreement(replay: readonly JournalEvent[], recordingName: string): Promise<void> {
  expect(compareJournals(replay, await recording(recordingName)).firstDifference).toBeUndefined();
}

/** The key by which events are counted: the type of an event, and its pod. */
function lane(event: JournalEvent): string {
  return 'pod' in event ? `${event.type} ${event.pod}` : event.type;
}

/**
 * Positions of the replay's events that have a counterpart in the recording before its loss. When a loss occurs depends
 * on the speed of the environment: if the real operator's loss came sooner, the replay's later events prove nothing.
 */
function withCounterpart(replay: readonly JournalEvent[], real: readonly JournalEvent[]): ReadonlySet<number> {
  const recorded = new Map<string, number>();
  for (const [, event] of compared(real)) recorded.set(lane(event), (recorded.get(lane(event)) ?? 0) + 1);
  const seen = new Map<string, number>();
  const found = new Set<number>();
  for (const [index, event] of replay.entries()) {
    const count = (seen.get(lane(event)) ?? 0) + 1;
    seen.set(lane(event), count);
    if (count <= (recorded.get(lane(event)) ?? 0)) found.add(index);
  }
  return found;
}

/** The comparison with the recording finds any single change in the replay. */
export async function expectPlantsFound(replay: readonly JournalEvent[], recordingName: string): Promise<void> {
  const real = await recording(recordingName);
  const comparable = withCounterpart(replay, real);
  const plants = PLANTS.flatMap((plant) => plant(replay)).filter(({ index }) => comparable.has(index));
  expect(plants.length).toBeGreaterThan(500);
  expect(missedInFirst(plants, prepareJournal(real))).toEqual([]);
}
