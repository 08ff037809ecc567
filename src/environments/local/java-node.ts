import { execa } from 'execa';
import type { Stopped } from '../node-runtime.js';
import { LogRecorder } from '../replayed/log-recorder.js';
import { javaLocale } from './java-locale.js';

export interface JavaCommand {
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  /** Standard output and error are appended to it. */
  readonly logFile: string;
}

function spawnJava(command: JavaCommand) {
  return execa(command.executable, [...command.arguments], {
    cwd: command.folder,
    env: javaLocale(process.env),
    detached: true,
    cleanup: false,
    // Otherwise execa sends SIGKILL five seconds after a SIGTERM, before the end of the grace period.
    forceKillAfterDelay: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

/**
 * One JVM: its log goes to a file and, line by line, to the listener. It is detached from the terminal's process group,
 * so that Ctrl-C stops only the harness, which then stops its nodes.
 */
export class JavaNode {
  readonly #process: ReturnType<typeof spawnJava>;
  readonly #log: LogRecorder;
  readonly #ended: Promise<string>;
  #stopping = false;
  #running = true;

  /**
   * @param line called for each line of the log. @param died called when the process exits without being stopped, with
   * "exit code 1" or "SIGKILL".
   */
  constructor(command: JavaCommand, line: (text: string) => void, died: (how: string) => void) {
    this.#log = new LogRecorder(command.logFile, line);
    this.#process = spawnJava(command);
    for (const stream of [this.#process.stdout, this.#process.stderr]) this.#log.follow(stream);
    this.#ended = this.#process.then(async (result) => {
      this.#running = false;
      await this.#log.close();
      const how =
        result.signal ?? (result.exitCode === undefined ? `${result.shortMessage}` : `exit code ${result.exitCode}`);
      if (!this.#stopping) died(how);
      return how;
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** undefined if it could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Sends a signal that nobody asked for: an exit is reported as a death. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#running) this.#process.kill(name);
  }

  /** SIGKILL that nobody asked for. Resolves once the death has been reported. */
  async crash(): Promise<void> {
    if (this.#running) this.#process.kill('SIGKILL');
    await this.#ended;
  }

  lastLines(count: number): readonly string[] {
    return this.#log.lastLines(count);
  }

  /** SIGTERM, and SIGKILL after the grace period. Resolves once the process has exited. */
  async stop(graceMs: number): Promise<Stopped> {
    this.#stopping = true;
    let killed = false;
    const deadline = setTimeout(() => {
      killed = true;
      this.#process.kill('SIGKILL');
    }, graceMs);
    if (this.#running) this.#process.kill('SIGTERM');
    await this.#ended;
    clearTimeout(deadline);
    return { signal: killed ? 'SIGKILL' : 'SIGTERM' };
  }

  /** SIGKILL. Resolves once the process has exited. */
  async kill(): Promise<void> {
    this.#stopping = true;
    if (this.#running) this.#process.kill('SIGKILL');
    await this.#ended;
  }
}
