import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.js';
import { packageRoot } from '../../package-root.js';

/**
 * The harness's end of the guardian: a detached process that outlives the harness and removes what it leaves behind,
 * whatever ends it, SIGKILL included.
 *
 * The guardian holds the read end of a pipe. When the pipe closes, because the harness closed it or died, the guardian
 * kills every process whose command line carries the run's mark, runs what it was told to, and deletes the run's folders.
 */
export class Guard {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts the guardian of one run.
   * @param mark a text that stands in the command line of every process of the run and in no other's.
   * @throws EnvironmentError when the machine starts no more processes.
   */
  static async start(mark: string): Promise<Guard> {
    const main = join(packageRoot(), 'dist/src/environments/guardian/main.js');
    if (!existsSync(main)) throw new Error('remigrate is not built: run `npm run build`');
    const child = spawn(process.execPath, [main, mark], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new EnvironmentError(
        `The process that cleans up after the run could not be started: ${messageOf(error)}. Nothing was run.`,
        { cause: error },
      );
    }
    child.unref();
    // Without a reader there is nobody to tell; the exit of the guardian itself is seen in close().
    child.stdin?.on('error', () => undefined);
    return new Guard(child);
  }

  /** From now on the folder goes with the run. */
  watchFolder(folder: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ watch: folder })}\n`);
  }

  /** The folder stays (`--keep`). */
  releaseFolder(folder: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ release: folder })}\n`);
  }

  /** From now on this is run when the run is over, whatever ends it: program and arguments. It must do no harm when repeated. */
  runAtEnd(command: readonly string[]): void {
    this.#child.stdin?.write(`${JSON.stringify({ runAtEnd: command })}\n`);
  }

  /** What was to be run at the end is not run. */
  forgetCommand(): void {
    this.#child.stdin?.write(`${JSON.stringify({ runAtEnd: null })}\n`);
  }

  /** Lets the guardian do what is left to do, and waits until it is gone. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.ref();
    this.#child.stdin?.end();
    await gone;
  }
}
