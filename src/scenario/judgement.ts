import type { About, Verdict } from '../journal/events.js';
import { count } from '../journal/text.js';
import { applicable, type KnownIssue, type RunKind } from './known-issues.js';

/** A violation that a run has found, of an invariant or of a scenario's own check. */
export interface FoundViolation {
  readonly invariant: string;
  readonly about: About;
  readonly message: string;
  /** The issue that explains it. */
  readonly knownIssue?: KnownIssue;
  /** Why the issue that is about this invariant does not explain it. */
  readonly notExplained?: string;
}

/** A run that has ended. */
export interface EndedRun<Found extends FoundViolation = FoundViolation> extends RunKind {
  readonly verdict: Verdict;
  /** In the order in which they were found; one that was found after several steps may be listed several times. */
  readonly violations: readonly Found[];
  /** All known issues; those of other versions and scenarios are ignored. */
  readonly issues: readonly KnownIssue[];
  /** Whether a known issue excuses nothing. */
  readonly strict: boolean;
  /** Why it is inconclusive, in one sentence. */
  readonly reason?: string;
}

/** What a run's outcome means. */
export interface Judgement<Found extends FoundViolation = FoundViolation> {
  readonly expected: Verdict;
  /** Why a loss or an outage is expected. */
  readonly because?: string;
  /** Whether verdict and violations are as expected; `strict` changes the exit code, not the expectation. */
  readonly asExpected: boolean;
  /**
   * 0: as expected. 1: a violation that no known issue of the version explains (with `strict`: any), or an unexpected
   * pass. 3: inconclusive, and nothing of that kind was found before.
   */
  readonly exitCode: 0 | 1 | 3;
  /**
   * One sentence: the first unexplained violation, the unexpected pass, why the run is inconclusive, the loss or
   * the outage. If an issue explains the violation, the sentence does not name it: `knownIssue` does.
   */
  readonly summary: string;
  /** The issue that did not occur, else the one that explains the worst violation. */
  readonly knownIssue?: KnownIssue;
  /** Loss first, then outage, residue and conduct. */
  readonly unexplained: readonly Found[];
}

const SEVERITY: Readonly<Record<About, number>> = { loss: 0, outage: 1, residue: 2, conduct: 3 };

/** The verdicts that end a run. */
export type EndingVerdict = 'lost' | 'broken';

/** The verdict on violations about these that ends a run: with both a loss and an outage it is `lost`. undefined: none. */
export function endingVerdictOf(abouts: Iterable<About>): EndingVerdict | undefined {
  const found = new Set(abouts);
  if (found.has('loss')) return 'lost';
  return found.has('outage') ? 'broken' : undefined;
}

/** The worse of two. */
export function worse(a: EndingVerdict | undefined, b: EndingVerdict | undefined): EndingVerdict | undefined {
  return a === 'lost' || b === undefined ? a : b;
}

/**
 * Judges a run by the known issues of its operator version in its scenario. A loss or an outage is expected if an
 * applicable issue explains one; if issues explain both, either is expected.
 *
 * If the run survives and an applicable issue does not occur, that is an unexpected pass: either the issue is fixed and
 * its entry must be removed, or the run does not test what it claims to test. An issue that occurs only sometimes is no
 * such pass. If the run is lost or broken, issues that do not occur are none, either, because the run ended early. A
 * candidate must be no worse than its baseline: an issue that does not occur counts as fixed in the candidate.
 */
export function judge<Found extends FoundViolation>(run: EndedRun<Found>): Judgement<Found> {
  const { verdict, strict, baseline } = run;
  const issues = applicable(run.issues, run);
  const violations = run.violations.toSorted((a, b) => SEVERITY[a.about] - SEVERITY[b.about]);
  const explained = violations.flatMap((violation) => {
    const { knownIssue } = violation;
    return knownIssue === undefined ? [] : [{ violation, issue: knownIssue }];
  });
  const unexplained = violations.filter(({ knownIssue }) => knownIssue === undefined);
  const { expected, because } = expectation(issues, verdict);
  const absent =
    verdict === 'survived'
      ? issues.find((issue) => issue.occurs !== 'sometimes' && !shows(issue, violations))
      : undefined;
  // A verdict that contradicts the violations is as bad as an unexplained violation.
  const implied: Verdict = endingVerdictOf(violations.map(({ about }) => about)) ?? 'survived';
  const contradictory = verdict !== implied && verdict !== 'inconclusive';
  const fixed = baseline !== undefined && absent !== undefined;
  const faulty = unexplained.length > 0 || (absent !== undefined && !fixed) || contradictory;
  const knownIssue = absent ?? explained[0]?.issue;
  return {
    expected,
    ...(because === undefined ? {} : { because }),
    asExpected: (verdict === expected || fixed) && !faulty,
    exitCode: faulty || (strict && violations.length > 0) ? 1 : verdict === 'inconclusive' ? 3 : 0,
    summary: summarise(run, { unexplained, explained, absent, contradictory }),
    ...(knownIssue === undefined ? {} : { knownIssue }),
    unexplained,
  };
}

/** The worst verdict that these issues lead one to expect of a run. @param issues those that apply to it. */
export function expectedVerdict(issues: readonly KnownIssue[]): Verdict {
  return expectation(issues, 'survived').expected;
}

/** The verdict that the issues of a version lead one to expect, and why: of several, the run's own or else the worst. */
function expectation(
  issues: readonly KnownIssue[],
  verdict: Verdict,
): { readonly expected: Verdict; readonly because?: string } {
  const isExpected = ({ occurs }: KnownIssue, effect: EndingVerdict) => occurs !== 'sometimes' || effect === verdict;
  const expecting = (effect: EndingVerdict) =>
    issues.find((issue) => endingVerdictsOf(issue).has(effect) && isExpected(issue, effect));
  const order: readonly EndingVerdict[] = verdict === 'broken' ? ['broken', 'lost'] : ['lost', 'broken'];
  for (const expected of order) {
    const issue = expecting(expected);
    if (issue !== undefined) return { expected, because: issue.why };
  }
  return { expected: 'survived' };
}

/** What an issue can do: one whose outcome depends on timing lists invariants about a loss and about an outage. */
function endingVerdictsOf(issue: KnownIssue): ReadonlySet<EndingVerdict> {
  const found = issue.violations.map(({ about }) => endingVerdictOf([about]));
  return new Set(found.filter((verdict) => verdict !== undefined));
}

/** Whether a run's violations show an issue: residue is not enough to show an issue that expects a loss or an outage. */
function shows(issue: KnownIssue, violations: readonly FoundViolation[]): boolean {
  const own = violations.filter(({ knownIssue }) => knownIssue === issue);
  return endingVerdictsOf(issue).size === 0
    ? own.length > 0
    : endingVerdictOf(own.map(({ about }) => about)) !== undefined;
}

const NOTHING_FOUND = 'nothing was lost and nothing was left behind';

interface Findings {
  readonly unexplained: readonly FoundViolation[];
  readonly explained: readonly { readonly violation: FoundViolation; readonly issue: KnownIssue }[];
  readonly absent: KnownIssue | undefined;
  readonly contradictory: boolean;
}

function summarise(run: EndedRun, { unexplained, explained, absent, contradictory }: Findings): string {
  const { verdict, scenario, strict } = run;
  const operatorVersion = run.baseline ?? run.operatorVersion;
  const [unknown] = unexplained;
  if (unknown !== undefined) {
    const more = new Set(unexplained.map(({ invariant }) => invariant)).size - 1;
    const others = more === 0 ? '' : ` or ${count(more, 'other violation')}`;
    const why = unknown.notExplained === undefined ? '' : `; ${unknown.notExplained}`;
    return `${unknown.message} (${unknown.invariant}: no known issue of operator ${operatorVersion} explains it${others}${why})`;
  }
  if (absent !== undefined && run.baseline !== undefined) {
    const message = explained[0]?.violation.message ?? NOTHING_FOUND;
    return `${message}: known issue ${absent.id} of operator ${operatorVersion} did not occur`;
  }
  if (absent !== undefined) {
    return `unexpected pass: known issue ${absent.id} of operator ${operatorVersion} did not occur in ${scenario}`;
  }
  if (contradictory) return `the verdict is ${verdict}, but the violations that were found say otherwise`;
  const message = explained[0]?.violation.message;
  const shown = strict ? `${message} (--strict excuses no known issue)` : message;
  if (verdict === 'inconclusive') {
    const reason = run.reason ?? 'the environment failed';
    return message === undefined ? reason : `${reason}; seen before: ${shown}`;
  }
  if (message === undefined) return NOTHING_FOUND;
  return verdict === 'survived' ? `nothing was lost, but ${shown}` : `${shown}`;
}
