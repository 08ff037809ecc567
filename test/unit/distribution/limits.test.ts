import { describe, expect, it } from '@jest/globals';
import { openFilesProblem, processesProblem, reachedLimit, readLimits } from '../../../src/distribution/limits.js';

/** `/proc/self/limits` of Linux 6.1. */
const limits = (
  openFiles: string,
  processes: string,
): string => `Limit                     Soft Limit           Hard Limit           Units
Max processes             ${processes.padEnd(20)} 63704                processes
Max open files            ${openFiles.padEnd(20)} 1048576              files
Max locked memory         8388608              8388608              bytes
`;

describe('openFilesProblem', () => {
  it('names the limit, what is needed, and how to raise it', () => {
    expect(openFilesProblem(512, limits('64', '63704'))).toBe(
      'Only 64 files can be open at the same time (ulimit -n), but at least 512 are needed. Raise the limit, for example with `ulimit -n 4096`, and run again.',
    );
  });

  it.each([
    ['enough', limits('512', '1')],
    ['unlimited', limits('unlimited', '1')],
    ['not known', undefined],
    ['not shown', 'Limit'],
  ])('finds none if the limit is %s', (_what, text) => {
    expect(openFilesProblem(512, text)).toBeUndefined();
  });
});

describe('processesProblem', () => {
  it('names the limit, but not to root, whom it does not concern', () => {
    const text = limits('1024', '100');
    expect(processesProblem(512, { limits: text, root: false })).toMatch(/^Only 100 processes .*\(ulimit -u\)/);
    expect(processesProblem(512, { limits: text, root: true })).toBeUndefined();
    expect(processesProblem(100, { limits: text, root: false })).toBeUndefined();
  });
});

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('the limits of this process are read', () => {
  expect(readLimits()).toMatch(/^Max open files +\d+/m);
});

describe('reachedLimit', () => {
  const error = (code: string, syscall: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

  it.each([
    [error('EMFILE', 'open'), /ulimit -n/],
    [error('ENFILE', 'open'), /fs\.file-max/],
    [error('EAGAIN', 'spawn /usr/bin/java'), /ulimit -u/],
    [new Error('the node could not be started', { cause: error('EMFILE', 'spawn') }), /ulimit -n/],
  ])('of %s is named with what to do', (failure, limit) => {
    expect(reachedLimit(failure)).toMatch(limit);
    expect(reachedLimit(failure)).toMatch(/Raise it, or end other processes, and run again\.$/);
  });

  it.each([error('EAGAIN', 'read'), error('ENOENT', 'open'), new Error('no'), 'EMFILE', undefined, null])(
    'of %s is none',
    (failure) => {
      expect(reachedLimit(failure)).toBeUndefined();
    },
  );
});
