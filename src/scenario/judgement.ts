import { INVARIANTS } from '../invariants/index.js';
import type { About, Verdict } from '../journal/events.js';
import { count } from '../journal/text.js';
import { applicable, type KnownIssue, type RunKind } from './known-issues.js';

/** A violation that a run has found, of an invariant or of a scenario's own check. */
export interface FoundViolation {
  readonly invariant: string;
  readonly about: About;
  readonly message: string;
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
  /** Why a loss is expected. */
  readonly because?: string;
  /** Whether verdict and violations are as expected; `strict` changes the exit code, not the expectation. */
  readonly asExpected: boolean;
  /**
   * 0: as expected. 1: a violation that no known issue of the version explains (with `strict`: any), or an unexpected
   * pass. 3: inconclusive, and nothing of that kind was found before.
   */
  readonly exitCode: 0 | 1 | 3;
  /**
   * One sentence: the first unexplained violation, the unexpected pass, why the run is inconclusive, or the loss. If an
   * issue explains the violation, the sentence does not name it: `knownIssue` does.
   */
  readonly summary: string;
  /** The issue that explains the loss, else the first that explains a violation, else the one that did not occur. */
  readonly knownIssue?: KnownIssue;
  /** Loss first, then outage, residue and conduct. */
  readonly unexplained: readonly Found[];
}

const SEVERITY: Readonly<Record<About, number>> = { loss: 0, outage: 1, residue: 2, conduct: 3 };

/** Names of the invariants whose violation makes a run `lost`. */
const ABOUT_LOSS: ReadonlySet<string> = new Set(
  INVARIANTS.filter(({ about }) => about === 'loss').map(({ name }) => name),
);

/**
 * Judges a run by the known issues of its operator version in its scenario. A loss is expected if an applicable issue
 * explains one. If the run survives and an applicable issue does not occur, that is an unexpected pass: either the issue
 * is fixed and its entry must be removed, or the run does not test what it claims to test. If the run is lost, issues
 * that do not occur are no unexpected pass, because the loss ended the run early. A candidate must be no worse than its
 * baseline: an issue that does not occur counts as fixed in the candidate.
 */
export function judge<Found extends FoundViolation>(run: EndedRun<Found>): Judgement<Found> {
  const { verdict, strict, baseline } = run;
  const issues = applicable(run.issues, run);
  const violations = run.violations.toSorted((a, b) => SEVERITY[a.about] - SEVERITY[b.about]);
  const explained = violations.flatMap((violation) => {
    const issue = issues.find(({ invariants }) => invariants.includes(violation.invariant));
    return issue === undefined ? [] : [{ violation, issue }];
  });
  const unexplained = violations.filter((violation) => !explained.some((entry) => entry.violation === violation));
  const lossIssue = issues.find(expectsLoss);
  const absent = verdict === 'survived' ? issues.find((issue) => !shows(issue, violations)) : undefined;
  // A verdict that contradicts the violations is as bad as an unexplained violation.
  const contradictory =
    (verdict === 'lost') !== violations.some(({ about }) => about === 'loss') && verdict !== 'inconclusive';
  const expected: Verdict = lossIssue === undefined ? 'survived' : 'lost';
  const fixed = baseline !== undefined && absent !== undefined;
  const faulty = unexplained.length > 0 || (absent !== undefined && !fixed) || contradictory;
  const knownIssue = absent ?? explained[0]?.issue;
  return {
    expected,
    ...(lossIssue === undefined ? {} : { because: lossIssue.why }),
    asExpected: (verdict === expected || fixed) && !faulty,
    exitCode: faulty || (strict && violations.length > 0) ? 1 : verdict === 'inconclusive' ? 3 : 0,
    summary: summarise(run, { unexplained, explained, absent, contradictory }),
    ...(knownIssue === undefined ? {} : { knownIssue }),
    unexplained,
  };
}

function expectsLoss(issue: KnownIssue): boolean {
  return issue.invariants.some((name) => ABOUT_LOSS.has(name));
}

/** Whether a run's violations show an issue: residue is not enough to show an issue that expects a loss. */
function shows(issue: KnownIssue, violations: readonly FoundViolation[]): boolean {
  const own = violations.filter(({ invariant }) => issue.invariants.includes(invariant));
  return expectsLoss(issue) ? own.some(({ about }) => about === 'loss') : own.length > 0;
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
    return `${unknown.message} (${unknown.invariant}: no known issue of operator ${operatorVersion} explains it${others})`;
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
  return verdict === 'lost' ? `${shown}` : `nothing was lost, but ${shown}`;
}
