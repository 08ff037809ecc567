import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { Journal } from '../../../src/journal/journal.js';
import { extentKnown, suspect } from '../../../src/scenario/loss-watch.js';

const isExpected = (topic: string): boolean => ['orders', 'payments'].includes(topic);

function driver(driverState: string): Omit<Extract<JournalEvent, { type: 'controller-log' }>, 't'> {
  const text = `1 transitioning to ${driverState} state`;
  return { type: 'controller-log', pod: 'my-cluster-controller-1', level: 'INFO', text, driverState };
}

describe('suspect', () => {
  it('suspects a loss when expected topics are deleted, and names those', () => {
    const deleted = ['somebody-elses', 'payments', 'orders'];
    expect(suspect({ t: 1, type: 'topics-changed', deleted }, isExpected)).toEqual({
      kind: 'topics-deleted',
      topics: ['payments', 'orders'],
    });
  });

  it('suspects a loss when the driver begins to sync', () => {
    expect(suspect({ t: 1, ...driver('SYNC_KRAFT_TO_ZK') }, isExpected)).toEqual({ kind: 'sync-begun' });
  });

  it.each<readonly [string, JournalEvent]>([
    ['topics that nobody expects are deleted', { t: 1, type: 'topics-changed', deleted: ['somebody-elses'] }],
    ['topics are created', { t: 1, type: 'topics-changed', created: ['orders'] }],
    ['the driver comes to another state', { t: 1, ...driver('DUAL_WRITE') }],
    [
      'the driver speaks of a sync',
      { t: 1, type: 'controller-log', pod: 'p', level: 'INFO', text: 'SYNC_KRAFT_TO_ZK' },
    ],
    ['/migration goes', { t: 1, type: 'znode-changed', path: '/migration', change: 'deleted' }],
  ])('suspects nothing when %s', (_what, event) => {
    expect(suspect(event, isExpected)).toBeUndefined();
  });
});

describe('extentKnown', () => {
  const { signal } = new AbortController();

  /** Whether the promise has settled once all that needs no timer has happened. */
  async function isSettled(promise: Promise<unknown>): Promise<boolean> {
    let settled = false;
    const note = (): void => {
      settled = true;
    };
    promise.then(note, note);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    return settled;
  }

  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('waits for nothing when no sync is going on', async () => {
    const journal = new Journal();
    expect(await isSettled(extentKnown(journal, signal))).toBe(true);
    journal.write(driver('SYNC_KRAFT_TO_ZK'));
    journal.write(driver('DUAL_WRITE'));
    expect(await isSettled(extentKnown(journal, signal))).toBe(true);
  });

  it.each(['KRAFT_CONTROLLER_TO_BROKER_COMM', 'DUAL_WRITE', 'INACTIVE'])(
    'waits until the sync that goes on has ended in %s',
    async (end) => {
      const journal = new Journal();
      journal.write(driver('SYNC_KRAFT_TO_ZK'));
      const known = extentKnown(journal, signal);
      journal.write({ type: 'topics-changed', deleted: ['orders'] });
      expect(await isSettled(known)).toBe(false);
      journal.write(driver(end));
      await known;
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('does not wait for ever: what is gone by then is told', async () => {
    const journal = new Journal();
    journal.write(driver('SYNC_KRAFT_TO_ZK'));
    const known = extentKnown(journal, signal);
    jest.runOnlyPendingTimers();
    await expect(known).resolves.toBeUndefined();
  });

  it('ends when the user wants out', async () => {
    const journal = new Journal();
    const interrupt = new AbortController();
    journal.write(driver('SYNC_KRAFT_TO_ZK'));
    const known = extentKnown(journal, interrupt.signal);
    interrupt.abort();
    await expect(known).rejects.toThrow(WaitAborted);
  });
});
