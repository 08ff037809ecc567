import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../src/inspection/forecast/outcome.js';
import { readJournal } from '../../src/journal/file.js';
import { packageRoot } from '../../src/package-root.js';
import { expectForeseen, foreseenAtEnd, foreseenBeforeMigrations } from '../support/foreseen.js';

/** What there is to see of each recording before its second migration and at its end. */
const SEEN: readonly (readonly [string, Outcome, Outcome, 'safe' | 'unsafe'])[] = [
  ['0.45.0-one-broker', 'skip-and-wipe', 'wiped', 'unsafe'],
  ['0.45.0-claims-kept', 'loses-since-rollback', 'on-stale-metadata', 'unsafe'],
  ['0.45.1-claims-kept', 'loses-since-rollback', 'on-stale-metadata', 'unsafe'],
  ['0.45.1-one-broker', 'first-copy', 'finalised', 'safe'],
  ['0.45.1-three-brokers', 'first-copy', 'finalised', 'safe'],
  ['0.45.1-disabled-first', 'first-copy', 'under-way', 'safe'],
  ['0.45.2-one-broker', 'first-copy', 'under-way', 'safe'],
];

const recording = (name: string) => readJournal(join(packageRoot(), 'fixtures', 'recordings', `${name}.jsonl`));

describe('what inspect says of the clusters of the real operators', () => {
  it.each(SEEN)('%s: before the second migration %s, at the end %s', async (name, before, atEnd, safety) => {
    const events = await recording(name);
    expectForeseen(events, ['first-copy', before]);
    expect(foreseenAtEnd(events)).toMatchObject({ outcome: atEnd, safety });
  });

  it('would not agree if /migration had not been left, or the claims not been kept', async () => {
    const without = (await recording('0.45.0-one-broker')).filter(
      (event) => event.type !== 'znode-changed' || event.path !== '/migration',
    );
    expect(foreseenBeforeMigrations(without)[1]?.outcome).toBe('first-copy');
    expect(() => expectForeseen(without, ['first-copy', 'first-copy'])).toThrow('unsafe');
  });

  it('never calls a cluster of them safe whose next step loses something, nor a healthy one unsafe', async () => {
    for (const [name] of SEEN) {
      const events = await recording(name);
      const lost = events.some((event) => event.type === 'verdict' && event.verdict === 'lost');
      const second = events.findLastIndex(
        (event) => event.type === 'gesture' && event.gesture === 'create-controller-pool',
      );
      const told = events.map((_, index) => ({ index, foreseen: foreseenAtEnd(events.slice(0, index + 1)) }));
      const wrong = told.filter(({ index, foreseen: { safety } }) =>
        lost && index >= second ? safety === 'safe' : safety === 'unsafe',
      );
      // Between the rollback and the second migration a leftover is told as what it is.
      const rolledBack = events.findIndex(
        (event) => event.type === 'gesture' && event.gesture === 'delete-controller-pool',
      );
      expect(
        wrong
          .filter(({ index }) => index < rolledBack || index >= second)
          .map(({ index, foreseen }) => [name, events[index], foreseen]),
      ).toEqual([]);
    }
  });
});
