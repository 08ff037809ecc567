import { describe, expect, it } from '@jest/globals';
import { overheadOf } from '../../../bench/overhead.js';
import type { JournalEvent, JournalEventBody } from '../../../src/journal/events.js';

function journal(...events: readonly (readonly [number, JournalEventBody])[]): readonly JournalEvent[] {
  return events.map(([t, body]) => ({ t, ...body }));
}

const deploy: JournalEventBody = { type: 'gesture', gesture: 'deploy' };
const annotate: JournalEventBody = { type: 'gesture', gesture: 'annotate', value: 'migration' };
const pass: JournalEventBody = { type: 'pass-ended', pass: 1, outcome: 'reconciled' };
const ready: JournalEventBody = { type: 'node-ready', pod: 'broker-0' };
const awaited: JournalEventBody = { type: 'state-awaited', state: 'ZooKeeper' };
const ran: JournalEventBody = { type: 'step-ran', step: 'deploy' };

describe('overheadOf', () => {
  it('counts from the effect of a gesture to the next gesture, and to the end', () => {
    const overhead = overheadOf(
      journal(
        [10, deploy],
        [50, ready],
        [60, pass],
        [61, awaited],
        [65, annotate],
        [90, pass],
        [90, awaited],
        [92, ran],
        [99, ran],
      ),
    );
    expect(overhead).toEqual({
      whole: 89,
      harness: 14,
      pauses: [
        { until: 'set strimzi.io/kraft to migration', seconds: 5 },
        { until: 'the end', seconds: 9 },
      ],
      before: 10,
      after: 0,
    });
  });

  it('is not reduced by what the operator does after the state was reached', () => {
    const [pause] = overheadOf(journal([0, deploy], [10, pass], [10, awaited], [18, pass], [20, annotate])).pauses;
    expect(pause?.seconds).toBe(10);
  });

  it('counts from the previous gesture if nothing was awaited', () => {
    const [pause] = overheadOf(journal([5, deploy], [7, annotate])).pauses;
    expect(pause).toEqual({ until: 'set strimzi.io/kraft to migration', seconds: 2 });
  });

  it('lists what came after the last step separately', () => {
    expect(overheadOf(journal([0, deploy], [8, ran], [20, { type: 'run-ended', how: 'completed' }]))).toMatchObject({
      whole: 8,
      after: 12,
    });
  });

  it('refuses a journal without a gesture', () => {
    expect(() => overheadOf(journal([0, ran]))).toThrow('no gesture');
  });
});
