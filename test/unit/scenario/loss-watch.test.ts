import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { Journal } from '../../../src/journal/journal.js';
import { moreUrgent, type Suspicion, suspect, waitForSyncEnd } from '../../../src/scenario/loss-watch.js';
import { isSettled } from '../../support/settled.js';

const isExpected = (topic: string): boolean => ['orders', 'payments'].includes(topic);

function driver(driverState: string): Omit<Extract<JournalEvent, { type: 'controller-log' }>, 't'> {
  const text = `1 transitioning to ${driverState} state`;
  return { type: 'controller-log', pod: 'my-cluster-controller-1', level: 'INFO', text, driverState };
}

describe('suspect', () => {
  it('suspects a loss when expected topics are deleted, and names those', () => {
    const deleted = ['unrelated', 'payments', 'orders'];
    expect(suspect({ t: 1, type: 'topics-changed', deleted }, isExpected)).toEqual({
      kind: 'topics-deleted',
      topics: ['payments', 'orders'],
    });
  });

  it('suspects an outage when a node ends by itself', () => {
    const restarted = { type: 'container-restarted', pod: 'p', how: 'exit code 1', backOff: 0 } as const;
    expect(suspect({ t: 1, ...restarted }, isExpected)).toEqual({ kind: 'node-ended' });
    expect(suspect({ t: 1, type: 'node-stopped', pod: 'p', reason: 'died' }, isExpected)).toEqual({
      kind: 'node-ended',
    });
    expect(suspect({ t: 1, type: 'node-stopped', pod: 'p', reason: 'rolled' }, isExpected)).toBeUndefined();
  });

  it('keeps the more urgent of two suspicions', () => {
    const [deleted, sync, ended]: readonly Suspicion[] = [
      { kind: 'topics-deleted', topics: ['orders'] },
      { kind: 'sync-begun' },
      { kind: 'node-ended' },
    ];
    if (deleted === undefined || sync === undefined || ended === undefined) throw new Error('three suspicions');
    expect(moreUrgent(undefined, ended)).toBe(ended);
    expect(moreUrgent(ended, sync)).toBe(sync);
    expect(moreUrgent(sync, ended)).toBe(sync);
    expect(moreUrgent(sync, deleted)).toBe(deleted);
    expect(moreUrgent(deleted, ended)).toBe(deleted);
    // The topics that were deleted first are named.
    expect(moreUrgent(deleted, { kind: 'topics-deleted', topics: ['payments'] })).toBe(deleted);
  });

  it('suspects a loss when the driver begins to sync', () => {
    expect(suspect({ t: 1, ...driver('SYNC_KRAFT_TO_ZK') }, isExpected)).toEqual({ kind: 'sync-begun' });
  });

  it.each<readonly [string, JournalEvent]>([
    ['other topics are deleted', { t: 1, type: 'topics-changed', deleted: ['unrelated'] }],
    ['topics are created', { t: 1, type: 'topics-changed', created: ['orders'] }],
    ['the driver enters another state', { t: 1, ...driver('DUAL_WRITE') }],
    [
      'the driver only mentions a sync',
      { t: 1, type: 'controller-log', pod: 'p', level: 'INFO', text: 'SYNC_KRAFT_TO_ZK' },
    ],
    ['/migration is deleted', { t: 1, type: 'znode-changed', path: '/migration', change: 'deleted' }],
  ])('suspects nothing when %s', (_what, event) => {
    expect(suspect(event, isExpected)).toBeUndefined();
  });
});

describe('waitForSyncEnd', () => {
  const { signal } = new AbortController();

  /** Whether the promise has settled once all that needs no timer has happened. */

  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('does not wait if no sync is running', async () => {
    const journal = new Journal();
    expect(await isSettled(waitForSyncEnd(journal, signal, 5_000))).toBe(true);
    journal.write(driver('SYNC_KRAFT_TO_ZK'));
    journal.write(driver('DUAL_WRITE'));
    expect(await isSettled(waitForSyncEnd(journal, signal, 5_000))).toBe(true);
  });

  it.each(['KRAFT_CONTROLLER_TO_BROKER_COMM', 'DUAL_WRITE', 'INACTIVE'])(
    'waits until a running sync has ended in %s',
    async (end) => {
      const journal = new Journal();
      journal.write(driver('SYNC_KRAFT_TO_ZK'));
      const waiting = waitForSyncEnd(journal, signal, 5_000);
      journal.write({ type: 'topics-changed', deleted: ['orders'] });
      expect(await isSettled(waiting)).toBe(false);
      journal.write(driver(end));
      await waiting;
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('resolves at its deadline, so that what is missing by then is reported', async () => {
    const journal = new Journal();
    journal.write(driver('SYNC_KRAFT_TO_ZK'));
    const waiting = waitForSyncEnd(journal, signal, 5_000);
    jest.runOnlyPendingTimers();
    await expect(waiting).resolves.toBeUndefined();
  });

  it('ends when the user interrupts the run', async () => {
    const journal = new Journal();
    const interrupt = new AbortController();
    journal.write(driver('SYNC_KRAFT_TO_ZK'));
    const waiting = waitForSyncEnd(journal, interrupt.signal, 5_000);
    interrupt.abort();
    await expect(waiting).rejects.toThrow(WaitAborted);
  });
});
