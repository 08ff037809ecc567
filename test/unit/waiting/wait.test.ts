import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { waitUntil } from '../../../src/waiting/wait.js';

/** Something that happens and notifies its listeners, and that counts who still listens. */
class Source {
  value: string | undefined;
  readonly listeners = new Set<() => void>();
  unsubscribed = 0;

  readonly subscribe = (wake: () => void): (() => void) => {
    this.listeners.add(wake);
    return () => {
      this.unsubscribed += 1;
      this.listeners.delete(wake);
    };
  };

  readonly probe = (): string | undefined => this.value;

  happen(value: string | undefined): void {
    this.value = value;
    for (const wake of this.listeners) wake();
  }
}

function options(signal = new AbortController().signal) {
  return { what: 'the thing', timeoutMs: 5_000, signal };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('waitUntil', () => {
  it('resolves immediately if it has happened already, and unsubscribes', async () => {
    const source = new Source();
    source.value = 'there';
    await expect(waitUntil(options(), source.subscribe, source.probe)).resolves.toBe('there');
    expect(source.unsubscribed).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('probes again with each event, until the probe returns a value', async () => {
    const source = new Source();
    const waiting = waitUntil(options(), source.subscribe, source.probe);
    source.happen(undefined);
    expect(source.listeners.size).toBe(1);
    source.happen('there');
    source.happen('too late');
    await expect(waiting).resolves.toBe('there');
    expect(source.unsubscribed).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('removes a subscription that calls back before it has returned', async () => {
    const source = new Source();
    source.value = 'there';
    const eager = (wake: () => void): (() => void) => {
      const remove = source.subscribe(wake);
      wake();
      return remove;
    };
    await expect(waitUntil(options(), eager, source.probe)).resolves.toBe('there');
    expect(source.unsubscribed).toBe(1);
  });

  it('names what it waited for, and for how long, when the deadline is over', async () => {
    const source = new Source();
    let what = 'the first';
    const waiting = waitUntil({ ...options(), what: () => what }, source.subscribe, source.probe);
    what = 'the last';
    jest.advanceTimersByTime(5_000);
    await expect(waiting).rejects.toThrow(new WaitTimedOut('timed out after 5 s waiting for the last'));
    expect(source.listeners.size).toBe(0);
  });

  it('does not end before its deadline', async () => {
    const source = new Source();
    const waiting = waitUntil(options(), source.subscribe, source.probe);
    jest.advanceTimersByTime(4_999);
    source.happen('there');
    await expect(waiting).resolves.toBe('there');
  });

  it('ends with WaitAborted, which carries the reason, when the run ends', async () => {
    const source = new Source();
    const run = new AbortController();
    const waiting = waitUntil(options(run.signal), source.subscribe, source.probe);
    const reason = new Error('a node died');
    run.abort(reason);
    const error = await waiting.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WaitAborted);
    expect(error).toMatchObject({ message: 'stopped waiting for the thing', cause: reason });
    expect(source.listeners.size).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not subscribe if the run has ended already', async () => {
    const source = new Source();
    source.value = 'there';
    const subscribe = jest.fn(source.subscribe);
    await expect(waitUntil(options(AbortSignal.abort()), subscribe, source.probe)).rejects.toThrow(WaitAborted);
    expect(subscribe).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is rejected with what the probe throws', async () => {
    const source = new Source();
    const broken = new Error('the probe broke');
    let calls = 0;
    const waiting = waitUntil(options(), source.subscribe, () => {
      if (++calls > 1) throw broken;
      return undefined;
    });
    source.happen('there');
    await expect(waiting).rejects.toBe(broken);
    expect(source.listeners.size).toBe(0);
  });

  it('is rejected with what the subscription throws, and leaves no timer behind', async () => {
    const broken = new Error('nothing to subscribe to');
    const waiting = waitUntil(
      options(),
      () => {
        throw broken;
      },
      () => undefined,
    );
    await expect(waiting).rejects.toBe(broken);
    expect(jest.getTimerCount()).toBe(0);
  });
});
