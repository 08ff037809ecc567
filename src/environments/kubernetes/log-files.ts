import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.js';

/** One log file per pod name, `my-cluster-broker-0.log`, with the logs of all pods of that name. */
export class LogFiles {
  readonly #folder: string;
  readonly #failed: (error: Error) => void;
  readonly #streams = new Map<string, WriteStream>();

  private constructor(folder: string, failed: (error: Error) => void) {
    this.#folder = folder;
    this.#failed = failed;
  }

  /** @param failed called when a log cannot be written, for example because the disk is full. */
  static async open(folder: string, failed: (error: Error) => void): Promise<LogFiles> {
    await mkdir(folder, { recursive: true });
    return new LogFiles(folder, failed);
  }

  line(pod: string, line: string): void {
    this.#stream(pod).write(`${line}\n`);
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#streams.values()].map(async (stream) => {
        if (stream.destroyed) return;
        stream.end();
        await once(stream, 'close');
      }),
    );
  }

  #stream(pod: string): WriteStream {
    const known = this.#streams.get(pod);
    if (known !== undefined) return known;
    const stream = createWriteStream(join(this.#folder, `${pod}.log`), { flags: 'a' });
    stream.on('error', (error) => {
      this.#failed(new EnvironmentError(`The log of ${pod} cannot be written: ${messageOf(error)}`, { cause: error }));
    });
    this.#streams.set(pod, stream);
    return stream;
  }
}
