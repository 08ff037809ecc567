import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../src/inspection/forecast/outcome.js';
import { readJournal } from '../../src/journal/file.js';
import { packageRoot } from '../../src/package-root.js';
import { expectForecasts, forecastAtEnd, forecastsBeforeMigrations } from '../support/forecasts.js';

/** The forecast for each recording before its second migration and at its end. */
const FORECASTS: readonly (readonly [string, Outcome, Outcome, 'safe' | 'unsafe'])[] = [
  ['0.45.0-one-broker', 'skip-and-wipe', 'wiped', 'unsafe'],
  ['0.45.0-claims-kept', 'loses-since-rollback', 'on-stale-metadata', 'unsafe'],
  ['0.45.1-claims-kept', 'loses-since-rollback', 'on-stale-metadata', 'unsafe'],
  ['0.45.1-one-broker', 'first-copy', 'finalised', 'safe'],
  ['0.45.1-three-brokers', 'first-copy', 'finalised', 'safe'],
  ['0.45.1-disabled-first', 'first-copy', 'under-way', 'safe'],
  ['0.45.2-one-broker', 'first-copy', 'under-way', 'safe'],
];

const recording = (name: string) => readJournal(join(packageRoot(), 'fixtures', 'recordings', `${name}.jsonl`));

describe('what inspect says about the clusters of the real operators', () => {
  it.each(FORECASTS)('%s: before the second migration %s, at the end %s', async (name, before, atEnd, safety) => {
    const events = await recording(name);
    expectForecasts(events, ['first-copy', before]);
    expect(forecastAtEnd(events)).toMatchObject({ outcome: atEnd, safety });
  });

  it('would be different if /migration had not been left', async () => {
    const without = (await recording('0.45.0-one-broker')).filter(
      (event) => event.type !== 'znode-changed' || event.path !== '/migration',
    );
    expect(forecastsBeforeMigrations(without)[1]?.outcome).toBe('first-copy');
    expect(() => expectForecasts(without, ['first-copy', 'first-copy'])).toThrow('unsafe');
  });

  it('never says that a cluster is safe whose next step loses something, or that a healthy one is unsafe', async () => {
    for (const [name] of FORECASTS) {
      const events = await recording(name);
      const lost = events.some((event) => event.type === 'verdict' && event.verdict === 'lost');
      const second = events.findLastIndex(
        (event) => event.type === 'gesture' && event.gesture === 'create-controller-pool',
      );
      const found = events.map((_, index) => ({ index, forecast: forecastAtEnd(events.slice(0, index + 1)) }));
      const wrong = found.filter(({ index, forecast: { safety } }) =>
        lost && index >= second ? safety === 'safe' : safety === 'unsafe',
      );
      // Between the rollback and the second migration a leftover is rightly unsafe.
      const rolledBack = events.findIndex(
        (event) => event.type === 'gesture' && event.gesture === 'delete-controller-pool',
      );
      expect(
        wrong
          .filter(({ index }) => index < rolledBack || index >= second)
          .map(({ index, forecast }) => [name, events[index], forecast]),
      ).toEqual([]);
    }
  });
});
