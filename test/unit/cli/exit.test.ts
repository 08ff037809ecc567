import { describe, expect, it } from '@jest/globals';
import { exitCodeOfWriteError, INTERNAL_ERROR, PIPE_CLOSED, reportError, worst } from '../../../src/cli/exit.js';
import { EnvironmentError, UsageError, WaitTimedOut } from '../../../src/errors.js';

const STACK_TRACE = /^\s+at .+:\d+:\d+/m;

/** The message, and the exit code. */
function reported(error: unknown): { readonly text: string; readonly exitCode: number } {
  let text = '';
  const exitCode = reportError(error, { write: (part) => (text += part) });
  return { text, exitCode };
}

describe('reportError', () => {
  it.each([
    [new UsageError('there is no such thing'), 2],
    [new EnvironmentError('a node died'), 3],
    [new WaitTimedOut('timed out after 3 s waiting for a node'), 3],
  ])('reports what a user can cause without a stack trace: %s', (error, exitCode) => {
    expect(reported(error)).toEqual({ text: `remigrate: ${error.message}\n`, exitCode });
  });

  it('reports a bug with its stack trace and its causes, and with an exit code that is not a verdict', () => {
    const { text, exitCode } = reported(new Error('cannot happen', { cause: new TypeError('not a function') }));
    expect(exitCode).toBe(INTERNAL_ERROR);
    expect([0, 1, 2, 3]).not.toContain(exitCode);
    expect(text).toMatch(/unexpected error, a bug .*: Error: cannot happen\n/);
    expect(text).toContain('caused by TypeError: not a function');
    expect(text).toMatch(STACK_TRACE);
    expect(text).toContain(import.meta.url.split('/').at(-1));
  });

  it('names a limit of the system that is reached, which is no bug', () => {
    const failure = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
    const { text, exitCode } = reported(failure);
    expect(exitCode).toBe(2);
    expect(text).toMatch(/^remigrate: No more files can be opened: .*\(ulimit -n\).*run again\.\n$/);
  });

  it('reports a thrown value that is not an Error', () => {
    expect(reported('a text')).toMatchObject({ exitCode: INTERNAL_ERROR, text: expect.stringContaining(': a text\n') });
  });
});

describe('output that cannot be written', () => {
  it('ends the command quietly if the reader closed the pipe', () => {
    expect(exitCodeOfWriteError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toBe(PIPE_CLOSED);
  });

  it('is an error otherwise', () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    expect(() => exitCodeOfWriteError(full)).toThrow(full);
  });
});

describe('worst', () => {
  it.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1, 0], 1],
  ] as const)('of %j is %i', (codes, expected) => {
    expect(worst(codes)).toBe(expected);
  });
});
