import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { planRun } from './plan.js';
import { RESULTS_FILE, readResults, renderTable } from './results.js';
import { runPlanned } from './run.js';

/**
 * `npm run planted-faults -- --runs 50`: plants faults in runs of the five steps and checks that every verdict is right.
 * It continues after the last run in `results.jsonl`, so that it can be interrupted. The runs follow from the seed.
 *
 * - `--seed N`: 1 by default; `--from N`: the number of the first run; `--only TEXT`: only sorts with this in their name;
 * - `--side-by-side N`: runs at a time, 2 by default;
 * - `--keep DIR`: where the output of runs with a wrong verdict is written;
 * - `--dry`: does not write to `results.jsonl`; `--table`: prints the table of docs/planted-faults.md and ends.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string' },
    only: { type: 'string', default: '' },
    keep: { type: 'string' },
    'side-by-side': { type: 'string', default: '2' },
    dry: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
});

if (values.table) {
  process.stdout.write(`${renderTable(readResults())}\n`);
} else {
  const { stdout: commit } = await execa('git', ['rev-parse', '--short', 'HEAD']);
  const seed = Number(values.seed);
  const done = readResults().filter((result) => result.seed === seed);
  let next = values.from === undefined ? Math.max(-1, ...done.map(({ index }) => index)) + 1 : Number(values.from);
  let left = Number(values.runs);
  let wrong = 0;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      const planned = planRun(seed, next++);
      if (!planned.sort.name.includes(values.only)) continue;
      left -= 1;
      const { result, output } = await runPlanned(planned, commit);
      if (!result.right) {
        wrong += 1;
        if (values.keep !== undefined) {
          await mkdir(values.keep, { recursive: true });
          await writeFile(join(values.keep, `${seed}-${result.index}.txt`), output);
        }
      }
      if (!values.dry) await appendFile(RESULTS_FILE, `${JSON.stringify(result)}\n`);
      process.stdout.write(
        `${result.index} ${result.sort} at ${result.moment ?? 'the start'}: ${result.outcome}, exit code ${result.exitCode}${result.right ? '' : `, WRONG: ${output.split('\n')[0]}`}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: Number(values['side-by-side']) }, worker));
  process.stdout.write(`${wrong} wrong\n`);
  process.exitCode = wrong === 0 ? 0 : 1;
}
