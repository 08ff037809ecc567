import { WaitAborted } from '../../errors.js';

/** The starts of nodes that are under way, so that a run's end waits for them and none comes after it. */
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

  /** To be asked before a node is launched. @throws WaitAborted when the run is over. */
  throwIfClosed(): void {
    if (this.#closed) throw new WaitAborted('the run is over');
  }

  /** From now on no node is launched. Resolves when no start is under way; whoever asked for one is told. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#pending]);
  }
}
