/** Those who are called back after a change, until they take that back. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** @returns takes the callback back. */
  add(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Calls all of them back. */
  wake(): void {
    for (const changed of this.#listeners) changed();
  }
}
