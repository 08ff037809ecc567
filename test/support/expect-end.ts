import { expect } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { verdictOf, violations } from '../scenarios/support.js';
import { expectForeseen, foreseenAtEnd } from './foreseen.js';
import type { ScenarioEnd } from './library.js';

/** A run has come to this: its verdict, all that was violated, and what `inspect` says on the way and at its end. */
export function expectEnd(events: readonly JournalEvent[], { verdict, violated, foreseen }: ScenarioEnd): void {
  expect(verdictOf(events)).toMatchObject({ ...verdict, asExpected: true });
  const found = new Set(violations(events).map(({ invariant }) => invariant));
  expect([...found].toSorted()).toEqual(violated.toSorted());
  expectForeseen(events, foreseen.migrations);
  expect(foreseenAtEnd(events).outcome).toBe(foreseen.atEnd);
}
