import { sharedController } from '../waiting/shared-signal.js';

/** The end of a run: the signal that ends its waits, and the failure of the environment that caused it, if one did. */
export class RunEnd {
  readonly #controller = sharedController();
  #failure: Error | undefined;

  /** Aborted when the run is over: a loss, a failure or an interrupt. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The failure that ended the run. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Ends the run because its cluster cannot go on. Only the first failure counts, and none after the end of the run. */
  fail(error: Error): void {
    if (this.signal.aborted) return;
    this.#failure = error;
    this.abort(error);
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }
}
