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

  it('is violated by each topic that is short, and says if all of its records are missing', () => {
    const records = [{ ...SHORT, readBack: 0, missing: [] }, WHOLE, { ...SHORT, topic: 'users', readBack: 49 }];
    const found = violation(invariant, observe(new Story().deployed(), { records }));
    expect(found.message).toBe(
      '51 of 200 acknowledged records could not be read back, from 2 topics: payments (50 of 50), users (1 of 50)',
    );
    expect(found.evidence).toStrictEqual([
      {
        subject: 'topic payments',
        expected: '50 acknowledged records read back',
        found: '0 read back',
        lost: { kind: 'records', name: 'payments', all: true },
        where: 'log',
      },
      expect.objectContaining({ subject: 'topic users', lost: { kind: 'records', name: 'users' } }),
    ]);
  });

  it('is violated by a log that ends too early, and names the topic besides one that is short', () => {
    const cut = { ...WHOLE, logs: [{ partition: 0, acknowledged: 100, start: 0, end: 99 }] };
    const short = { ...SHORT, logs: [{ partition: 0, acknowledged: 50, start: 1, end: 50 }] };
    const found = violation(invariant, observe(new Story().deployed(), { records: [short, cut] }));
    expect(found.message).toBe(
      '30 of 150 acknowledged records could not be read back, from 1 topic: payments (30 of 50); ' +
        'the logs of 1 topic end before the last acknowledged record: orders',
    );
    expect(found.evidence.map(({ subject, expected, found: seen }) => [subject, expected, seen])).toEqual([
      ['topic payments', '50 acknowledged records read back', '20 read back'],
      ['log payments-0', 'starts at offset 0', 'starts at offset 1'],
      ['log orders-0', 'ends at offset 100 or later', 'ends at offset 99'],
    ]);
  });

  it('names the topics with cut logs, each once for each end', () => {
    const log = { partition: 0, acknowledged: 100, start: 0, end: 100 };
    const records = [
      {
        ...WHOLE,
        logs: [
          { ...log, start: 1, end: 99 },
          { ...log, partition: 1, start: 2 },
        ],
      },
      { ...WHOLE, topic: 'users', logs: [log, { ...log, partition: 1, end: 0 }] },
      { ...WHOLE, topic: 'whole', logs: [log] },
    ];
    expect(violation(invariant, observe(new Story().deployed(), { records })).message).toBe(
      'the logs of 1 topic no longer start at offset 0: orders; ' +
        'the logs of 2 topics end before the last acknowledged record: orders, users',
    );
  });

  it('holds for a log that ends where the acknowledged records end, and for more records than acknowledged', () => {
    const records = [{ ...WHOLE, readBack: 101, logs: [{ partition: 0, acknowledged: 100, start: 0, end: 100 }] }];
    expect(outcome(invariant, observe(new Story().deployed(), { records }))).toBe('holds');
  });

  it('applies if a record of some topic had been acknowledged', () => {
    const records = [
      { ...WHOLE, acknowledged: 0, readBack: 0 },
      { ...WHOLE, acknowledged: 1, readBack: 1 },
    ];
    expect(outcome(invariant, observe(new Story().deployed(), { records }))).toBe('holds');
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
