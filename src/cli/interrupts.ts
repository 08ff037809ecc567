import { RemigrateError, WaitAborted } from '../errors.js';
import { sharedController } from '../waiting/shared-signal.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof SIGNALS;

/** What a signal makes a command do that only reads from clusters. */
export const READ_ONLY = 'stopped; the cluster was not changed';

/**
 * Ends the work of a command on SIGINT, SIGTERM or SIGHUP, with time to clean up. A second signal ends the process
 * immediately.
 */
export class Interrupts {
  readonly #controller = sharedController();
  readonly #stream: { write(text: string): unknown };
  readonly #consequence: string;
  readonly #handlers: readonly (readonly [Signal, () => void])[];
  #received: Signal | undefined;

  private constructor(stream: { write(text: string): unknown }, consequence: string) {
    this.#stream = stream;
    this.#consequence = consequence;
    this.#handlers = (Object.keys(SIGNALS) as Signal[]).map((signal) => [signal, () => this.#receive(signal)]);
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  /**
   * @param stream where the end is reported.
   * @param consequence what a signal makes the command do, `stopping the nodes`: it completes "SIGINT: ...".
   */
  static listen(stream: { write(text: string): unknown }, consequence: string): Interrupts {
    return new Interrupts(stream, consequence);
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
    this.report(`${signal}: ${this.#consequence}`);
  }
}

/**
 * Does the work of a command until it is finished or a signal ends it. The line that reports the signal is then the last
 * one: a wait that the signal ended is not an error.
 * @param consequence as for `Interrupts.listen`.
 * @param work returns the exit code.
 * @returns the exit code of the work, or that of the signal.
 * @throws what the work throws, unless a signal has ended it.
 */
export async function untilInterrupted(
  stream: { write(text: string): unknown },
  consequence: string,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupts = Interrupts.listen(stream, consequence);
  try {
    const exitCode = await work(interrupts.signal);
    return interrupts.exitCode() ?? exitCode;
  } catch (error) {
    const exitCode = interrupts.exitCode();
    // A broken wait may be described as a failure of what was waited for. Anything else is a bug, also after a signal.
    if (exitCode === undefined || !(error instanceof WaitAborted || error instanceof RemigrateError)) throw error;
    return exitCode;
  } finally {
    interrupts.close();
  }
}
