import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { JournalEvent } from '../src/journal/events.js';
import { packageRoot } from '../src/package-root.js';

/** One run of the five steps by the command line. */
export interface FiveSteps {
  /** From the command's start to its end, in seconds. */
  readonly seconds: number;
  readonly events: readonly JournalEvent[];
}

/**
 * Runs `remigrate run rollback-remigrate` with one operator version.
 * @param options for the command, `--env containers` for example. @param cache the cache folder; undefined: the user's
 * own.
 * @throws Error when it does not end as expected: figures of a failed run are meaningless.
 */
export async function runFiveSteps(
  operatorVersion: string,
  options: readonly string[] = ['--env', 'local'],
  cache?: string,
): Promise<FiveSteps> {
  const out = await mkdtemp(join(tmpdir(), 'remigrate-bench-'));
  try {
    const begun = performance.now();
    const result = await execa(
      process.execPath,
      [
        join(packageRoot(), 'dist/src/cli/main.js'),
        'run',
        'rollback-remigrate',
        '--operator',
        operatorVersion,
        ...options,
        '--out',
        out,
      ],
      { reject: false, all: true, env: cache === undefined ? {} : { REMIGRATE_CACHE: cache } },
    );
    const seconds = (performance.now() - begun) / 1000;
    if (result.exitCode !== 0) throw new Error(`the five steps with ${operatorVersion} failed:\n${result.all}`);
    const journal = await readFile(join(out, `rollback-remigrate-${operatorVersion}`, 'journal.jsonl'), 'utf8');
    const events = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JournalEvent);
    return { seconds, events };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
