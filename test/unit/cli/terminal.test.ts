import { describe, expect, it } from '@jest/globals';
import { terminalLook } from '../../../src/cli/terminal.js';

const TERMINAL = { isTTY: true, columns: 120 };
const LIVE = { tty: true, color: true, columns: 120 };
const LIVE_WITHOUT_COLOR = { tty: true, color: false, columns: 120 };
const PLAIN = { tty: false, color: false, columns: 120 };

describe('the look of a report', () => {
  it.each([
    ['a terminal', TERMINAL, {}, LIVE],
    ['a terminal with NO_COLOR', TERMINAL, { NO_COLOR: '1' }, LIVE_WITHOUT_COLOR],
    ['a terminal with NO_COLOR=0: whatever its value', TERMINAL, { NO_COLOR: '0' }, LIVE_WITHOUT_COLOR],
    ['a terminal with an empty NO_COLOR', TERMINAL, { NO_COLOR: '' }, LIVE],
    ['a terminal in CI', TERMINAL, { CI: 'true' }, PLAIN],
    ['a terminal in a CI that names itself', TERMINAL, { CI: 'woodpecker' }, PLAIN],
    ['a terminal with an empty CI', TERMINAL, { CI: '' }, LIVE],
    ['a terminal with CI=false', TERMINAL, { CI: 'false' }, LIVE],
    ['a terminal with CI=0', TERMINAL, { CI: '0' }, LIVE],
    ['a pipe', { columns: 120 }, {}, PLAIN],
    ['a file', { isTTY: false, columns: 120 }, {}, PLAIN],
  ])('%s', (_what, stream, env, look) => {
    expect(terminalLook(stream, env)).toEqual(look);
  });

  it.each([undefined, 0])('is 80 characters wide if the terminal reports %s', (columns) => {
    const stream = columns === undefined ? { isTTY: true } : { isTTY: true, columns };
    expect(terminalLook(stream, {}).columns).toBe(80);
  });
});
