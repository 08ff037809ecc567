import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import { pause } from '../../../src/waiting/pause.js';

describe('a pause', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('ends after its time', async () => {
    let over = false;
    const pausing = pause(100, 'the next start', new AbortController().signal).then(() => {
      over = true;
    });
    await jest.advanceTimersByTimeAsync(99);
    expect(over).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(over).toBe(true);
    await pausing;
  });

  it('ends early, without a timer, when its signal is aborted, and does not begin when it was', async () => {
    const end = new AbortController();
    const pausing = pause(100, 'the next start', end.signal);
    end.abort();
    await expect(pausing).rejects.toThrow('stopped waiting for the next start');
    await expect(pause(100, 'the next start', end.signal)).rejects.toThrow(WaitAborted);
    expect(jest.getTimerCount()).toBe(0);
  });
});
