import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.js';

const EXIT_GUARD = pathToFileURL(join(packageRoot(), 'dist/src/cli/exit-guard.js')).href;

/** A program that does this work before it reaches its verdict. */
function program(work: string) {
  const lines = [
    `import { guardExit } from '${EXIT_GUARD}';`,
    'const reachedVerdict = guardExit(process);',
    work,
    'process.exitCode ??= 0;',
    'reachedVerdict();',
  ];
  const args = ['--input-type=module', '--eval', lines.join('\n')];
  return execa(process.execPath, args, { cwd: packageRoot(), reject: false, all: true });
}

it.each([
  ['waits for something that never happens', 'await new Promise(() => undefined);'],
  ['does so with testcontainers loaded', "await import('testcontainers'); await new Promise(() => undefined);"],
  ['ends itself with 0', 'process.exit(0);'],
])('a program that %s does not exit with 0', async (_, work) => {
  const { exitCode, all } = await program(work);
  expect(all).toContain('remigrate: exited before reaching a verdict; this is a bug');
  expect(exitCode).toBe(70);
});

it.each([
  ['reaches its verdict', '', 0],
  ['reaches it with a code', 'process.exitCode = 3;', 3],
  ['is interrupted', 'process.exit(130);', 130],
])('one that %s exits with its own code', async (_, work, code) => {
  const { exitCode, all } = await program(work);
  expect(all).toBe('');
  expect(exitCode).toBe(code);
});
