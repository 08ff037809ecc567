import type { JournalEvent, RunStarted } from '../journal/events.js';
import { readJournal } from '../journal/file.js';
import { summarise } from '../journal/summary.js';
import { compareJournals } from './compare.js';
import { findJournal, recordingNames } from './recordings.js';

/** What a real operator did, as a recording shows it. */
export interface Recording {
  readonly name: string;
  readonly events: readonly JournalEvent[];
}

/**
 * The recording of an operator version in the scenario of a run, with its Kafka and nodes; undefined: there is none. The
 * recording of a candidate is that of one build, and not of the version.
 */
export async function recordingLike(started: RunStarted, operatorVersion: string): Promise<Recording | undefined> {
  const wanted = kindOf({ ...started, operatorVersion });
  for (const name of await recordingNames()) {
    const events = await readJournal(await findJournal(name));
    const { started: recorded } = summarise(events);
    if (recorded.baseline === undefined && kindOf(recorded) === wanted) return { name, events };
  }
  return undefined;
}

/**
 * Compares a run that was not replayed with the recording of the real operator of its version. The replay agrees with
 * every recording in each test run, so this compares the run with the replay, too. A stand-in's run shows nothing about
 * an operator and is not compared; a candidate is compared with its baseline instead.
 */
export async function compareWithRecording(events: readonly JournalEvent[]): Promise<readonly string[]> {
  const { started } = summarise(events);
  const { operatorVersion, parts, baseline } = started;
  if (parts.operator === 'replayed' || baseline !== undefined) return [];
  if (parts.operator === 'stand-in') return ['not compared: a stand-in replaced the operator'];
  const recording = await recordingLike(started, operatorVersion);
  if (recording === undefined) {
    return ['not compared: no recording has this scenario, version and topology'];
  }
  const { firstDifference } = compareJournals(events, recording.events);
  return firstDifference === undefined
    ? [`the replay of ${operatorVersion} agrees, as does recording ${recording.name}`]
    : [
        `the first difference from the replay of ${operatorVersion} and recording ${recording.name}:`,
        ...firstDifference.explanation.split('\n'),
      ];
}

/** What two runs must share to be compared. */
function kindOf({ scenario, operatorVersion, kafkaVersion, topology }: RunStarted): string {
  const { brokers, controllers, zookeepers } = topology;
  return JSON.stringify([scenario, operatorVersion, kafkaVersion, brokers, controllers, zookeepers]);
}
