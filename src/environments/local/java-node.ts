import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';
import type { Stopped } from '../node-runtime.js';

export interface JavaCommand {
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly folder: string;
  /** Standard output and error are appended to it. */
  readonly logFile: string;
}

const TAIL = 200;

function spawnJava(command: JavaCommand) {
  return execa(command.executable, [...command.arguments], {
    cwd: command.folder,
    detached: true,
    cleanup: false,
    // Otherwise execa sends SIGKILL five seconds after a SIGTERM: the grace period is ours to keep.
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
 * so that Ctrl-C stops the harness, and the harness stops its nodes.
 */
export class JavaNode {
  readonly #process: ReturnType<typeof spawnJava>;
  readonly #log: WriteStream;
  readonly #tail: string[] = [];
  readonly #ended: Promise<string>;
  #stopping = false;
  #running = true;

  /**
   * @param line called for each line of the log. @param died called when the process ends and nobody stopped it, with
   * "exit code 1" or "SIGKILL".
   */
  constructor(command: JavaCommand, line: (text: string) => void, died: (how: string) => void) {
    this.#log = createWriteStream(command.logFile, { flags: 'a' });
    this.#process = spawnJava(command);
    for (const stream of [this.#process.stdout, this.#process.stderr]) this.#follow(stream, line);
    this.#ended = this.#process.then(async (result) => {
      this.#running = false;
      this.#log.end();
      await finished(this.#log);
      const how =
        result.signal ?? (result.exitCode === undefined ? `${result.shortMessage}` : `exit code ${result.exitCode}`);
      if (!this.#stopping) died(how);
      return how;
    });
  }

  #follow(stream: NodeJS.ReadableStream, line: (text: string) => void): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.#log.write(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        this.#tail.push(text);
        if (this.#tail.length > TAIL) this.#tail.shift();
        line(text);
      }
    });
  }

  get running(): boolean {
    return this.#running;
  }

  lastLines(count: number): readonly string[] {
    return this.#tail.slice(-count);
  }

  /** SIGTERM, and SIGKILL after the grace period. Resolves when the process is gone. */
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

  /** SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#stopping = true;
    if (this.#running) this.#process.kill('SIGKILL');
    await this.#ended;
  }
}
