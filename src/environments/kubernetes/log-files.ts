import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../errors.js';

/** A file for each pod's log, `my-cluster-broker-0.log`: of all pods that had the name, one after another. */
export class LogFiles {
  readonly #folder: string;
  readonly #failed: (error: Error) => void;
  readonly #streams = new Map<string, WriteStream>();

  private constructor(folder: string, failed: (error: Error) => void) {
    this.#folder = folder;
    this.#failed = failed;
  }

  /** @param failed told when a log can't be written, a full disk for example. */
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
      this.#failed(new EnvironmentError(`The log of ${pod} can't be written: ${messageOf(error)}`, { cause: error }));
    });
    this.#streams.set(pod, stream);
    return stream;
  }
}
