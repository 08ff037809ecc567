import { WaitAborted } from '../errors.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof SIGNALS;

/** Turns SIGINT, SIGTERM and SIGHUP into the end of all runs, with time to clean up; a second one ends the process at once. */
export class Interrupts {
  readonly #controller = new AbortController();
  readonly #stream: { write(text: string): unknown };
  readonly #handlers: readonly (readonly [Signal, () => void])[];
  #received: Signal | undefined;

  private constructor(stream: { write(text: string): unknown }) {
    this.#stream = stream;
    this.#handlers = (Object.keys(SIGNALS) as Signal[]).map((signal) => [signal, () => this.#receive(signal)]);
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  /** @param stream where it is told that, and what, is being cleaned up. */
  static listen(stream: { write(text: string): unknown }): Interrupts {
    return new Interrupts(stream);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 plus the signal's number; undefined when none came. */
  exitCode(): number | undefined {
    return this.#received === undefined ? undefined : SIGNALS[this.#received];
  }

  /** Ends all runs without a signal of the user's. */
  stop(): void {
    this.#controller.abort(new WaitAborted('the other runs were ended'));
  }

  tell(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  #receive(signal: Signal): void {
    // What is left then is the guardians' to clean up.
    if (this.#received !== undefined) process.exit(SIGNALS[signal]);
    this.#received = signal;
    // First, so that whoever draws on the terminal stops, and what is told stays there.
    this.#controller.abort(new WaitAborted(`interrupted by ${signal}`));
    this.tell(`${signal}: stopping the nodes`);
  }
}
