import { WaitAborted } from '../errors.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof SIGNALS;

/** Ends all runs on SIGINT, SIGTERM or SIGHUP, with time to clean up. A second signal ends the process immediately. */
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

  /** @param stream where the clean-up is reported. */
  static listen(stream: { write(text: string): unknown }): Interrupts {
    return new Interrupts(stream);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 128 plus the signal's number; undefined when there was no signal. */
  exitCode(): number | undefined {
    return this.#received === undefined ? undefined : SIGNALS[this.#received];
  }

  /** Ends all runs without a signal from the user. */
  stop(): void {
    this.#controller.abort(new WaitAborted('the other runs were ended'));
  }

  report(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  close(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  #receive(signal: Signal): void {
    // The guardians then clean up what is left.
    if (this.#received !== undefined) process.exit(SIGNALS[signal]);
    this.#received = signal;
    // Abort first, so that a reporter that redraws the terminal stops before the next line is written.
    this.#controller.abort(new WaitAborted(`interrupted by ${signal}`));
    this.report(`${signal}: stopping the nodes`);
  }
}
