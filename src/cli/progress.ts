import type { Progress } from '../distribution/progress.js';
import type { TerminalLook } from './terminal.js';

/** Moves to the beginning of the line and erases everything from there on. */
const ERASE_LINE = '\r\u001b[J';

/** Writes lines to a stream. On a terminal a transient text is redrawn in place, cut to the terminal's width. */
export function progressTo(
  stream: { write(text: string): unknown },
  { tty, columns }: Pick<TerminalLook, 'tty' | 'columns'>,
): Progress {
  let drawn = false;
  return (text, { transient = false } = {}) => {
    if (transient && !tty) return;
    const erase = drawn ? ERASE_LINE : '';
    // The last column stays empty: some terminals move to the next line once it is filled.
    const shown = transient ? text.slice(0, columns - 1) : `${text}\n`;
    drawn = transient && shown !== '';
    if (erase !== '' || shown !== '') stream.write(`${erase}${shown}`);
  };
}
