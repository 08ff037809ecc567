import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.js';
import { readJournal } from '../../src/journal/file.js';
import { compareRuns, type WrittenRun } from './agreement.js';

/*
 * Says whether two builds of the code did the same: compares two folders that `remigrate run ... --out` wrote, run by
 * run. Exit code 0: every run agrees; 1: one does not; 2: a folder cannot be read.
 *
 *   npm run compare-runs -- BEFORE_FOLDER AFTER_FOLDER
 */

async function readRuns(folder: string): Promise<ReadonlyMap<string, WrittenRun>> {
  const { runs } = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as {
    readonly runs: readonly { readonly run: string }[];
  };
  const found = new Map<string, WrittenRun>();
  for (const run of (await readdir(folder)).sort()) {
    const file = join(folder, run, 'journal.jsonl');
    if (!existsSync(file)) continue;
    const result = runs.find((one) => one.run === run);
    found.set(run, { journal: await readJournal(file), result });
  }
  return found;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main([before, after, ...more]: readonly string[]): Promise<number> {
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error('Usage: npm run compare-runs -- BEFORE_FOLDER AFTER_FOLDER');
  }
  const [runsBefore, runsAfter] = [await readRuns(before), await readRuns(after)];
  const names = [...new Set([...runsBefore.keys(), ...runsAfter.keys()])].sort();
  if (names.length === 0) throw new Error(`Neither ${before} nor ${after} has a run: give folders of --out.`);
  const [onlyBefore, onlyAfter] = [new Set<string>(), new Set<string>()];
  let agreeing = 0;
  for (const name of names) {
    const [a, b] = [runsBefore.get(name), runsAfter.get(name)];
    if (a === undefined || b === undefined) {
      print(`MISSING  ${name}: only in ${a === undefined ? after : before}`);
      continue;
    }
    const found = compareRuns(a, b);
    for (const text of found.onlyBefore) onlyBefore.add(text);
    for (const text of found.onlyAfter) onlyAfter.add(text);
    if (found.differences.length === 0) agreeing += 1;
    print(`${found.differences.length === 0 ? 'AGREES  ' : 'DIFFERS '} ${name}`);
    for (const difference of found.differences) print(`    ${difference.replaceAll('\n', '\n    ')}`);
  }
  print(`\n${agreeing} of ${names.length} runs agree.`);
  print(`\nTexts that only the runs before have (${onlyBefore.size}), with # for numbers and <id> for ids:`);
  for (const text of [...onlyBefore].sort()) print(`  - ${text}`);
  print(`\nTexts that only the runs after have (${onlyAfter.size}):`);
  for (const text of [...onlyAfter].sort()) print(`  + ${text}`);
  return agreeing === names.length ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
