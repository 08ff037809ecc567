import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.js';

const UNANSWERED = pathToFileURL(join(packageRoot(), 'dist/src/cli/exit-guard.js')).href;

/** A program that does this between its beginning and its answer. */
function program(work: string) {
  const lines = [
    `import { guardExit } from '${UNANSWERED}';`,
    'const answered = guardExit(process);',
    work,
    'process.exitCode ??= 0;',
    'answered();',
  ];
  const args = ['--input-type=module', '--eval', lines.join('\n')];
  return execa(process.execPath, args, { cwd: packageRoot(), reject: false, all: true });
}

it.each([
  ['waits for what never comes', 'await new Promise(() => undefined);'],
  ['does so beside testcontainers', "await import('testcontainers'); await new Promise(() => undefined);"],
  ['ends itself with 0', 'process.exit(0);'],
])('a program that %s does not end as if all were as expected', async (_, work) => {
  const { exitCode, all } = await program(work);
  expect(all).toContain('remigrate: ended without an answer');
  expect(exitCode).toBe(70);
});

it.each([
  ['answers', '', 0],
  ['answers with a code', 'process.exitCode = 3;', 3],
  ['is interrupted', 'process.exit(130);', 130],
])('one that %s ends with its own code', async (_, work, code) => {
  const { exitCode, all } = await program(work);
  expect(all).toBe('');
  expect(exitCode).toBe(code);
});
