import { compareJournals } from '../../src/comparison/compare.js';
import type { JournalEvent, JournalEventType } from '../../src/journal/events.js';
import { flatten } from './normalise.js';

/** What one run wrote. */
export interface WrittenRun {
  readonly journal: readonly JournalEvent[];
  /** The run's entry in `result.json`. */
  readonly result: unknown;
}

/** How what two builds of the code wrote about the same run differs. */
export interface RunDifferences {
  /** Nothing but wording may differ: one line for each thing that does. Empty: the runs agree. */
  readonly differences: readonly string[];
  /** Texts for people that only one of them has, with `#` for numbers and `<id>` for ids, sorted. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/** Events that a run has as often as the scenario and the operator's rules make it, however fast the machine is. */
const DETERMINISTIC: readonly JournalEventType[] = [
  'run-started',
  'step-started',
  'gesture',
  'state-changed',
  'state-awaited',
  'client-action',
  'step-ran',
  'snapshot-taken',
  'invariant-evaluated',
  'step-ended',
  'verdict',
  'run-ended',
];

/** In the step that loses something, how far the rest of the step came is a matter of speed. */
const DETERMINISTIC_IN_A_LOSING_STEP: ReadonlySet<JournalEventType> = new Set([
  'step-started',
  'invariant-evaluated',
  'step-ended',
  'verdict',
  'run-ended',
]);

/** Texts of these are Kafka's or the operator's own, and which of them come is a matter of speed. */
const QUOTING: ReadonlySet<JournalEventType> = new Set(['controller-log', 'operator-log']);

/** Compares what two builds of the code wrote about one run. */
export function compareRuns(before: WrittenRun, after: WrittenRun): RunDifferences {
  const comparison = compareJournals(before.journal, after.journal).firstDifference;
  const [resultBefore, resultAfter] = [flatten(before.result), flatten(after.result)];
  const [proseBefore, proseAfter] = [
    new Set([...resultBefore.prose, ...proseOf(before.journal)]),
    new Set([...resultAfter.prose, ...proseOf(after.journal)]),
  ];
  return {
    differences: [
      ...(comparison === undefined ? [] : [`journal: ${comparison.explanation}`]),
      ...multisetDifferences('events', eventKinds(before.journal), eventKinds(after.journal)),
      ...multisetDifferences('verdict', verdicts(before.journal), verdicts(after.journal)),
      ...multisetDifferences('violated', violated(before.journal), violated(after.journal)),
      ...multisetDifferences('result.json', resultBefore.lines, resultAfter.lines),
    ],
    onlyBefore: [...proseBefore].filter((text) => !proseAfter.has(text)).sort(),
    onlyAfter: [...proseAfter].filter((text) => !proseBefore.has(text)).sort(),
  };
}

function proseOf(events: readonly JournalEvent[]): ReadonlySet<string> {
  return flatten(events.filter(({ type }) => !QUOTING.has(type))).prose;
}

/** `migrate: gesture with gesture, t, type, value` for each event that every run of the scenario has. */
function eventKinds(events: readonly JournalEvent[]): readonly string[] {
  const verdict = events.find((event) => event.type === 'verdict');
  const losing = verdict?.verdict === 'lost' || verdict?.verdict === 'broken' ? verdict.step : undefined;
  let step = 'before the first step';
  return events.flatMap((event) => {
    if (event.type === 'step-started') step = event.step;
    const isCounted =
      DETERMINISTIC.includes(event.type) && (step !== losing || DETERMINISTIC_IN_A_LOSING_STEP.has(event.type));
    return isCounted ? [`${step}: ${event.type} with ${Object.keys(event).sort().join(', ')}`] : [];
  });
}

function verdicts(events: readonly JournalEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'verdict'
      ? [
          `${event.verdict}, expected ${event.expected}, asExpected ${event.asExpected}, ` +
            `step ${event.step ?? 'none'}, known issue ${event.knownIssue?.id ?? 'none'}`,
        ]
      : [],
  );
}

function violated(events: readonly JournalEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'invariant-evaluated' && !event.holds
      ? [`${event.step}: ${event.invariant} (known issue ${event.knownIssue?.id ?? 'none'})`]
      : [],
  );
}

/** One line for each element that one list has more often than the other, in the order of their first. */
function multisetDifferences(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  const [countsBefore, countsAfter] = [counted(before), counted(after)];
  return [...new Set([...before, ...after])].flatMap((element) => {
    const [b, a] = [countsBefore.get(element) ?? 0, countsAfter.get(element) ?? 0];
    return b === a ? [] : [`${what}: ${element}: ${b} before, ${a} after`];
  });
}

function counted(elements: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const element of elements) counts.set(element, (counts.get(element) ?? 0) + 1);
  return counts;
}
