import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogRecorder } from '../../../../src/environments/replayed/log-recorder.js';
import { type Folder, makeFolder } from '../../distribution/fakes.js';

describe("a node's log", () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.delete());

  async function record(...chunks: readonly string[]) {
    const lines: string[] = [];
    const recorder = new LogRecorder(folder.join('node.log'), (line) => lines.push(line));
    const stream = new PassThrough();
    recorder.follow(stream);
    for (const chunk of chunks) stream.write(chunk);
    stream.end();
    await finished(stream);
    await recorder.close();
    return { recorder, lines };
  }

  it('is reported line by line, however it is split into chunks', async () => {
    const { lines } = await record('one\ntw', 'o\n', '\nthr', 'ee\n');
    expect(lines).toEqual(['one', 'two', '', 'three']);
  });

  it('is appended to a file unchanged', async () => {
    await folder.write('node.log', 'before\n');
    await record('one\n', 'unfinished');
    expect(await readFile(folder.join('node.log'), 'utf8')).toBe('before\none\nunfinished');
  });

  it('is kept in memory only up to its last lines', async () => {
    const { recorder } = await record(Array.from({ length: 300 }, (_, index) => `${index}\n`).join(''));
    expect(recorder.lastLines(2)).toEqual(['298', '299']);
    expect(recorder.lastLines(1000)).toHaveLength(200);
  });
});
