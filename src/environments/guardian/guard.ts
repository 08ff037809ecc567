import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { reachedLimit } from '../../distribution/limits.js';
import { EnvironmentError, messageOf, UsageError } from '../../errors.js';
import { packageRoot } from '../../package-root.js';

/** Tells the user something, in one line. */
export type Notice = (text: string) => void;

/** A line that the guardian reads. */
export interface GuardianMessage {
  readonly watch?: string;
  readonly release?: string;
  readonly runAtEnd?: readonly string[] | null;
}

/** A guardian that ends again and again must not be started for ever. */
const MOST_REPLACEMENTS = 5;

/**
 * The harness's end of the guardian: a detached process that outlives the harness and removes what it leaves behind,
 * however it ends, even by SIGKILL.
 *
 * The guardian holds the read end of a pipe. When the pipe closes, because the harness closed it or died, the guardian
 * kills every process whose command line carries the run's mark, runs the registered command, and deletes the run's
 * folders.
 */
export class Guard {
  readonly #mark: string;
  readonly #notice: Notice;
  /** What a guardian must know; another one that takes its place is told the same. */
  readonly #folders = new Set<string>();
  #command: readonly string[] | undefined;
  #child: ChildProcess;
  #closing = false;
  #replacements = 0;
  #replacing: Promise<void> = Promise.resolve();

  private constructor(mark: string, notice: Notice, child: ChildProcess) {
    this.#mark = mark;
    this.#notice = notice;
    this.#child = child;
    this.#observe(child);
  }

  /**
   * Starts the guardian of one run. If it ends before it is closed, another one takes its place.
   * @param mark a text in the command line of every process of the run, and of no other process.
   * @param notice is called with what the user should know about that.
   * @throws UsageError when a limit of the system is reached. @throws EnvironmentError when it cannot be started.
   */
  static async start(mark: string, notice: Notice): Promise<Guard> {
    try {
      return new Guard(mark, notice, await spawnGuardian(mark));
    } catch (error) {
      const limit = reachedLimit(error);
      if (limit !== undefined) throw new UsageError(`${limit} No scenario was run.`, { cause: error });
      throw new EnvironmentError(
        `The process that cleans up after the run could not be started: ${messageOf(error)}. No scenario was run.`,
        { cause: error },
      );
    }
  }

  /** From now on the folder is deleted at the end of the run. */
  watchFolder(folder: string): void {
    this.#folders.add(folder);
    this.#tell({ watch: folder });
  }

  /** The folder is kept (`--keep`). */
  releaseFolder(folder: string): void {
    this.#folders.delete(folder);
    this.#tell({ release: folder });
  }

  /**
   * Registers a command, program and arguments, to run at the end of the run, however it ends. It must be repeatable.
   */
  runAtEnd(command: readonly string[]): void {
    this.#command = command;
    this.#tell({ runAtEnd: command });
  }

  /** Removes the registered command. */
  forgetCommand(): void {
    this.#command = undefined;
    this.#tell({ runAtEnd: null });
  }

  /** Lets the guardian clean up, and waits until it has exited. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#replacing;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.ref();
    child.stdin?.end();
    await gone;
  }

  #tell(message: GuardianMessage): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #observe(child: ChildProcess): void {
    child.once('exit', (code, signal) => {
      if (!this.#closing) this.#replacing = this.#replace(signal ?? `exit code ${code}`);
    });
  }

  /** Never rejects: a run can go on without a guardian. */
  async #replace(how: string): Promise<void> {
    this.#replacements += 1;
    const ended = `The process that cleans up after the run has ended (${how})`;
    if (this.#replacements > MOST_REPLACEMENTS) {
      this.#notice(`${ended} for the ${this.#replacements}th time, and is not started again. ${this.#consequence()}`);
      return;
    }
    try {
      this.#child = await spawnGuardian(this.#mark);
    } catch (error) {
      this.#notice(`${ended}, and another one could not be started: ${messageOf(error)}. ${this.#consequence()}`);
      return;
    }
    this.#observe(this.#child);
    for (const folder of this.#folders) this.#tell({ watch: folder });
    if (this.#command !== undefined) this.#tell({ runAtEnd: this.#command });
    this.#notice(`${ended}. Another one was started.`);
  }

  #consequence(): string {
    const folders = this.#folders.size === 0 ? '' : ` and ${[...this.#folders].join(', ')}`;
    return `If remigrate is killed now, processes with ${this.#mark} in their command line${folders} are left behind.`;
  }
}

async function spawnGuardian(mark: string): Promise<ChildProcess> {
  const main = join(packageRoot(), 'dist/src/environments/guardian/main.js');
  if (!existsSync(main)) throw new Error('remigrate is not built: run `npm run build`');
  const child = spawn(process.execPath, [main, mark], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  child.unref();
  // An error means that the guardian has exited, which its exit event reports.
  child.stdin?.on('error', () => undefined);
  return child;
}
