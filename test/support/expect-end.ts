import { expect } from '@jest/globals';
import type { JournalEvent } from '../../src/journal/events.js';
import { verdictOf, violations } from '../scenarios/support.js';
import { expectForecasts, forecastAtEnd } from './forecasts.js';
import type { ScenarioEnd } from './library.js';

/** Expects a run to end with this verdict, these violations, and these forecasts of `inspect`. */
export function expectEnd(events: readonly JournalEvent[], end: ScenarioEnd): void {
  const { verdict, violated, mayBeViolated = [], forecasts } = end;
  expect(verdictOf(events)).toMatchObject({ ...verdict, asExpected: true });
  const found = new Set(violations(events).map(({ invariant }) => invariant));
  const certain = [...found].filter((name) => !mayBeViolated.includes(name));
  expect(certain.toSorted()).toEqual(violated.toSorted());
  expectForecasts(events, forecasts.migrations);
  expect(forecastAtEnd(events).outcome).toBe(forecasts.atEnd);
}
