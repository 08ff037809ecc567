import { expect } from '@jest/globals';
import { forecast } from '../../src/inspection/forecast/forecast.js';
import type { Forecast, Outcome } from '../../src/inspection/forecast/outcome.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { factsAfter } from './facts-of-journal.js';

const NONE = -1;

/** What `inspect` says about a run's cluster at the end of the run. */
export function forecastAtEnd(events: readonly JournalEvent[]): Forecast {
  return forecast(factsAfter(events));
}

/** What `inspect` says just before each migration of a run, in order. */
export function forecastsBeforeMigrations(events: readonly JournalEvent[]): readonly Forecast[] {
  return events.flatMap((event, index) =>
    event.type === 'gesture' && event.gesture === 'create-controller-pool'
      ? [forecast(factsAfter(events.slice(0, index)))]
      : [],
  );
}

/** The step in which the last migration of a run began. */
function stepOfLastMigration(events: readonly JournalEvent[]): string | undefined {
  const begun = events.findLastIndex((event) => event.type === 'gesture' && event.gesture === 'create-controller-pool');
  const step = events.slice(0, begun).findLast((event) => event.type === 'step-started');
  return step?.type === 'step-started' ? step.step : undefined;
}

/**
 * Expects these forecasts before the migrations of a run, and that they came true: nothing was lost or broken by a
 * migration if it was safe, and something was if it was unsafe. What was lost or broken in a later step is not the
 * migration's. @param outcomes of the forecasts, in order.
 */
export function expectForecasts(events: readonly JournalEvent[], outcomes: readonly Outcome[]): void {
  const forecasts = forecastsBeforeMigrations(events);
  expect(forecasts.map(({ outcome }) => outcome)).toEqual(outcomes);
  const verdict = events.find((event) => event.type === 'verdict');
  // A run ends with the migration that loses something, or that is stuck and wipes ZooKeeper with the next election.
  const isDamaged = verdict?.verdict === 'lost' || verdict?.verdict === 'broken';
  const losing = isDamaged && verdict.step === stepOfLastMigration(events) ? forecasts.length - 1 : NONE;
  for (const [index, { outcome, safety }] of forecasts.entries()) {
    if (outcome !== 'unknown')
      expect({ index, safety }).toEqual({ index, safety: index === losing ? 'unsafe' : 'safe' });
  }
}
