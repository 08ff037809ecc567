import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../src/package-root.js';
import { readOptions } from './options.js';

/**
 * `npm run soak`: the five steps again and again, two runs at a time, one of each profile. Counts correct verdicts, and
 * looks for anything left behind. Exit code 1 if a verdict is wrong or anything is left behind. `--small`: one run of
 * each profile.
 */

const PROFILES = ['0.45.0', '0.45.1'] as const;

/** Runs one profile once. @returns what was wrong. */
async function once(operatorVersion: string, temporary: string): Promise<string | undefined> {
  const result = await execa(
    process.execPath,
    [join(packageRoot(), 'dist/src/cli/main.js'), 'run', 'rollback-remigrate', '--operator', operatorVersion],
    // In a separate folder: a run that fails leaves its journal and logs there.
    { reject: false, all: true, cwd: temporary, env: { TMPDIR: temporary } },
  );
  return result.exitCode === 0 ? undefined : `${operatorVersion}: exit code ${result.exitCode}\n${result.all}`;
}

/** Processes whose command line names the folder: nodes and guardians that outlived their run. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,args=']);
  return stdout.split('\n').filter((line) => line.includes(folder) && !line.includes('ps -A'));
}

const { runs } = readOptions({ counts: { runs: { usual: 30, small: 1 } } }).counts;
const temporary = await mkdtemp(join(tmpdir(), 'remigrate-soak-'));
let right = 0;
const wrong: string[] = [];
try {
  for (let run = 1; run <= runs; run++) {
    const outcomes = await Promise.all(PROFILES.map((version) => once(version, temporary)));
    for (const outcome of outcomes) {
      if (outcome === undefined) right += 1;
      else wrong.push(`run ${run}, ${outcome}`);
    }
    process.stdout.write(`${run} of ${runs}: ${right} correct verdicts, ${wrong.length} wrong\n`);
  }
  const left = [
    ...(await readdir(temporary)).filter((name) => name.startsWith('remigrate-') && !name.includes('results')),
    ...(await processesOf(temporary)),
  ];
  for (const text of wrong) process.stdout.write(`\n${text}\n`);
  process.stdout.write(
    `\n${right} of ${runs * PROFILES.length} correct verdicts; left behind: ${left.length === 0 ? 'nothing' : left.join(', ')}\n`,
  );
  process.exitCode = right === runs * PROFILES.length && left.length === 0 ? 0 : 1;
} finally {
  if (wrong.length === 0) await rm(temporary, { recursive: true, force: true });
}
