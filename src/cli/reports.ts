import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BaselineComparison } from '../comparison/baseline.js';
import { compareWithBaselines } from '../comparison/candidates.js';
import { comparedWithRecording } from '../comparison/with-recording.js';
import { EnvironmentError, messageOf } from '../errors.js';
import type { FinishedRun } from '../harness/session.js';
import { renderJUnit } from '../reports/junit.js';
import { row } from '../reports/layout.js';
import { toResult } from '../reports/result.js';
import { describeEnding } from '../reports/story.js';
import { worst } from './exit.js';

/** A run that ended, as the command line knows it. */
export interface ToldRun extends FinishedRun {
  readonly label: string;
  /** Where its journal and logs were left; undefined: nowhere. */
  readonly results: string | undefined;
}

/** A run, and for a candidate how it stands to its baseline. */
export interface JudgedRun extends ToldRun {
  readonly against: BaselineComparison | undefined;
}

/** Holds the candidates among the runs of a call against their baselines. */
export async function withBaselineComparison(runs: readonly ToldRun[]): Promise<readonly JudgedRun[]> {
  const against = await compareWithBaselines(runs.map(({ events }) => events));
  return runs.map((run, i) => ({ ...run, against: against[i] }));
}

/** @throws EnvironmentError when the folder can't be written. */
export async function writeReports(out: string, runs: readonly JudgedRun[]): Promise<void> {
  const { journals, against } = asReported(runs);
  try {
    await writeResult(out, runs);
    await writeFile(join(out, 'junit.xml'), renderJUnit(journals, against));
  } catch (error) {
    throw new EnvironmentError(`The reports can't be written to ${out}: ${messageOf(error)}`, { cause: error });
  }
}

export async function writeResult(out: string, runs: readonly JudgedRun[]): Promise<void> {
  const { journals, against } = asReported(runs);
  await writeFile(join(out, 'result.json'), `${JSON.stringify(toResult(journals, against), null, 2)}\n`);
}

function asReported(runs: readonly JudgedRun[]) {
  return { journals: runs.map(({ events }) => events), against: runs.map(({ against }) => against) };
}

/** What the runs came to, for the terminal. */
export async function summary(runs: readonly JudgedRun[], strict: boolean): Promise<string> {
  const stories: string[] = [];
  for (const { label, events, results, against } of runs) {
    const ending = describeEnding(events, { strict, ...(results === undefined ? {} : { logs: results }) });
    const candidate = row('Candidate', against?.lines ?? []);
    stories.push('', `── ${label} ──`, ...ending, ...candidate, ...row('Replay', await comparedWithRecording(events)));
  }
  return `${stories.join('\n')}\n`;
}

/**
 * Of the whole call. A candidate that loses more than its baseline fails, though a known issue of the baseline explains
 * each loss.
 */
export function exitCodeOfRuns(runs: readonly JudgedRun[]): 0 | 1 | 3 {
  return worst(runs.map(({ judgement, against }) => (against?.outcome === 'worse' ? 1 : judgement.exitCode)));
}
