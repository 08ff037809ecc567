import type { JournalEvent, RunStarted } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import { type BaselineComparison, type BaselineJournal, compareWithBaseline } from './baseline.js';
import { recordingLike } from './recordings.js';
import { isRunOf, type Replay } from './replays.js';

/** A run of a call. */
interface Run {
  readonly events: readonly JournalEvent[];
  /** The replay of its baseline, if there is nothing else to compare it with. */
  readonly replay?: Replay | undefined;
}

/**
 * Compares each candidate's run of a call with its baseline: the baseline's own run in the call where there is one, else
 * its recording, else a replay that was played in the call. A recording says nothing about a stand-in.
 * @returns the runs in their order; `baseline` is undefined for the run of a known version.
 */
export async function compareWithBaselines<R extends Run>(
  runs: readonly R[],
): Promise<readonly (R & { readonly baseline: BaselineComparison | undefined })[]> {
  return Promise.all(runs.map(async (run) => ({ ...run, baseline: await comparisonOf(run, runs) })));
}

async function comparisonOf({ events, replay }: Run, runs: readonly Run[]): Promise<BaselineComparison | undefined> {
  const { started } = summarise(events);
  if (started.baseline === undefined) return undefined;
  const baseline =
    runLike(started, started.baseline, runs) ?? (await recordedLike(started, started.baseline)) ?? replayed(replay);
  return compareWithBaseline(events, baseline);
}

function runLike({ scenario }: RunStarted, version: string, runs: readonly Run[]): BaselineJournal | undefined {
  const found = runs.find((run) => isRunOf(run, scenario, version));
  return found === undefined
    ? undefined
    : { events: found.events, what: `the run of ${version} in this command`, sameTopics: true };
}

async function recordedLike(started: RunStarted, version: string): Promise<BaselineJournal | undefined> {
  if (started.parts.operator !== 'real') return undefined;
  const recording = await recordingLike(started, version);
  return recording === undefined
    ? undefined
    : { events: recording.events, what: `recording ${recording.name}`, sameTopics: false };
}

/** The user of a replay creates the same topics as that of the run. */
function replayed(replay: Replay | undefined): BaselineJournal | undefined {
  if (replay === undefined || 'unavailable' in replay) return undefined;
  return { events: replay.events, what: `a local replay of ${replay.version}`, sameTopics: true };
}
