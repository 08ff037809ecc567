import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../../src/package-root.js';
import type { Place } from './command.js';

/** Starts `remigrate ARGS` there on a pseudo-terminal, which `script` creates: of util-linux, or BSD's on macOS. */
export function remigrateOnTerminal(place: Place, args: readonly string[], env: Readonly<Record<string, string>>) {
  const command = [process.execPath, join(packageRoot(), 'dist/src/cli/main.js'), ...args];
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const options =
    process.platform === 'linux' ? ['-qec', `exec ${quoted}`, '/dev/null'] : ['-q', '/dev/null', ...command];
  return execa('script', options, {
    cwd: place.folder,
    env: { TMPDIR: place.temporary, NO_COLOR: '1', ...env },
    reject: false,
    all: true,
    forceKillAfterDelay: false,
  });
}

/** What moves the cursor of a terminal: a line break, a carriage return, and the escape sequences. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
const MOVES = /(\n|\r|\u001b\[\d*[A-Za-z])/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const SEQUENCE = /^\u001b\[(\d*)([A-Za-z])$/;

/**
 * The lines that are on the screen after this was written to it, as far as the reporter moves the cursor: up by lines,
 * to the beginning of the line, and "erase all below". Colours are ignored. A line never exceeds the screen's width.
 */
export function screenOf(written: string): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const part of written.split(MOVES)) {
    const [, count, letter] = SEQUENCE.exec(part) ?? [];
    if (part === '\n') row += 1;
    else if (part === '\r') column = 0;
    else if (letter === 'A') row = Math.max(0, row - Number(count));
    else if (letter === 'J') lines.splice(row, lines.length, (lines[row] ?? '').slice(0, column));
    else if (letter === undefined) {
      const before = (lines[row] ?? '').slice(0, column).padEnd(column);
      lines[row] = before + part + (lines[row] ?? '').slice(column + part.length);
      column += part.length;
    }
    while (lines.length <= row) lines.push('');
  }
  return lines;
}
