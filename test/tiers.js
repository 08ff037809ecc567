import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Selects the test files to run. A file named `NAME.deep.test.ts` is deep: `npm test` does not run it, `npm run
 * test:all` does, and CI runs some of the deep files each day. REMIGRATE_TESTS selects the deep files:
 *
 * - not set: none;
 * - `all`: all;
 * - `K/N`, for example `2/4`: every Nth deep file, sorted by name, beginning with the Kth.
 */

const DEEP = /\.deep\.test\.ts$/;
const TEST_FOLDER = fileURLToPath(new URL('.', import.meta.url));

/**
 * Returns whether the deep file at a position of its list is run.
 * @param {string | undefined} tests the value of REMIGRATE_TESTS
 * @returns {(index: number) => boolean}
 * @throws Error for any other value
 */
export function deepFilesOf(tests) {
  if (tests === undefined || tests === '') return () => false;
  if (tests === 'all') return () => true;
  const [, k, n] = /^(\d{1,3})\/(\d{1,3})$/.exec(tests) ?? [];
  const [turn, turns] = [Number(k), Number(n)];
  if (!(turn >= 1 && turn <= turns)) {
    throw new Error(`REMIGRATE_TESTS is ${tests}: it must be \`all\`, or K/N with K from 1 to N, for example 2/4.`);
  }
  return (index) => index % turns === turn - 1;
}

/**
 * The test files of some folders of `test/`, including their subfolders.
 * @param {readonly string[]} folders
 * @param {string | undefined} tests the value of REMIGRATE_TESTS
 * @returns {{ run: readonly string[], deepNotRun: readonly string[] }} paths from the folder `test`, sorted
 */
export function testFilesOf(folders, tests) {
  const files = folders
    .flatMap((folder) => readdirSync(join(TEST_FOLDER, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(TEST_FOLDER, join(entry.parentPath, entry.name)))
    .sort();
  const isRun = deepFilesOf(tests);
  const deep = files.filter((file) => DEEP.test(file));
  const deepNotRun = deep.filter((_, index) => !isRun(index));
  return { run: files.filter((file) => !deepNotRun.includes(file)), deepNotRun };
}
