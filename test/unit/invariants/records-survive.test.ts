import { describe, expect, it } from '@jest/globals';
import { recordsSurvive as invariant } from '../../../src/invariants/records-survive.js';
import { observe, outcome, Story, violation } from './story.js';

const WHOLE = { topic: 'orders', acknowledged: 100, readBack: 100, missing: [] };
const SHORT = {
  topic: 'payments',
  acknowledged: 50,
  readBack: 20,
  missing: ['partition 1, key 17', 'partition 1, key 18'],
};

describe('records-survive', () => {
  it('holds when everything that was acknowledged is read back', () => {
    expect(outcome(invariant, observe(new Story().deployed(), { records: [WHOLE] }))).toBe('holds');
  });

  it('is violated when records are missing, and says how many, of which topic, and which', () => {
    const found = violation(invariant, observe(new Story().deployed(), { records: [WHOLE, SHORT] }));
    expect(found.message).toBe(
      '30 of 150 acknowledged records could not be read back, from 1 topic: payments (30 of 50)',
    );
    expect(found.evidence).toEqual([
      {
        subject: 'topic payments',
        expected: '50 acknowledged records read back',
        found: '20 read back',
        lost: { kind: 'records', name: 'payments' },
        where: 'log',
        note: 'missing, for example: partition 1, key 17; partition 1, key 18',
      },
    ]);
  });

  it.each([
    ['nothing was read back', undefined],
    ['there was no topic to read', []],
    ['no record had been acknowledged', [{ topic: 'empty', acknowledged: 0, readBack: 0, missing: [] }]],
  ])('does not apply when %s', (_, records) => {
    expect(outcome(invariant, observe(new Story().deployed(), { records }))).toBe('not applicable');
  });
});
