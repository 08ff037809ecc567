import type { RuntimeListener } from '../node-runtime.js';

/** Passes a runtime's events on to subscribers, so that the runtime can be created before the pods. */
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
