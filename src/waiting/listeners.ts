/** Callbacks that are called with each change, until they are removed. */
export class Listeners<T = void> {
  readonly #listeners = new Set<(change: T) => void>();

  /** @returns a function that removes the callback. */
  add(listener: (change: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls every listener. A listener that another one adds or removes during this call is not called for this change.
   */
  notify(change: T): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(change);
  }
}
