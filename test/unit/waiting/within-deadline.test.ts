import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import { withinDeadline } from '../../../src/waiting/within-deadline.js';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut off'))));
const late = (failure: unknown): Error => new Error('too late', { cause: failure });

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('withinDeadline', () => {
  it('returns what the work returns, and leaves no timer behind', async () => {
    const { signal } = new AbortController();
    await expect(withinDeadline('get a pod', signal, 5_000, async () => 'pod', late)).resolves.toBe('pod');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('aborts the work when the time is up, and throws what `late` makes of it', async () => {
    const { signal } = new AbortController();
    const waiting = withinDeadline('get a pod', signal, 5_000, untilAborted, late);
    jest.advanceTimersByTime(5_000);
    await expect(waiting).rejects.toMatchObject({ message: 'too late', cause: { message: 'cut off' } });
  });

  it('throws the failure of the work if it fails before that', async () => {
    const { signal } = new AbortController();
    const failing = withinDeadline('get a pod', signal, 5_000, () => Promise.reject(new Error('refused')), late);
    await expect(failing).rejects.toThrow('refused');
  });

  it('throws WaitAborted, with the reason, when the signal of the caller is aborted', async () => {
    const run = new AbortController();
    const waiting = withinDeadline('get a pod', run.signal, 5_000, untilAborted, late);
    const reason = new Error('a node died');
    run.abort(reason);
    const error = await waiting.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WaitAborted);
    expect(error).toMatchObject({ message: 'stopped waiting for the request to get a pod', cause: reason });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not begin the work when the signal is aborted already', async () => {
    const work = jest.fn(untilAborted);
    await expect(withinDeadline('get a pod', AbortSignal.abort(), 5_000, work, late)).rejects.toThrow(WaitAborted);
    expect(work).not.toHaveBeenCalled();
  });
});
