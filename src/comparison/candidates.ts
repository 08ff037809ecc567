import type { JournalEvent, RunStarted } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import { type BaselineComparison, type BaselineJournal, compareWithBaseline } from './baseline.js';
import { recordingLike } from './with-recording.js';

/**
 * Holds each candidate's run of a call against its baseline: the baseline's own run in the call where there is one, else
 * its recording, which says nothing of a stand-in.
 * @returns one for each journal; undefined for a known version's.
 */
export async function compareWithBaselines(
  journals: readonly (readonly JournalEvent[])[],
): Promise<readonly (BaselineComparison | undefined)[]> {
  return Promise.all(
    journals.map(async (events) => {
      const { started } = summarise(events);
      if (started.baseline === undefined) return undefined;
      const baseline = runLike(started, started.baseline, journals) ?? (await recordedLike(started, started.baseline));
      return compareWithBaseline(events, baseline);
    }),
  );
}

function runLike(
  { scenario }: RunStarted,
  version: string,
  journals: readonly (readonly JournalEvent[])[],
): BaselineJournal | undefined {
  const events = journals.find((journal) => {
    const { started, verdict } = summarise(journal);
    const conclusive = verdict !== undefined && verdict.verdict !== 'inconclusive';
    return started.scenario === scenario && started.operatorVersion === version && conclusive;
  });
  return events === undefined ? undefined : { events, what: 'its run in this call', sameTopics: true };
}

async function recordedLike(started: RunStarted, version: string): Promise<BaselineJournal | undefined> {
  if (started.parts.operator !== 'real') return undefined;
  const recording = await recordingLike(started, version);
  return recording === undefined
    ? undefined
    : { events: recording.events, what: `recording ${recording.name}`, sameTopics: false };
}
