import { WaitAborted } from '../../errors.js';

/** The starts of nodes in progress: the end of a run waits for them, and no node starts after it. */
export class PendingStarts {
  readonly #pending = new Set<Promise<void>>();
  #closed = false;

  /** Runs a start. */
  async run(start: () => Promise<void>): Promise<void> {
    const starting = start();
    this.#pending.add(starting);
    try {
      await starting;
    } finally {
      this.#pending.delete(starting);
    }
  }

  /** Call this before a node is launched. @throws WaitAborted when the run is over. */
  throwIfClosed(): void {
    if (this.#closed) throw new WaitAborted('the run is over');
  }

  /** From now on no node is launched. Resolves once no start is in progress; their callers get the outcome. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#pending]);
  }
}
