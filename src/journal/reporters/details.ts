import type { Evidence, JournalEvent } from '../events.js';
import { type ViolationFound, violations } from '../loss.js';
import { type RunSummary, summarise } from '../summary.js';
import { seconds, writerText } from '../words.js';
import { grouped } from './grouping.js';
import { indented, wrap } from './layout.js';

/** Everything that an ending leaves out: why the verdict was expected, and each violation with all its evidence. */
export function tellDetails(events: readonly JournalEvent[]): readonly string[] {
  return [...because(summarise(events)), ...violations(events).flatMap(violationLines)];
}

function because({ verdict }: RunSummary): readonly string[] {
  if (verdict?.because === undefined) return [];
  return ['', ...wrap(`Why ${verdict.expected} is expected: ${verdict.because}`)];
}

function violationLines(violation: ViolationFound): readonly string[] {
  const { about, invariant, step, t, message, evidence } = violation;
  return [
    '',
    ...wrap(`${about}: ${invariant} is violated in step "${step}" at ${seconds(t)}: ${message}`),
    ...[...grouped(evidence, circumstances).entries()].flatMap(([shared, pieces]) => [
      ...pieces.flatMap(({ subject, expected, found }) => indented(`${subject}: expected ${expected}, found ${found}`)),
      ...(shared === '' ? [] : indented(`${pieces.length > 1 ? 'all of them ' : ''}${shared}`)),
    ]),
  ];
}

/** When, by whom and after what: what the pieces of evidence of one deed have in common. */
function circumstances({ at, writer, note }: Evidence): string {
  return [
    ...(at === undefined ? [] : [`at ${seconds(at)}`]),
    ...(writer === undefined ? [] : [`by ${writerText(writer)}`]),
    ...(note === undefined ? [] : [note]),
  ].join(', ');
}
