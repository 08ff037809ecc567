import type { JournalEvent } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import { count } from '../journal/text.js';
import { compareJournals } from './compare.js';
import { recordingLike } from './recordings.js';
import type { Replay } from './replays.js';

/**
 * Compares a run that was not replayed with the recording of the real operator of its version, or with a local replay if
 * there is no recording. A stand-in's run shows nothing about an operator and is not compared; a candidate is compared
 * with its baseline instead.
 */
export async function compareWithRecording(
  events: readonly JournalEvent[],
  replay: Replay | undefined = undefined,
): Promise<readonly string[]> {
  const { started } = summarise(events);
  const { operatorVersion, parts, baseline } = started;
  if (parts.operator === 'replayed' || baseline !== undefined) return [];
  if (parts.operator === 'stand-in') return ['not compared: a stand-in replaced the operator'];
  const recording = await recordingLike(started, operatorVersion);
  if (recording !== undefined) return comparedWith(events, recording.events, `recording ${recording.name}`);
  const none = 'no recording has this scenario, version and topology';
  if (replay === undefined) return [`not compared: ${none}. Run it with --env local, and compare the two`];
  if ('unavailable' in replay)
    return [`not compared: ${none}, and it could not be replayed here: ${replay.unavailable}`];
  return comparedWith(events, replay.events, `a local replay of ${replay.version}`);
}

function comparedWith(
  events: readonly JournalEvent[],
  others: readonly JournalEvent[],
  what: string,
): readonly string[] {
  const { firstDifference, undecided, compared } = compareJournals(events, others);
  const common = `${count(compared.items, 'item')} in ${count(compared.lanes, 'lane')} are the same`;
  if (firstDifference !== undefined) {
    return [`the first difference from ${what}:`, ...firstDifference.explanation.split('\n')];
  }
  return undecided === undefined
    ? [`agrees with ${what}: ${common}`]
    : [`no difference from ${what}, but this is no agreement (${common}): ${undecided}`];
}
