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
  it('leaves an object as it is, private fields included', async () => {
    const gate = new TrackedCalls().track(new Gate());
    expect(gate.name).toBe('gate');
    await expect(gate.open()).resolves.toBe('open');
    expect(gate.isOpen()).toBe(true);
    await expect(gate.break()).rejects.toThrow('broken');
  });

  it('keeps a rejection that nobody waits for from ending the process', async () => {
    const calls = new TrackedCalls();
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    try {
      void calls.track(new Gate()).break();
      calls.abandon();
      await new Promise((resolve) => setImmediate(resolve));
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});
