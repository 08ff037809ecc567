import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import { sharedController, withSharedSignal } from '../../../src/waiting/shared-signal.js';
import { waitUntil } from '../../../src/waiting/wait.js';

const warnings: string[] = [];
const record = ({ name }: Error): void => void warnings.push(name);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', record);
});
afterEach(() => {
  process.off('warning', record);
});

/** A wait that only its signal ends. */
function wait(signal: AbortSignal): Promise<never> {
  return waitUntil<never>(
    { what: 'nothing', timeoutMs: 60_000, signal },
    () => () => undefined,
    () => undefined,
  );
}

/** Node.js emits warnings in the next tick. */
const warningsOf = async (): Promise<readonly string[]> => {
  await new Promise((resolve) => setImmediate(resolve));
  return warnings;
};

describe('a signal that many waits share', () => {
  it('ends twenty waits at once, and Node.js does not warn of a leak', async () => {
    const shared = sharedController();
    const waits = Array.from({ length: 20 }, () => wait(shared.signal));
    shared.abort(new Error('enough'));
    const ended = await Promise.allSettled(waits);
    expect(ended.map((one) => one.status === 'rejected' && one.reason instanceof WaitAborted)).toEqual(
      Array.from({ length: 20 }, () => true),
    );
    expect(getEventListeners(shared.signal, 'abort')).toEqual([]);
    expect(await warningsOf()).toEqual([]);
  });

  it('costs the caller’s signal one listener, and none afterwards', async () => {
    const callers = new AbortController();
    const work = withSharedSignal(callers.signal, async (signal) => {
      const waits = Array.from({ length: 20 }, () => wait(signal));
      expect(getEventListeners(callers.signal, 'abort')).toHaveLength(1);
      callers.abort(new Error('enough'));
      await Promise.allSettled(waits);
      expect(signal.reason).toEqual(new Error('enough'));
      return 'done';
    });
    await expect(work).resolves.toBe('done');
    expect(getEventListeners(callers.signal, 'abort')).toEqual([]);
    expect(await warningsOf()).toEqual([]);
  });

  it('is aborted from the beginning if the caller’s is', async () => {
    await withSharedSignal(AbortSignal.abort(new Error('too late')), async (signal) => {
      expect(signal.reason).toEqual(new Error('too late'));
    });
  });

  it('removes its listener when the work fails', async () => {
    const callers = new AbortController();
    await expect(withSharedSignal(callers.signal, () => Promise.reject(new Error('refused')))).rejects.toThrow(
      'refused',
    );
    expect(getEventListeners(callers.signal, 'abort')).toEqual([]);
  });
});
