import { describe, expect, it } from '@jest/globals';
import { progressTo } from '../../../src/cli/progress.js';
import { screenOf } from '../../integration/support/terminal.js';

const PIPE = { tty: false, columns: 80 };
const TERMINAL = { tty: true, columns: 80 };

/** What is written for a line, many counts, and another line. */
function written(look: { readonly tty: boolean; readonly columns: number }): string {
  let text = '';
  const progress = progressTo({ write: (more: string) => (text += more) }, look);
  progress('Fetching Kafka');
  for (let files = 1; files <= 350; files++) progress(`${files} files`, { transient: true });
  progress('Fetched Kafka');
  return text;
}

describe('progressTo', () => {
  it('writes only whole lines if there is no terminal', () => {
    expect(written(PIPE)).toBe('Fetching Kafka\nFetched Kafka\n');
  });

  it('redraws a count in place in a terminal, and leaves nothing of it', () => {
    const text = written(TERMINAL);
    expect(text).toContain('349 files\r\u001b[J350 files');
    expect(text.split('\n')).toHaveLength(3);
    expect(screenOf(text).map((line) => line.trimEnd())).toEqual(['Fetching Kafka', 'Fetched Kafka', '']);
  });

  it('cuts a count to the width of the terminal, so that it stays one line', () => {
    let text = '';
    progressTo({ write: (more: string) => (text += more) }, { tty: true, columns: 10 })('1234567890', {
      transient: true,
    });
    expect(text).toBe('123456789');
  });

  it('erases a count when an empty one comes, and writes nothing if there is no count', () => {
    let text = '';
    const progress = progressTo({ write: (more: string) => (text += more) }, TERMINAL);
    progress('', { transient: true });
    expect(text).toBe('');
    progress('1 file', { transient: true });
    progress('', { transient: true });
    expect(screenOf(text)).toEqual(['']);
  });
});
