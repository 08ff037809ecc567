import { describe, expect, it } from '@jest/globals';
import { recordsSurvive as invariant } from '../../../src/invariants/records-survive.js';
import { observe, outcome, Story, violation } from './story.js';

const WHOLE = { topic: 'orders', acknowledged: 100, readBack: 100, missing: [], logs: [] };
const SHORT = {
  topic: 'payments',
  acknowledged: 50,
  readBack: 20,
  missing: ['partition 1, key 17', 'partition 1, key 18'],
  logs: [],
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

  it('holds for logs that start at offset 0 and have more than what was acknowledged', () => {
    const records = [{ ...WHOLE, logs: [{ partition: 0, acknowledged: 100, start: 0, end: 120 }] }];
    expect(outcome(invariant, observe(new Story().deployed(), { records }))).toBe('holds');
  });

  it('is violated by a log that no longer starts at offset 0, even if every record was found in a later copy', () => {
    const records = [{ ...WHOLE, logs: [{ partition: 2, acknowledged: 100, start: 50, end: 200 }] }];
    expect(violation(invariant, observe(new Story().deployed(), { records }))).toEqual({
      message: 'the logs of 1 topic no longer start at offset 0: orders',
      evidence: [
        {
          subject: 'log orders-2',
          expected: 'starts at offset 0',
          found: 'starts at offset 50',
          lost: { kind: 'records', name: 'orders' },
          where: 'log',
        },
      ],
    });
  });

  it('says where the log of a topic with missing records starts and ends', () => {
    const records = [{ ...SHORT, logs: [{ partition: 0, acknowledged: 50, start: 10, end: 30 }] }];
    const found = violation(invariant, observe(new Story().deployed(), { records }));
    expect(found.message).toBe(
      '30 of 50 acknowledged records could not be read back, from 1 topic: payments (30 of 50)',
    );
    expect(found.evidence[1]).toMatchObject({
      subject: 'log payments-0',
      expected: 'starts at offset 0, ends at offset 50 or later',
      found: 'starts at offset 10, ends at offset 30',
    });
  });

  it.each([
    ['nothing was read back', undefined],
    ['there was no topic to read', []],
    ['no record had been acknowledged', [{ topic: 'empty', acknowledged: 0, readBack: 0, missing: [], logs: [] }]],
  ])('does not apply when %s', (_, records) => {
    expect(outcome(invariant, observe(new Story().deployed(), { records }))).toBe('not applicable');
  });
});
