import { Document, isScalar, isSeq, visit } from 'yaml';
import { circumstancesOf, type Fact, isWord } from '../journal/circumstances.js';
import type { JournalEvent } from '../journal/events.js';
import { summarise } from '../journal/summary.js';
import { groupBy } from './group-by.js';

/** The longest line, in characters. */
const WIDTH = 118;

/** A pattern of `known-issues.yaml`, with what it explains. */
interface Pattern {
  readonly invariant: string;
  readonly about: string;
  readonly steps: readonly string[];
  readonly states: readonly string[];
  readonly evidence: readonly {
    readonly subjects: readonly string[];
    readonly found?: readonly string[];
    readonly lost?: string;
    readonly writers?: readonly string[];
  }[];
}

/**
 * The narrowest entry of `known-issues.yaml` that would explain what a run found and nothing explains, as lines of YAML.
 * Empty if everything is explained, if there is no verdict, and for a candidate: it is judged by the known issues of its
 * baseline, which did not do this.
 */
export function narrowestEntry(events: readonly JournalEvent[]): readonly string[] {
  const { started, verdict } = summarise(events);
  const { run, scenario, operatorVersion, baseline } = started;
  const patterns = mergeSteps(unexplainedPatterns(events));
  const [first] = patterns;
  if (first === undefined || baseline !== undefined || verdict === undefined) return [];
  const messages = events.flatMap((event) =>
    event.type === 'invariant-evaluated' && !event.holds && event.knownIssue === undefined ? [event.message ?? ''] : [],
  );
  const entry = {
    id: word(`${first.invariant}-in-${first.steps[0]}`),
    title: `${first.invariant} is violated in step "${first.steps[0]}"`,
    thread: 'unreported',
    operatorVersions: [operatorVersion],
    scenarios: [scenario],
    violations: patterns,
    why: [...new Set(messages)].filter((message) => message !== '').join('; ') || 'The journal does not say why.',
    recording: word(run),
  };
  return asYaml([entry]);
}

function unexplainedPatterns(events: readonly JournalEvent[]): readonly Pattern[] {
  return events.flatMap((event, index): Pattern[] => {
    if (event.type !== 'invariant-evaluated' || event.holds || event.knownIssue !== undefined) return [];
    const { invariant, about, step } = event;
    const { state, facts } = circumstancesOf(event.evidence ?? [], events.slice(0, index));
    return [{ invariant, about, steps: [step], states: [state], evidence: grouped(facts) }];
  });
}

/** One pattern for the facts that differ only in their subject. */
function grouped(facts: readonly Fact[]): Pattern['evidence'] {
  return [
    ...groupBy(facts, ({ found, lost, writer }) => JSON.stringify([isWord(found) ? found : '', lost, writer])).values(),
  ].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const subjects = [...new Set(group.map(({ subject }) => subject))].sort();
    return [
      {
        subjects,
        ...(isWord(first.found) ? { found: [first.found] } : {}),
        ...(first.lost === undefined ? {} : { lost: first.lost }),
        ...(first.writer === undefined ? {} : { writers: [first.writer] }),
      },
    ];
  });
}

/** One pattern for what was found in the same way after several steps. */
function mergeSteps(patterns: readonly Pattern[]): readonly Pattern[] {
  const alike = groupBy(patterns, ({ steps: _, ...rest }) => JSON.stringify(rest));
  return [...alike.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [{ ...first, steps: [...new Set([...first.steps, ...more.flatMap(({ steps }) => steps)])] }],
  );
}

/** `roll back` -> `roll-back`: ids and names of recordings are one word. */
function word(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-|-$/g, '');
}

/** Lists of words stand on one line, as in the shipped file. */
function asYaml(value: unknown): readonly string[] {
  const document = new Document(value);
  visit(document, {
    Seq: (_, node) => {
      if (isSeq(node) && node.items.every((item) => isScalar(item))) node.flow = true;
    },
  });
  return document.toString({ lineWidth: WIDTH }).trimEnd().split('\n');
}
