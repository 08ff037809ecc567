import type { RuntimeListener } from '../node-runtime.js';

/** Passes on what a runtime tells to those who subscribe, so that runtime and pods need not know each other first. */
export class NodeEvents implements RuntimeListener {
  readonly #listeners: RuntimeListener[] = [];

  subscribe(listener: RuntimeListener): void {
    this.#listeners.push(listener);
  }

  line(pod: string, line: string): void {
    for (const listener of this.#listeners) listener.line(pod, line);
  }

  died(pod: string, how: string): void {
    for (const listener of this.#listeners) listener.died(pod, how);
  }
}
