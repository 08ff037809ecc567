import { describe, expect, it } from '@jest/globals';
import { TrackedCalls } from '../../../src/scenario/tracked-calls.js';

class Gate {
  readonly name = 'gate';
  #open = false;

  async open(): Promise<string> {
    this.#open = true;
    return 'open';
  }

  isOpen(): boolean {
    return this.#open;
  }

  break(): Promise<void> {
    return Promise.reject(new Error('broken'));
  }
}

describe('TrackedCalls', () => {
  it('does not change how an object works, including private fields', async () => {
    const gate = new TrackedCalls().track(new Gate());
    expect(gate.name).toBe('gate');
    await expect(gate.open()).resolves.toBe('open');
    expect(gate.isOpen()).toBe(true);
    await expect(gate.break()).rejects.toThrow('broken');
  });

  it('prevents a rejection that no code handles from ending the process', async () => {
    const calls = new TrackedCalls();
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    try {
      void calls.track(new Gate()).break();
      calls.abandon();
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
  });
});
