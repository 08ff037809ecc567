import { describe, expect, it } from '@jest/globals';
import { exitCodeOfWriteError, INTERNAL_ERROR, READER_GONE, reportError, worst } from '../../../src/cli/exit.js';
import { EnvironmentError, UsageError, WaitTimedOut } from '../../../src/errors.js';

const STACK_TRACE = /^\s+at .+:\d+:\d+/m;

/** What is told, and the exit code. */
function told(error: unknown): { readonly text: string; readonly exitCode: number } {
  let text = '';
  const exitCode = reportError(error, { write: (part) => (text += part) });
  return { text, exitCode };
}

describe('telling an error', () => {
  it.each([
    [new UsageError('there is no such thing'), 2],
    [new EnvironmentError('a node died'), 3],
    [new WaitTimedOut('timed out after 3 s waiting for a node'), 3],
  ])('tells what a user can cause without a stack trace: %s', (error, exitCode) => {
    expect(told(error)).toEqual({ text: `remigrate: ${error.message}\n`, exitCode });
  });

  it('tells a bug with its stack trace and its causes, and with an exit code that is no verdict', () => {
    const { text, exitCode } = told(new Error('this can not be', { cause: new TypeError('undefined is no function') }));
    expect(exitCode).toBe(INTERNAL_ERROR);
    expect([0, 1, 2, 3]).not.toContain(exitCode);
    expect(text).toMatch(/unexpected error, a bug .*: Error: this can not be\n/);
    expect(text).toContain('caused by TypeError: undefined is no function');
    expect(text).toMatch(STACK_TRACE);
    expect(text).toContain(import.meta.url.split('/').at(-1));
  });

  it('tells what is thrown and no error', () => {
    expect(told('a text')).toMatchObject({ exitCode: INTERNAL_ERROR, text: expect.stringContaining(': a text\n') });
  });
});

describe('an output that can not be written', () => {
  it('ends the command quietly where its reader is gone', () => {
    expect(exitCodeOfWriteError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toBe(READER_GONE);
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
