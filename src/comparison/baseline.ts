import type { About, JournalEvent, VerdictReached } from '../journal/events.js';
import { type ViolationFound, violations } from '../journal/loss.js';
import { summarise } from '../journal/summary.js';
import { listNames } from '../journal/text.js';
import { compareJournals } from './compare.js';

/** A journal of the baseline, with the same scenario, Kafka version and nodes. */
export interface BaselineJournal {
  readonly events: readonly JournalEvent[];
  /** What it is, for a reader: `the run of 0.45.2 in this command`, `recording 0.45.2-one-broker`. */
  readonly what: string;
  /** Whether its user created the same topics: only then does a topic count that only the candidate lost. */
  readonly sameTopics: boolean;
}

/** A candidate compared with its baseline. Only `worse` fails a run. */
export interface BaselineComparison {
  readonly outcome: 'worse' | 'better' | 'different' | 'same' | 'unknown';
  /** One sentence, `0.45.3 compared with 0.45.2: no difference`; the first difference in conduct as lines after it. */
  readonly lines: readonly [string, ...string[]];
}

/**
 * Compares a candidate's run with its baseline: first what was lost, broken, left behind and out of order, then every
 * step.
 * @param baseline undefined: there is no journal to compare with, and only the baseline's known issues count.
 * @returns undefined for a run that is not a candidate's.
 */
export function compareWithBaseline(
  events: readonly JournalEvent[],
  baseline: BaselineJournal | undefined,
): BaselineComparison | undefined {
  const { started, verdict } = summarise(events);
  if (started.baseline === undefined) return undefined;
  const { outcome, text, more = [] } = difference({ events, verdict }, started.baseline, baseline);
  return { outcome, lines: [`${started.operatorVersion} compared with ${started.baseline}: ${text}`, ...more] };
}

interface Candidate {
  readonly events: readonly JournalEvent[];
  readonly verdict: VerdictReached | undefined;
}

interface Found {
  readonly outcome: BaselineComparison['outcome'];
  readonly text: string;
  readonly more?: readonly string[];
}

function difference({ events, verdict }: Candidate, version: string, baseline: BaselineJournal | undefined): Found {
  const found = violations(events);
  const [worst, ...others] = worstFirst(found.filter(({ knownIssue }) => knownIssue === undefined));
  if (worst !== undefined) {
    const also = others.length === 0 ? '' : `; also ${others.map(({ invariant }) => invariant).join(', ')}`;
    return { outcome: 'worse', text: `worse, ${worst.message} (${worst.invariant})${also}` };
  }
  if (verdict === undefined || verdict.verdict === 'inconclusive') {
    return { outcome: 'unknown', text: 'unknown, the run reached no verdict' };
  }
  if (!verdict.asExpected) return { outcome: 'worse', text: `worse, ${verdict.summary}` };
  const more = lostOnlyByCandidate(found, baseline);
  if (more.length > 0) {
    return {
      outcome: 'worse',
      text: `worse, it lost what ${version} kept: ${listNames(more)} (compared with ${baseline?.what})`,
    };
  }
  const outage = outageOnlyOfCandidate(verdict, found, baseline);
  if (outage !== undefined) {
    return {
      outcome: 'worse',
      text: `worse, it is broken and ${version} was not: ${outage} (compared with ${baseline?.what})`,
    };
  }
  const { knownIssue } = verdict;
  if (knownIssue !== undefined && !found.some((violation) => violation.knownIssue?.id === knownIssue.id)) {
    return { outcome: 'better', text: `better, known issue ${knownIssue.id} of ${version} did not occur` };
  }
  return baseline === undefined
    ? {
        outcome: 'same',
        text: `no difference in what was lost, broken or left behind; the rest is not compared, because there is no journal of ${version}: run both in one command`,
      }
    : compareConduct(events, baseline);
}

/** What weighs most comes first: a loss before what was left behind earlier. */
const WEIGHT: readonly About[] = ['loss', 'outage', 'residue', 'conduct'];

/** The first violation of each invariant, the worst first. */
function worstFirst(found: readonly ViolationFound[]): readonly ViolationFound[] {
  const byInvariant = new Map(found.toReversed().map((violation) => [violation.invariant, violation]));
  return [...byInvariant.values()].sort((a, b) => WEIGHT.indexOf(a.about) - WEIGHT.indexOf(b.about) || a.t - b.t);
}

function compareConduct(events: readonly JournalEvent[], { events: others, what }: BaselineJournal): Found {
  const { firstDifference, undecided } = compareJournals(events, others, { acrossVersions: true });
  if (undecided !== undefined) return { outcome: 'unknown', text: `unknown, compared with ${what}: ${undecided}` };
  return firstDifference === undefined
    ? { outcome: 'same', text: `no difference from ${what}` }
    : {
        outcome: 'different',
        text: `nothing more was lost, broken or left behind; the first difference from ${what}:`,
        more: firstDifference.explanation.split('\n'),
      };
}

/** What the candidate lost and the baseline did not, although the same known issue explains both. */
function lostOnlyByCandidate(
  found: readonly ViolationFound[],
  baseline: BaselineJournal | undefined,
): readonly string[] {
  if (baseline === undefined || !baseline.sameTopics) return [];
  const known = lostSubjects(violations(baseline.events));
  return [...lostSubjects(found)].filter((subject) => !known.has(subject)).sort();
}

/**
 * The outage of a candidate whose baseline survived, although a known issue of the baseline explains it. An issue may
 * break one run and lose something in another, depending on timing: then the candidate is not worse.
 */
function outageOnlyOfCandidate(
  { verdict, summary }: VerdictReached,
  found: readonly ViolationFound[],
  baseline: BaselineJournal | undefined,
): string | undefined {
  if (verdict !== 'broken' || baseline === undefined) return undefined;
  if (summarise(baseline.events).verdict?.verdict !== 'survived') return undefined;
  return found.find(({ about }) => about === 'outage')?.message ?? summary;
}

function lostSubjects(found: readonly ViolationFound[]): ReadonlySet<string> {
  return new Set(
    found.filter(({ about }) => about === 'loss').flatMap(({ evidence }) => evidence.map(({ subject }) => subject)),
  );
}
