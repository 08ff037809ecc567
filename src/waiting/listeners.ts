/** Callbacks that are called with each change, until they are removed. */
export class Listeners<T = void> {
  readonly #listeners = new Set<(change: T) => void>();

  /** @returns removes the callback. */
  add(listener: (change: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls every listener. One that is added meanwhile is not called for this change, and neither is one that is removed
   * meanwhile.
   */
  notify(change: T): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(change);
  }
}
