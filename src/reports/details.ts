import type { JournalEvent } from '../journal/events.js';
import { isOnlyVanishedTopics, type ViolationFound, violations } from '../journal/loss.js';
import { type RunSummary, summarise } from '../journal/summary.js';
import { circumstancesText, seconds } from '../journal/text.js';
import { vanishings } from '../journal/vanishing.js';
import { groupBy } from './group-by.js';
import { indented, wrap } from './layout.js';

/** Everything that an ending omits: why the verdict was expected, and each violation with all its evidence. */
export function describeDetails(events: readonly JournalEvent[]): readonly string[] {
  const vanished = new Set(vanishings(events).flatMap(({ topics }) => topics));
  return [
    ...because(summarise(events)),
    ...violations(events).flatMap((violation) => violationLines(violation, isOnlyVanishedTopics(violation, vanished))),
  ];
}

function because({ verdict }: RunSummary): readonly string[] {
  if (verdict?.because === undefined) return [];
  return ['', ...wrap(`Why ${verdict.expected} is expected: ${verdict.because}`)];
}

/** @param reported whether the ending says what the message says */
function violationLines(violation: ViolationFound, reported: boolean): readonly string[] {
  const { about, invariant, step, t, message, evidence, knownIssue, notExplained } = violation;
  return [
    '',
    ...wrap(`${about}: ${invariant} is violated in step "${step}" at ${seconds(t)}${reported ? '' : `: ${message}`}`),
    ...[...groupBy(evidence, circumstancesText).entries()].flatMap(([shared, pieces]) => [
      ...pieces.flatMap(({ subject, expected, found }) => indented(`${subject}: expected ${expected}, found ${found}`)),
      ...(shared === '' ? [] : indented(`${pieces.length > 1 ? 'all of them ' : ''}${shared}`)),
    ]),
    ...(knownIssue?.entry === undefined ? [] : indented(`excused by ${knownIssue.id} (${knownIssue.entry})`)),
    ...(notExplained === undefined ? [] : indented(`not excused: ${notExplained}`)),
  ];
}
