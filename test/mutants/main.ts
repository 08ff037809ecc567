import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { readAccepted } from './accepted.js';
import { type Mutant, mutantsOf } from './mutants.js';
import { asText, percentCaught, scoreOf, survivorAsText, type Tried } from './summary.js';
import { sourceFiles, testsOf } from './targets.js';
import { TypeCheck } from './type-check.js';
import { WorkerProcess } from './worker-process.js';

/*
 * Changes the code that judges, one small change at a time, and says which changes neither a unit test nor TypeScript
 * notices. A change that cannot matter has an entry in accepted.yaml.
 *
 *   npm run mutants                      all files (targets.ts): half an hour and more
 *   npm run mutants -- planner compare   the files whose path contains one of these texts
 *
 * Exit code 0: at least 95 % were noticed, and no entry of accepted.yaml is needless; 1: otherwise; 2: it cannot run.
 */

const GOAL_PERCENT = 95;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** @throws if the tests fail without any mutant: then nothing can be said */
async function requireGreen(worker: WorkerProcess, tests: readonly string[]): Promise<void> {
  const outcome = await worker.ask({ mutant: undefined, tests });
  if (typeof outcome === 'string') throw new Error(`${tests.join(', ')} without a mutant: ${outcome}`);
  if (outcome.failed.length > 0) {
    throw new Error(`${outcome.failed.join(', ')} must pass without a mutant:\n${outcome.message}`);
  }
  if (outcome.files !== tests.length) throw new Error(`Jest ran ${outcome.files} of ${tests.join(', ')}`);
}

/** What notices mutants. */
interface Checks {
  readonly worker: WorkerProcess;
  readonly types: TypeCheck;
}

/** The cheapest check first: the file's own tests, the types, the other tests. */
async function tryMutant(
  { worker, types }: Checks,
  mutant: Mutant,
  [own, ...others]: readonly (readonly string[])[],
): Promise<Tried> {
  const caughtBy =
    (await failing(worker, mutant, own ?? [])) ??
    (types.rejects(mutant) ? 'TypeScript' : undefined) ??
    (await failing(worker, mutant, others.flat()));
  return { mutant, caughtBy };
}

/** The test file that fails with the mutant, or how the run ended. */
async function failing(worker: WorkerProcess, mutant: Mutant, tests: readonly string[]): Promise<string | undefined> {
  if (tests.length === 0) return undefined;
  const outcome = await worker.ask({ mutant, tests });
  return typeof outcome === 'string' ? outcome : outcome.failed[0];
}

async function tryFile(checks: Checks, file: string): Promise<readonly Tried[]> {
  const turns = testsOf(file);
  if (turns.length === 0) throw new Error(`${file} has no unit tests: see test/mutants/targets.ts`);
  for (const tests of turns) await requireGreen(checks.worker, tests);
  const tried: Tried[] = [];
  for (const mutant of mutantsOf(file, readFileSync(join(packageRoot(), file), 'utf8'))) {
    tried.push(await tryMutant(checks, mutant, turns));
  }
  return tried;
}

async function main(wanted: readonly string[]): Promise<number> {
  const files = sourceFiles().filter((file) => wanted.length === 0 || wanted.some((text) => file.includes(text)));
  if (files.length === 0) throw new Error(`No file to mutate matches ${wanted.join(' or ')}. See targets.ts.`);
  const entries = readAccepted();
  const checks = { worker: new WorkerProcess(), types: new TypeCheck() };
  const all: Tried[] = [];
  try {
    for (const file of files) {
      const tried = await tryFile(checks, file);
      all.push(...tried);
      const score = scoreOf(tried, entries);
      print(asText(file, score));
      for (const survivor of score.survivors) print(`  ${survivorAsText(survivor)}`);
    }
  } finally {
    checks.worker.stop();
  }
  const score = scoreOf(all, entries);
  print('');
  print(asText('In all', score));
  for (const { file, code, change } of score.needless) {
    print(`Remove from accepted.yaml, a test notices it: ${file}, ${code}, ${change}`);
  }
  return percentCaught(score) >= GOAL_PERCENT && score.needless.length === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 2;
  },
);
