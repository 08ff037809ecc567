import { compareJournals } from '../journal/compare.js';
import type { JournalEvent } from '../journal/events.js';
import { readJournal } from '../journal/file.js';
import { findJournal, recordingNames } from './recordings.js';

/**
 * How a run in Kubernetes compares with what the real operator of its version was recorded to do, as lines of its summary.
 * The replay agrees with every recording in each test run, so that this holds the run against the replay, too.
 */
export async function comparedWithRecording(events: readonly JournalEvent[]): Promise<readonly string[]> {
  const started = events[0];
  if (started?.type !== 'run-started' || started.parts.environment !== 'kubernetes') return [];
  const who = `${started.parts.operator === 'real' ? 'the' : 'a stand-in for'} operator ${started.operatorVersion}`;
  for (const name of await recordingNames()) {
    const recorded = await readJournal(await findJournal(name));
    if (!isOfTheSameKind(started, recorded[0])) continue;
    const { agree, firstDifference } = compareJournals(events, recorded);
    return agree
      ? [`  Replay        ${who} did what recording ${name} and the replay do`]
      : [
          `  Replay        ${who} first differs from recording ${name} and the replay so:`,
          firstDifference?.explanation ?? '',
        ];
  }
  return [`  Replay        no recording has this scenario, version and topology: nothing to compare with`];
}

function isOfTheSameKind(run: JournalEvent, recorded: JournalEvent | undefined): boolean {
  if (run.type !== 'run-started' || recorded?.type !== 'run-started') return false;
  const kind = ({ scenario, operatorVersion, kafkaVersion, topology }: typeof run) =>
    JSON.stringify([
      scenario,
      operatorVersion,
      kafkaVersion,
      topology.brokers,
      topology.controllers,
      topology.zookeepers,
    ]);
  return kind(run) === kind(recorded);
}
