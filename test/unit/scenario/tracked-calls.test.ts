import { describe, expect, it } from '@jest/globals';
import { catchForgottenRejections, TrackedCalls } from '../../../src/scenario/tracked-calls.js';

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

  never(_state: string, _options?: object): Promise<void> {
    return new Promise(() => undefined);
  }

  break(): Promise<void> {
    return Promise.reject(new Error('broken'));
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The rejections that no code has handled meanwhile. */
async function unhandledIn(work: () => Promise<void>): Promise<readonly unknown[]> {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);
  try {
    await work();
    await nextTurn();
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
  return unhandled;
}

describe('a tracked object', () => {
  it('works as before, including private fields', async () => {
    const calls = new TrackedCalls();
    const gate = calls.track('gate', new Gate());
    expect(gate.name).toBe('gate');
    await expect(gate.open()).resolves.toBe('open');
    expect(gate.isOpen()).toBe(true);
    await expect(gate.break()).rejects.toThrow('broken');
    expect(calls.forgotten()).toEqual([]);
  });

  it.each<readonly [string, (gate: Gate) => Promise<unknown>]>([
    ['awaited', async (gate) => void (await gate.open())],
    ['returned', (gate) => gate.open()],
    ['returned by an async function', async (gate) => gate.open()],
    ['part of Promise.all', (gate) => Promise.all([gate.open(), gate.open()])],
    ['part of Promise.allSettled', (gate) => Promise.allSettled([gate.open(), gate.break()])],
    [
      'awaited later',
      async (gate) => {
        const opening = gate.open();
        await Promise.resolve();
        await opening;
      },
    ],
    ['caught', (gate) => gate.break().catch(() => undefined)],
  ])('has no forgotten call that was %s', async (_how, step) => {
    const calls = new TrackedCalls();
    await step(calls.track('gate', new Gate()));
    expect(calls.forgotten()).toEqual([]);
  });

  it.each<readonly [string, (gate: Gate) => Promise<unknown>, readonly string[]]>([
    ['goes on', async (gate) => void gate.never('open', { wide: true }), ["gate.never('open', { wide: true })"]],
    [
      'has ended',
      async (gate) => {
        void gate.open();
        await gate.open();
      },
      ['gate.open()'],
    ],
    [
      'has failed',
      async (gate) => {
        void gate.break();
        await gate.open();
      },
      ['gate.break()'],
    ],
    [
      'goes on in a function that is not awaited',
      async (gate) => {
        void (async () => {
          await gate.open();
          await gate.never('open');
        })();
        await gate.open();
        await nextTurn();
      },
      ["gate.never('open')"],
    ],
    ['lost a race', (gate) => Promise.race([gate.open(), gate.never('open')]), ["gate.never('open')"]],
  ])('names a call that was not awaited and %s', async (_how, step, forgotten) => {
    const calls = new TrackedCalls();
    await step(calls.track('gate', new Gate()));
    expect(calls.forgotten()).toEqual(forgotten);
  });

  it('has no rejection that is unhandled, if a call is not awaited', async () => {
    const calls = new TrackedCalls();
    const unhandled = await unhandledIn(async () => void calls.track('gate', new Gate()).break());
    expect(unhandled).toEqual([]);
    expect(calls.forgotten()).toEqual(['gate.break()']);
  });

  it('no longer answers a step that is over: a function that it did not await never fails', async () => {
    const calls = new TrackedCalls();
    const gate = calls.track('gate', new Gate());
    const unhandled = await unhandledIn(async () => {
      void (async () => {
        await gate.break();
      })();
      calls.close();
    });
    expect(unhandled).toEqual([]);
  });
});

describe('a rejection that no code handles', () => {
  /** Node's part: one listener, which gets the reason. */
  function watched() {
    let listener: ((reason: unknown) => void) | undefined;
    const process = {
      on: (_event: string, added: (reason: unknown) => void) => {
        listener = added;
      },
      off: (_event: string, removed: unknown) => {
        if (removed === listener) listener = undefined;
      },
    } as unknown as NodeJS.Process;
    const stop = catchForgottenRejections(process);
    return { reject: (reason: unknown) => listener?.(reason), stop, isListening: () => listener !== undefined };
  }

  it('belongs to a call that counts as forgotten, if a function that the step does not await failed with it', async () => {
    const calls = new TrackedCalls();
    const gate = calls.track('gate', new Gate());
    const helper = async (): Promise<void> => {
      await gate.break();
    };
    const error: unknown = await helper().catch((caught: unknown) => caught);
    expect(calls.forgotten()).toEqual([]);
    watched().reject(error);
    expect(calls.forgotten()).toEqual(['gate.break()']);
  });

  it.each([new Error('a bug'), 'text', undefined])('is thrown if it came from anything else: %p', (reason) => {
    let thrown: unknown = 'nothing';
    try {
      watched().reject(reason);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(reason);
  });

  it('is left to Node.js when nobody catches it any more', () => {
    const { stop, isListening } = watched();
    expect(isListening()).toBe(true);
    stop();
    expect(isListening()).toBe(false);
  });
});
