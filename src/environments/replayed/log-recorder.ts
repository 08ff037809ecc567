import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const TAIL = 200;

/** Records what one start of a node prints: to the node's log file and, line by line, to a listener. */
export class LogRecorder {
  readonly #file: WriteStream;
  readonly #line: (text: string) => void;
  readonly #tail: string[] = [];

  /** @param file is appended to. @param line called for each line. */
  constructor(file: string, line: (text: string) => void) {
    this.#file = createWriteStream(file, { flags: 'a' });
    this.#line = line;
  }

  /** Records a stream: standard output, standard error, or both in one. */
  follow(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      this.#file.write(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) {
        this.#tail.push(text);
        if (this.#tail.length > TAIL) this.#tail.shift();
        this.#line(text);
      }
    });
  }

  lastLines(count: number): readonly string[] {
    return this.#tail.slice(-count);
  }

  /** Call this when the streams have ended. Resolves once everything is in the file. */
  async close(): Promise<void> {
    this.#file.end();
    await finished(this.#file);
  }
}
