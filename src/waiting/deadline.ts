import { setTimeout as timer } from 'node:timers/promises';
import { type WaitAborted, WaitTimedOut } from '../errors.js';
import { aborted, timedOut } from './outcomes.js';

export interface DeadlineOptions {
  /** Milliseconds that the whole action may take, including all retries. */
  readonly deadlineMs: number;
  /** Ends every wait with WaitAborted. */
  readonly signal?: AbortSignal | undefined;
}

const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** The time budget of one action, shared by everything that the action does. */
export class Deadline {
  readonly signal: AbortSignal | undefined;
  readonly #budgetMs: number;
  readonly #end: number;
  readonly #now: () => number;
  #expired = false;

  /** @param now a monotonic clock in milliseconds. */
  constructor(options: DeadlineOptions, now: () => number = () => performance.now()) {
    this.#budgetMs = options.deadlineMs;
    this.#now = now;
    this.#end = now() + options.deadlineMs;
    this.signal = options.signal;
  }

  /** Milliseconds left, never negative. */
  remainingMs(): number {
    // A timer counts whole milliseconds, so that it may fire a fraction of one before the clock reaches the end.
    return this.#expired ? 0 : Math.max(0, this.#end - this.#now());
  }

  /**
   * @param what what the action waits for, as a noun: "a response from broker localhost:9092".
   * @param lastFailure the error of the last attempt, if there was one.
   * @throws WaitAborted when the signal is aborted.
   * @throws WaitTimedOut when the budget is used up.
   */
  check(what: string, lastFailure?: unknown): void {
    if (this.signal?.aborted) throw this.#aborted(what);
    if (this.remainingMs() === 0) throw this.timedOut(what, lastFailure);
  }

  /** The error of a wait that ran into this deadline. */
  timedOut(what: string, lastFailure?: unknown): WaitTimedOut {
    return timedOut(what, this.#budgetMs, lastFailure);
  }

  /**
   * Waits for the work, the deadline or the signal, whichever comes first.
   * @param abandon called when the work is abandoned: it must release what the work holds.
   * @throws WaitAborted, WaitTimedOut, or what the work is rejected with.
   */
  race<T>(work: Promise<T>, what: string, abandon: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      // The outcome of abandoned work is ignored: settling a promise twice has no effect.
      const settle = () => {
        clearTimeout(timeout);
        this.signal?.removeEventListener('abort', onAbort);
      };
      const giveUp = (error: Error) => {
        settle();
        abandon();
        reject(error);
      };
      const onAbort = () => giveUp(this.#aborted(what));
      const onTimeout = () => {
        this.#expired = true;
        giveUp(this.timedOut(what));
      };
      const timeout = setTimeout(onTimeout, this.remainingMs());
      this.signal?.addEventListener('abort', onAbort, { once: true });
      if (this.signal?.aborted) onAbort();
      work.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error) => {
          settle();
          reject(error);
        },
      );
    });
  }

  /**
   * Repeats `attempt`, with pauses that double from 10 to 250 ms, until it succeeds.
   * @throws WaitTimedOut with the last failure as its cause, WaitAborted, or the first failure that is not retriable.
   */
  async retry<T>(what: string, attempt: () => Promise<T>, isRetriable: (error: unknown) => boolean): Promise<T> {
    let lastFailure: unknown;
    for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      this.check(what, lastFailure);
      try {
        return await attempt();
      } catch (error) {
        if (this.signal?.aborted) throw this.#aborted(what);
        // The error of an earlier attempt says more than the timeout of the last one.
        if (error instanceof WaitTimedOut && this.remainingMs() === 0) throw this.timedOut(what, lastFailure ?? error);
        if (!isRetriable(error)) throw error;
        lastFailure = error;
      }
      await this.pause(pauseMs, what);
    }
  }

  /** The pause between two attempts: ends early at the deadline, and with WaitAborted when the signal is aborted. */
  async pause(milliseconds: number, what: string): Promise<void> {
    if (this.signal?.aborted) throw this.#aborted(what);
    const options = this.signal === undefined ? {} : { signal: this.signal };
    try {
      await timer(Math.min(milliseconds, this.remainingMs()), undefined, options);
    } catch (error) {
      throw this.signal?.aborted ? this.#aborted(what) : error;
    }
  }

  #aborted(what: string): WaitAborted {
    return aborted(what, this.signal?.reason);
  }
}
