import { WaitTimedOut } from '../errors.js';

/**
 * Measures the parts of an action, so that an error says which of them was slow: the part that runs into the deadline
 * is not always the one that took the time.
 */
export class Phases {
  readonly #now: () => number;
  readonly #milliseconds = new Map<string, number>();

  /** @param now a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does a part of the action. Parts with the same name are added up. @param name `creating the topics`. */
  async measure<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begun = this.#now();
    try {
      return await work();
    } finally {
      this.#milliseconds.set(name, (this.#milliseconds.get(name) ?? 0) + this.#now() - begun);
    }
  }

  /** `creating the topics 46 s, writing records 14 s`, in order; empty before the first part. */
  text(): string {
    const parts = [...this.#milliseconds].map(([name, milliseconds]) => `${name} ${seconds(milliseconds)}`);
    return parts.join(', ');
  }

  /** The error, with the times of all parts if a wait has timed out. */
  explain(error: unknown): unknown {
    if (!(error instanceof WaitTimedOut) || this.#milliseconds.size < 2) return error;
    return new WaitTimedOut(`${error.message} (time spent: ${this.text()})`, { cause: error });
  }
}

function seconds(milliseconds: number): string {
  return `${milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : Math.round(milliseconds / 1000)} s`;
}
