import type { JournalEvent, VerdictReached } from '../journal/events.js';
import { type ViolationFound, violations } from '../journal/loss.js';
import { summarise } from '../journal/summary.js';
import { listNames } from '../journal/text.js';
import { compareJournals } from './compare.js';

/** A journal of the baseline's: the same scenario, Kafka and nodes. */
export interface BaselineJournal {
  readonly events: readonly JournalEvent[];
  /** What it is, for a reader: `its run in this call`, `recording 0.45.2-one-broker`. */
  readonly what: string;
  /** Whether its user made the same topics: only then a topic that is lost here and not there counts. */
  readonly sameTopics: boolean;
}

/** A candidate compared with its baseline. Only `worse` fails a run. */
export interface BaselineComparison {
  readonly outcome: 'worse' | 'better' | 'different' | 'same' | 'unknown';
  /** One sentence, `0.45.3 compared with 0.45.2: no difference`; the first difference in conduct as lines after it. */
  readonly lines: readonly [string, ...string[]];
}

/**
 * Compares a candidate's run with its baseline: first what was lost, left behind and out of order, then every step.
 * @param baseline undefined: there is none to compare with; then only the baseline's known issues count.
 * @returns undefined for a run of no candidate.
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
  const unexplained = found.find(({ knownIssue }) => knownIssue === undefined);
  if (unexplained !== undefined) {
    return { outcome: 'worse', text: `worse, ${unexplained.message} (${unexplained.invariant})` };
  }
  if (verdict === undefined || verdict.verdict === 'inconclusive') {
    return { outcome: 'unknown', text: 'unknown, the run reached no verdict' };
  }
  if (!verdict.asExpected) return { outcome: 'worse', text: `worse, ${verdict.summary}` };
  const more = lostBeyond(found, baseline);
  if (more.length > 0) {
    return { outcome: 'worse', text: `worse, it loses what ${version} keeps: ${listNames(more)} (${baseline?.what})` };
  }
  const { knownIssue } = verdict;
  if (knownIssue !== undefined && !found.some((violation) => violation.knownIssue?.id === knownIssue.id)) {
    return { outcome: 'better', text: `better, known issue ${knownIssue.id} of ${version} did not show` };
  }
  return baseline === undefined
    ? {
        outcome: 'same',
        text: `no difference in what was lost or left behind; the rest is not compared, because there is no journal of ${version}: run both in one call`,
      }
    : inConduct(events, baseline);
}

function inConduct(events: readonly JournalEvent[], { events: others, what }: BaselineJournal): Found {
  const { firstDifference } = compareJournals(events, others, { acrossVersions: true });
  return firstDifference === undefined
    ? { outcome: 'same', text: `no difference (${what})` }
    : {
        outcome: 'different',
        text: `nothing more was lost or left behind; the first difference from ${what}:`,
        more: firstDifference.explanation.split('\n'),
      };
}

/** What the candidate lost and the baseline did not, though the same known issue explains both. */
function lostBeyond(found: readonly ViolationFound[], baseline: BaselineJournal | undefined): readonly string[] {
  if (baseline === undefined || !baseline.sameTopics) return [];
  const known = lostSubjects(violations(baseline.events));
  return [...lostSubjects(found)].filter((subject) => !known.has(subject)).sort();
}

function lostSubjects(found: readonly ViolationFound[]): ReadonlySet<string> {
  return new Set(
    found.filter(({ about }) => about === 'loss').flatMap(({ evidence }) => evidence.map(({ subject }) => subject)),
  );
}
