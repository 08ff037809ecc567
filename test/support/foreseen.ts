import { expect } from '@jest/globals';
import { forecast } from '../../src/inspection/forecast/forecast.js';
import type { Forecast, Outcome } from '../../src/inspection/forecast/outcome.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { factsAfter } from './facts-of-journal.js';

const NO_RUN_HAS_ONE = -1;

/** What `inspect` says where a run's cluster has come to. */
export function foreseenAtEnd(events: readonly JournalEvent[]): Forecast {
  return forecast(factsAfter(events));
}

/** What `inspect` says just before each migration of a run, in order. */
export function foreseenBeforeMigrations(events: readonly JournalEvent[]): readonly Forecast[] {
  return events.flatMap((event, index) =>
    event.type === 'gesture' && event.gesture === 'create-controller-pool'
      ? [forecast(factsAfter(events.slice(0, index)))]
      : [],
  );
}

/**
 * What was foreseen before each migration is what has come of it: nothing was lost where it was safe, and something was where
 * it was not. @param outcomes of the forecasts, in order.
 */
export function expectForeseen(events: readonly JournalEvent[], outcomes: readonly Outcome[]): void {
  const foreseen = foreseenBeforeMigrations(events);
  expect(foreseen.map(({ outcome }) => outcome)).toEqual(outcomes);
  const verdict = events.find((event) => event.type === 'verdict')?.verdict;
  // A run ends with the migration that loses something.
  const losing = verdict === 'lost' ? foreseen.length - 1 : NO_RUN_HAS_ONE;
  expect(foreseen.map(({ safety }) => safety)).toEqual(
    foreseen.map((_, index) => (index === losing ? 'unsafe' : 'safe')),
  );
}
