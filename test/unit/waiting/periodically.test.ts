import { describe, expect, it } from '@jest/globals';
import { periodically } from '../../../src/waiting/periodically.js';

describe('periodically', () => {
  it('repeats the work until it is done', async () => {
    let times = 0;
    await periodically(1, new AbortController().signal, async () => (++times === 3 ? 'done' : 'again'));
    expect(times).toBe(3);
  });

  it('ends with its signal, in a pause as well as in the work', async () => {
    const end = new AbortController();
    let times = 0;
    const work = async (): Promise<'again'> => {
      if (++times === 2) end.abort();
      return 'again';
    };
    await periodically(1, end.signal, work);
    expect(times).toBe(2);
    await periodically(60_000, end.signal, work);
    expect(times).toBe(2);
    const later = new AbortController();
    const pausing = periodically(60_000, later.signal, work);
    later.abort();
    await pausing;
    expect(times).toBe(2);
  });

  it('does not keep the process alive', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const end = new AbortController();
    const before = timers();
    const pausing = periodically(60_000, end.signal, async () => 'again');
    expect(timers()).toBe(before);
    end.abort();
    await pausing;
  });

  it('rejects with what the work throws', async () => {
    const failure = new Error('no rights');
    await expect(periodically(1, new AbortController().signal, () => Promise.reject(failure))).rejects.toBe(failure);
  });
});
