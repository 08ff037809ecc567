import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { About, KnownIssueReference, Verdict } from '../journal/events.js';
import { packageRoot } from '../package-root.js';

/**
 * Known issues: (issue, operator versions, scenarios, invariants). They are data, `known-issues.yaml`; this module reads
 * them, says what they explain, and judges a run by them.
 */

/** The file that a folder of fixtures may hold. */
const FILE = 'known-issues.yaml';

const KNOWN_INVARIANTS = INVARIANTS.map(({ name }) => name);

const knownIssue = z.strictObject({
  /** `strimzi-kafka-operator#11262`; entries may share it. */
  id: z.string().regex(/^\S+$/, 'must be one word'),
  title: z.string().min(1),
  /** The upstream thread, or `unreported`. */
  thread: z
    .string()
    .regex(/^(unreported|https:\/\/\S+)$/, 'must be the https URL of the upstream thread, or "unreported"'),
  operatorVersions: z
    .array(z.string({ error: 'must be a version in quotes' }).regex(/^\d+\.\d+\.\d+\S*$/, 'must be a version'))
    .min(1),
  scenarios: z.array(z.string().min(1)).min(1),
  /** Which violations it explains. */
  invariants: z
    .array(
      z.string().refine((name) => KNOWN_INVARIANTS.includes(name), {
        error: ({ input }) =>
          `there is no invariant "${input}". Did you mean ${closest(String(input), KNOWN_INVARIANTS)}?`,
      }),
    )
    .min(1),
  /** Prose: the mechanism. */
  why: z.string().min(1),
  /** The recording of a real operator that shows it. */
  recording: z.string().regex(/^[\w.-]+$/, 'must be the name of a recording'),
});

const knownIssues = z.array(knownIssue);

/** What one issue does to some operator versions in some scenarios. */
export type KnownIssue = Readonly<z.infer<typeof knownIssue>>;

/** Where a run stands: which operator, in which scenario. */
export interface RunKind {
  readonly operatorVersion: string;
  readonly scenario: string;
}

/** The folder with this package's own known issues. */
export function shippedKnownIssuesFolder(): string {
  return join(packageRoot(), 'fixtures');
}

/**
 * Reads `known-issues.yaml` of every folder that has one.
 * @throws UsageError if a folder is not there, a file is no list of known issues (it names every field that is wrong),
 *   or two entries speak of the same id, version and scenario.
 */
export function loadKnownIssues(folders: readonly string[]): readonly KnownIssue[] {
  const found = folders.flatMap((folder) => readFolder(folder).map((issue) => ({ issue, file: join(folder, FILE) })));
  refuseRepetition(found);
  return found.map(({ issue }) => issue);
}

function readFolder(folder: string): readonly KnownIssue[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`Known issues: there is no folder ${folder}. Give a folder that holds ${FILE}.`);
  }
  const file = join(folder, FILE);
  return existsSync(file) ? parseKnownIssues(readFileSync(file, 'utf8'), file) : [];
}

/**
 * Checks the text of a `known-issues.yaml`.
 * @param where the file, for the message
 * @throws UsageError that names the file and every field that is wrong
 */
export function parseKnownIssues(text: string, where: string): readonly KnownIssue[] {
  const result = knownIssues.safeParse(parseYaml(text, where));
  if (result.success) return result.data;
  throw new UsageError(`${where} is no list of known issues:\n${z.prettifyError(result.error)}`, {
    cause: result.error,
  });
}

function parseYaml(text: string, where: string): unknown {
  try {
    // An empty file, or one of comments, lists none.
    return parse(text) ?? [];
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(`${where} is not YAML: ${error.message}`, { cause: error });
  }
}

function refuseRepetition(found: readonly { readonly issue: KnownIssue; readonly file: string }[]): void {
  const seen = new Map<string, string>();
  for (const { issue, file } of found) {
    for (const version of issue.operatorVersions) {
      for (const scenario of issue.scenarios) {
        const what = `${issue.id} for operator ${version} in ${scenario}`;
        const earlier = seen.get(what);
        if (earlier !== undefined) {
          throw new UsageError(`${file}: there are two entries of ${what} (the other in ${earlier}). Make them one.`);
        }
        seen.set(what, file);
      }
    }
  }
}

/** Whether an issue is expected to show in such a run. */
export function applies(issue: KnownIssue, { operatorVersion, scenario }: RunKind): boolean {
  return issue.operatorVersions.includes(operatorVersion) && issue.scenarios.includes(scenario);
}

/** The issues that are expected to show in such a run. */
export function applicable(issues: readonly KnownIssue[], run: RunKind): readonly KnownIssue[] {
  return issues.filter((issue) => applies(issue, run));
}

/** Whether an issue explains that such a run violates an invariant. */
export function explains(issue: KnownIssue, violation: RunKind & { readonly invariant: string }): boolean {
  return applies(issue, violation) && issue.invariants.includes(violation.invariant);
}

/** The first issue that explains a violation. */
export function explanationOf(
  issues: readonly KnownIssue[],
  violation: RunKind & { readonly invariant: string },
): KnownIssue | undefined {
  return issues.find((issue) => explains(issue, violation));
}

/** What a journal says of an issue. */
export function referenceTo({ id, title, thread }: KnownIssue): KnownIssueReference {
  return { id, title, thread };
}

/** A violation that a run has found, of an invariant or of a scenario's own check. */
export interface FoundViolation {
  readonly invariant: string;
  readonly about: About;
  readonly message: string;
}

/** A run that has ended. */
export interface EndedRun<Found extends FoundViolation = FoundViolation> extends RunKind {
  readonly verdict: Verdict;
  /** In the order in which they were found; one that was found after several steps may stand there several times. */
  readonly violations: readonly Found[];
  /** All that are known; those of other versions and scenarios are left aside. */
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
  /** One sentence: the first violation that nothing explains, the unexpected pass, why it is inconclusive, or the loss. */
  readonly summary: string;
  /** The issue that explains the loss, else the first that explains a violation, else the one that did not show. */
  readonly knownIssue?: KnownIssue;
  /** Loss first, then residue, then conduct. */
  readonly unexplained: readonly Found[];
}

const GRAVITY: Readonly<Record<About, number>> = { loss: 0, residue: 1, conduct: 2 };

/** Names of the invariants whose violation makes a run `lost`. */
const ABOUT_LOSS: ReadonlySet<string> = new Set(
  INVARIANTS.filter(({ about }) => about === 'loss').map(({ name }) => name),
);

/**
 * Judges a run by what is known of its operator version in its scenario. A loss is expected where an applicable issue
 * explains one, and an issue that applies and did not show in a run that survived is an unexpected pass: either it is
 * mended and its entry must go, or the run did not test what it claims to test. Whether every issue of a run that was
 * lost has shown is not asked: the loss has ended it.
 */
export function judge<Found extends FoundViolation>(run: EndedRun<Found>): Judgement<Found> {
  const { verdict, strict } = run;
  const issues = applicable(run.issues, run);
  const violations = run.violations.toSorted((a, b) => GRAVITY[a.about] - GRAVITY[b.about]);
  const explained = violations.flatMap((violation) => {
    const issue = issues.find(({ invariants }) => invariants.includes(violation.invariant));
    return issue === undefined ? [] : [{ violation, issue }];
  });
  const unexplained = violations.filter((violation) => !explained.some((entry) => entry.violation === violation));
  const loser = issues.find(expectsLoss);
  const absent = verdict === 'survived' ? issues.find((issue) => !shows(issue, violations)) : undefined;
  // A verdict that no violation bears out is as bad as a violation that nothing explains.
  const baseless =
    (verdict === 'lost') !== violations.some(({ about }) => about === 'loss') && verdict !== 'inconclusive';
  const expected: Verdict = loser === undefined ? 'survived' : 'lost';
  const faulty = unexplained.length > 0 || absent !== undefined || baseless;
  const knownIssue = absent ?? explained[0]?.issue;
  return {
    expected,
    ...(loser === undefined ? {} : { because: loser.why }),
    asExpected: verdict === expected && !faulty,
    exitCode: faulty || (strict && violations.length > 0) ? 1 : verdict === 'inconclusive' ? 3 : 0,
    summary: summarise(run, { unexplained, explained, absent, baseless }),
    ...(knownIssue === undefined ? {} : { knownIssue }),
    unexplained,
  };
}

function expectsLoss(issue: KnownIssue): boolean {
  return issue.invariants.some((name) => ABOUT_LOSS.has(name));
}

/** Whether a run's violations show an issue: one that expects a loss is not shown by what it leaves behind alone. */
function shows(issue: KnownIssue, violations: readonly FoundViolation[]): boolean {
  const own = violations.filter(({ invariant }) => issue.invariants.includes(invariant));
  return expectsLoss(issue) ? own.some(({ about }) => about === 'loss') : own.length > 0;
}

interface Findings {
  readonly unexplained: readonly FoundViolation[];
  readonly explained: readonly { readonly violation: FoundViolation; readonly issue: KnownIssue }[];
  readonly absent: KnownIssue | undefined;
  readonly baseless: boolean;
}

function summarise(run: EndedRun, { unexplained, explained, absent, baseless }: Findings): string {
  const { verdict, operatorVersion, scenario, strict } = run;
  const [unknown] = unexplained;
  if (unknown !== undefined) {
    const more = new Set(unexplained.map(({ invariant }) => invariant)).size - 1;
    const others = more === 0 ? '' : `, and ${more} more such`;
    return `${unknown.message} (${unknown.invariant}: no known issue of operator ${operatorVersion} explains it${others})`;
  }
  if (absent !== undefined) {
    return `unexpected pass: known issue ${absent.id} of operator ${operatorVersion} did not show in ${scenario}`;
  }
  if (baseless) return `the verdict is ${verdict}, but the violations that were found say otherwise`;
  const [known] = explained;
  const excuse =
    known === undefined ? '' : `known issue ${known.issue.id}${strict ? ', which --strict does not excuse' : ''}`;
  if (verdict === 'inconclusive') {
    const seen = known === undefined ? '' : `; seen before: ${known.violation.message} (${excuse})`;
    return `inconclusive: ${run.reason ?? 'the environment failed'}${seen}`;
  }
  if (known === undefined) return 'nothing was lost and nothing was left behind';
  if (verdict === 'lost') return `${known.violation.message} (${excuse})`;
  return `nothing was lost, but ${known.violation.message} (${excuse})`;
}
