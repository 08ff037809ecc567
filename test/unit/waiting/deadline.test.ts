import { describe, expect, it } from '@jest/globals';
import { WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { Deadline } from '../../../src/waiting/deadline.js';

class Retriable extends Error {}
const isRetriable = (error: unknown) => error instanceof Retriable;
const never = () => new Promise<never>(() => {});

describe('Deadline', () => {
  it('returns what the first successful attempt returns', async () => {
    let attempts = 0;
    const result = await new Deadline({ deadlineMs: 10_000 }).retry(
      'a third attempt',
      async () => {
        attempts += 1;
        if (attempts < 3) throw new Retriable('not yet');
        return attempts;
      },
      isRetriable,
    );
    expect(result).toBe(3);
  });

  it('names what it waited for and the last failure when the time is up', async () => {
    const waiting = new Deadline({ deadlineMs: 30 }).retry(
      'a response from broker a:1',
      async () => {
        throw new Retriable('connection refused');
      },
      isRetriable,
    );
    await expect(waiting).rejects.toThrow(WaitTimedOut);
    await expect(waiting).rejects.toThrow(
      'timed out after 0.03 s waiting for a response from broker a:1; the last attempt failed: connection refused',
    );
  });

  it('names what it waited for even if the timer fires a moment before the clock reaches the end', async () => {
    const aMomentBefore = () => 0;
    const deadline = new Deadline({ deadlineMs: 10 }, aMomentBefore);
    const waiting = deadline.retry(
      'a response',
      () => deadline.race(never(), 'the broker to respond to Metadata', () => {}),
      isRetriable,
    );
    await expect(waiting).rejects.toThrow('timed out after 0.01 s waiting for a response');
    expect(deadline.remainingMs()).toBe(0);
  });

  it('passes on a failure that is not retriable', async () => {
    let attempts = 0;
    const waiting = new Deadline({ deadlineMs: 10_000 }).retry(
      'nothing',
      async () => {
        attempts += 1;
        throw new TypeError('a mistake');
      },
      isRetriable,
    );
    await expect(waiting).rejects.toThrow(TypeError);
    expect(attempts).toBe(1);
  });

  it('abandons work at the deadline, and lets it release what it holds', async () => {
    let freed = 0;
    const race = new Deadline({ deadlineMs: 10 }).race(never(), 'an answer', () => {
      freed += 1;
    });
    await expect(race).rejects.toThrow('timed out after 0.01 s waiting for an answer');
    expect(freed).toBe(1);
  });

  it('does not release what finished work still uses', async () => {
    let freed = 0;
    const abandon = () => {
      freed += 1;
    };
    const deadline = new Deadline({ deadlineMs: 10_000 });
    await expect(deadline.race(Promise.resolve('done'), 'it', abandon)).resolves.toBe('done');
    await expect(deadline.race(Promise.reject(new Retriable('no')), 'it', abandon)).rejects.toThrow('no');
    expect(freed).toBe(0);
  });

  it('ends a race, a pause and a retry with WaitAborted when the signal is aborted', async () => {
    const controller = new AbortController();
    const deadline = new Deadline({ deadlineMs: 60_000, signal: controller.signal });
    const waits = [
      deadline.race(never(), 'a', () => {}),
      deadline.pause(60_000, 'b'),
      deadline.retry(
        'c',
        async () => {
          throw new Retriable('never');
        },
        isRetriable,
      ),
    ];
    const outcomes = Promise.allSettled(waits);
    controller.abort();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(WaitAborted) });
    }
    expect(() => deadline.check('d')).toThrow(WaitAborted);
    await expect(deadline.race(never(), 'e', () => {})).rejects.toThrow(WaitAborted);
  });

  it('counts down with its clock', () => {
    let now = 1000;
    const deadline = new Deadline({ deadlineMs: 500 }, () => now);
    now = 1400;
    expect(deadline.remainingMs()).toBe(100);
    expect(() => deadline.check('it')).not.toThrow();
    now = 1500;
    expect(deadline.remainingMs()).toBe(0);
    expect(() => deadline.check('it')).toThrow(WaitTimedOut);
  });
});
