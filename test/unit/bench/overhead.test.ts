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

const created: JournalEventBody = { type: 'client-action', action: 'create-topic', topic: 'orders' };

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
      clients: 0,
      pauses: [
        { until: 'set strimzi.io/kraft to migration', seconds: 5, clients: 0 },
        { until: 'the end', seconds: 9, clients: 0 },
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
    expect(pause).toEqual({ until: 'set strimzi.io/kraft to migration', seconds: 2, clients: 0 });
  });

  it('counts what clients did apart: from the awaited state to the end of their step', () => {
    const overhead = overheadOf(
      journal(
        [0, deploy],
        [10, pass],
        [11, awaited],
        // Nine topics, on a cluster that has just started.
        [41, created],
        [41, created],
        [42, ran],
        [44, { type: 'step-ended', step: 'deploy', outcome: 'passed' }],
        [45, annotate],
        [50, pass],
        [50, awaited],
        [51, ran],
        [52, { type: 'step-started', step: 'topics', index: 1 }],
        [53, { type: 'client-action', action: 'delete-topic', topic: 'orders' }],
        [60, ran],
      ),
    );
    expect(overhead.pauses).toEqual([
      { until: 'set strimzi.io/kraft to migration', seconds: 4, clients: 31 },
      { until: 'the end', seconds: 2, clients: 8 },
    ]);
    expect(overhead).toMatchObject({ whole: 60, harness: 6, clients: 39 });
  });

  const failed = (outcome: 'lost' | 'failed'): JournalEventBody => ({ type: 'step-ended', step: 'migrate', outcome });

  it('does not count the wait that a loss has ended, only what came after the loss', () => {
    const deletedByUser: JournalEventBody = { type: 'topics-changed', deleted: ['short-lived'] };
    const lost: JournalEventBody = { type: 'topics-changed', deleted: ['orders'] };
    const overhead = overheadOf(
      journal(
        [0, deploy],
        [1, { type: 'client-action', action: 'delete-topic', topic: 'short-lived' }],
        [2, annotate],
        [3, deletedByUser],
        [10, pass],
        [206, lost],
        [206.5, lost],
        [207, ran],
        [208, failed('lost')],
      ),
    );
    expect(overhead.pauses.at(-1)).toEqual({ until: 'the end', seconds: 1, clients: 0 });
  });

  it('does not count the wait that has run out', () => {
    const events = journal([0, annotate], [10, pass], [910, ran], [911, failed('failed')]);
    expect(overheadOf(events).pauses).toEqual([{ until: 'the end', seconds: 0, clients: 0 }]);
  });

  it('counts from the awaited state if the loss was seen later', () => {
    const events = journal([0, annotate], [10, pass], [11, awaited], [14, ran], [15, failed('lost')]);
    expect(overheadOf(events).pauses).toEqual([{ until: 'the end', seconds: 4, clients: 0 }]);
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
