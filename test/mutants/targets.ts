import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

/** The code that decides what a run's verdict is: here a fault that no test notices would cost a user a cluster. */
const JUDGING = [
  'src/invariants',
  'src/scenario/judgement.ts',
  'src/scenario/known-issues.ts',
  'src/operator/planner.ts',
  'src/comparison',
  'src/inspection/forecast',
];

/** Test folders that test a source folder, besides the one of the same name. */
const MORE_TESTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['src/invariants/reading', ['test/unit/invariants']],
  ['src/inspection/forecast', ['test/unit/inspection']],
]);

/** The test file of a folder whose files have none of their own. */
const TEST_OF_FOLDER: ReadonlyMap<string, string> = new Map([
  ['src/inspection/forecast', 'test/unit/inspection/forecast/forecast.test.ts'],
]);

/** Files whose folder has tests that are too slow for every mutant: after its own test file, these are run instead. */
const INSTEAD_OF_FOLDER: ReadonlyMap<string, readonly string[]> = new Map([
  ['src/scenario/judgement.ts', ['test/unit/scenario/evaluation.test.ts']],
  ['src/scenario/known-issues.ts', ['test/unit/scenario/evaluation.test.ts']],
]);

/** The source files that are mutated: paths from the root of the repository, sorted. */
export function sourceFiles(): readonly string[] {
  return JUDGING.flatMap((path) => (path.endsWith('.ts') ? [path] : filesIn(path, '.ts', true)));
}

/**
 * The unit tests that are run with a mutant of a source file, in turns: its own test file first, which mostly notices
 * it, then all of its folder or what is run instead of that.
 */
export function testsOf(file: string): readonly (readonly string[])[] {
  const folder = dirname(file);
  const mirrored = folder.replace(/^src/, 'test/unit');
  const own = TEST_OF_FOLDER.get(folder) ?? join(mirrored, `${basename(file, '.ts')}.test.ts`);
  const inFolders = () =>
    [mirrored, ...(MORE_TESTS.get(folder) ?? [])].flatMap((tests) => filesIn(tests, '.test.ts', false));
  const rest = (INSTEAD_OF_FOLDER.get(file) ?? inFolders()).filter(
    (test) => test !== own && !test.endsWith('.deep.test.ts'),
  );
  return [existsSync(join(packageRoot(), own)) ? [own] : [], rest].filter((tests) => tests.length > 0);
}

function filesIn(folder: string, ending: string, recursive: boolean): readonly string[] {
  const path = join(packageRoot(), folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}
