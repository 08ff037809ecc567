import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.js';
import { packageRoot } from '../../package-root.js';

/**
 * The harness's end of the guardian: a detached process that outlives the harness and removes what it leaves behind,
 * however it ends, even by SIGKILL.
 *
 * The guardian holds the read end of a pipe. When the pipe closes, because the harness closed it or died, the guardian
 * kills every process whose command line carries the run's mark, runs the registered command, and deletes the run's
 * folders.
 */
export class Guard {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts the guardian of one run.
   * @param mark a text in the command line of every process of the run, and of no other process.
   * @throws EnvironmentError when no more processes can be started.
   */
  static async start(mark: string): Promise<Guard> {
    const main = join(packageRoot(), 'dist/src/environments/guardian/main.js');
    if (!existsSync(main)) throw new Error('remigrate is not built: run `npm run build`');
    const child = spawn(process.execPath, [main, mark], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new EnvironmentError(
        `The process that cleans up after the run could not be started: ${messageOf(error)}. No scenario was run.`,
        { cause: error },
      );
    }
    child.unref();
    // An error means that the guardian has exited, which close() handles.
    child.stdin?.on('error', () => undefined);
    return new Guard(child);
  }

  /** From now on the folder is deleted at the end of the run. */
  watchFolder(folder: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ watch: folder })}\n`);
  }

  /** The folder is kept (`--keep`). */
  releaseFolder(folder: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ release: folder })}\n`);
  }

  /**
   * Registers a command, program and arguments, to run at the end of the run, however it ends. It must be repeatable.
   */
  runAtEnd(command: readonly string[]): void {
    this.#child.stdin?.write(`${JSON.stringify({ runAtEnd: command })}\n`);
  }

  /** Removes the registered command. */
  forgetCommand(): void {
    this.#child.stdin?.write(`${JSON.stringify({ runAtEnd: null })}\n`);
  }

  /** Lets the guardian clean up, and waits until it has exited. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.ref();
    this.#child.stdin?.end();
    await gone;
  }
}
