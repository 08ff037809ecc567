import type { BaselineComparison } from '../comparison/baseline.js';
import type { Evidence, KnownIssueReference } from '../journal/events.js';
import type { ViolationFound } from '../journal/loss.js';
import { type InvariantSummary, type RunSummary, type StepSummary, summarise } from '../journal/summary.js';
import { circumstancesText } from '../journal/text.js';
import { writeReport } from './report-file.js';
import type { Reporter, RunReport } from './reporter.js';
import { attribute, element, type XmlElement, xmlDocument } from './xml.js';

/** How a test case ended. `skipped`: a known issue explains it. `error`: the run is inconclusive. */
interface Outcome {
  readonly tag: 'failure' | 'skipped' | 'error';
  readonly message: string;
  readonly details?: string;
}

interface TestCase {
  readonly name: string;
  /** Seconds. */
  readonly time: number;
  /** undefined: passed. */
  readonly outcome: Outcome | undefined;
}

/**
 * Makes `junit.xml`: a suite for each run, with a case for each step, each invariant and the verdict.
 *
 * A loss, an outage or another violation that a known issue explains is `skipped` with the issue in its message, since
 * JUnit has no expected failures; one that nothing explains is a `failure`; a run that is inconclusive or has no end is an `error`.
 * A candidate has one more case: that it is no worse than its baseline.
 */
export function renderJUnit(runs: readonly RunReport[]): string {
  const suites = runs.map(({ events, baseline }) => suite(summarise(events), baseline));
  const sum = (name: string) => String(suites.reduce((total, each) => total + Number(attribute(each, name)), 0));
  return xmlDocument(
    element(
      'testsuites',
      {
        name: 'remigrate',
        tests: sum('tests'),
        failures: sum('failures'),
        errors: sum('errors'),
        skipped: sum('skipped'),
      },
      suites,
    ),
  );
}

/** Writes `junit.xml` at the end. */
export function createJUnitReporter(folder: string): Reporter {
  return { onEnd: (runs) => writeReport(folder, 'junit.xml', renderJUnit(runs)) };
}

function suite(run: RunSummary, comparison: BaselineComparison | undefined): XmlElement {
  const { started } = run;
  const cases = [
    ...run.steps.map((step) => stepCase(step, run)),
    ...run.invariants.map(invariantCase),
    verdictCase(run),
    ...(comparison === undefined ? [] : [baselineCase(comparison, run)]),
  ];
  const number = (tag: Outcome['tag']) => String(cases.filter((each) => each.outcome?.tag === tag).length);
  const name = `${started.scenario} with Strimzi ${started.operatorVersion}`;
  const { brokers, controllers, zookeepers } = started.topology;
  const properties = {
    kafka: started.kafkaVersion,
    nodes: `${brokers} brokers, ${controllers} controllers, ${zookeepers} ZooKeepers`,
    environment: started.parts.environment,
    operator: started.parts.operator,
    checks: String(run.checks),
  };
  return element(
    'testsuite',
    {
      name,
      tests: String(cases.length),
      failures: number('failure'),
      errors: number('error'),
      skipped: number('skipped'),
      time: run.seconds.toFixed(3),
      timestamp: started.startedAt,
    },
    [
      element(
        'properties',
        {},
        Object.entries(properties).map(([property, value]) => element('property', { name: property, value }, [])),
      ),
      ...cases.map((each) => caseElement(name, each)),
    ],
  );
}

function caseElement(suiteName: string, { name, time, outcome }: TestCase): XmlElement {
  const inside =
    outcome === undefined
      ? []
      : [element(outcome.tag, { message: outcome.message }, outcome.details === undefined ? [] : [outcome.details])];
  return element('testcase', { classname: suiteName, name, time: time.toFixed(3) }, inside);
}

function explained(issue: KnownIssueReference): string {
  const entry = issue.entry === undefined ? '' : `, ${issue.entry}`;
  return `known issue ${issue.id} (${issue.thread}${entry}): ${issue.title}`;
}

function stepCase(step: StepSummary, run: RunSummary): TestCase {
  const time = (step.endedAt ?? run.seconds) - step.startedAt;
  return { name: `step: ${step.name}`, time, outcome: stepOutcome(step, run) };
}

const WHAT_HAPPENED = {
  lost: 'something was lost in this step',
  broken: 'the cluster broke in this step',
  failed: 'the step failed',
  none: 'the step did not end',
} as const;

function stepOutcome(step: StepSummary, run: RunSummary): Outcome | undefined {
  if (step.outcome === 'passed') return undefined;
  const { verdict } = run;
  const message = step.error ?? WHAT_HAPPENED[step.outcome ?? 'none'];
  if (step.outcome === undefined || verdict === undefined || verdict.verdict === 'inconclusive') {
    return { tag: 'error', message };
  }
  const ending = run.invariants
    .flatMap((invariant) => invariant.violations)
    .filter(({ about, step: of }) => (about === 'loss' || about === 'outage') && of === step.name);
  const issues = ending.map((violation) => violation.knownIssue);
  const issue = issues[0] ?? verdict.knownIssue;
  const unexplained = issues.includes(undefined) || issue === undefined;
  return unexplained ? { tag: 'failure', message } : { tag: 'skipped', message: `${message}, ${explained(issue)}` };
}

function invariantCase(invariant: InvariantSummary): TestCase {
  return { name: `${invariant.about}: ${invariant.name}`, time: 0, outcome: violated(invariant.violations) };
}

function violated(violations: readonly ViolationFound[]): Outcome | undefined {
  const first = violations.find((violation) => violation.knownIssue === undefined) ?? violations[0];
  if (first === undefined) return undefined;
  const details = violations
    .flatMap((violation) => [
      `in step "${violation.step}": ${violation.message}${judgedText(violation)}`,
      ...violation.evidence.map((evidence) => `  ${evidenceText(evidence)}`),
    ])
    .join('\n');
  return first.knownIssue === undefined
    ? { tag: 'failure', message: first.message, details }
    : { tag: 'skipped', message: `${first.message}, ${explained(first.knownIssue)}`, details };
}

/** Which entry excuses a violation, or why none does, as far as the journal says it. */
function judgedText({ knownIssue, notExplained }: ViolationFound): string {
  if (knownIssue?.entry !== undefined) return `, excused by ${knownIssue.id} (${knownIssue.entry})`;
  return notExplained === undefined ? '' : `, not excused: ${notExplained}`;
}

function evidenceText(evidence: Evidence): string {
  const circumstances = circumstancesText(evidence);
  const fact = `${evidence.subject}: expected ${evidence.expected}, found ${evidence.found}`;
  return circumstances === '' ? fact : `${fact} (${circumstances})`;
}

function verdictCase(run: RunSummary): TestCase {
  return { name: 'verdict', time: run.seconds, outcome: verdictOutcome(run) };
}

function verdictOutcome(run: RunSummary): Outcome | undefined {
  const { verdict } = run;
  if (verdict === undefined) {
    const why = run.ended === 'interrupted' ? 'the run was interrupted' : 'the journal ends early';
    return { tag: 'error', message: `no verdict: ${why}` };
  }
  const { summary, knownIssue } = verdict;
  if (verdict.verdict === 'inconclusive') return { tag: 'error', message: `inconclusive: ${summary}` };
  if (!verdict.asExpected) {
    const why = verdict.verdict === verdict.expected ? 'not as expected' : `but ${verdict.expected} was expected`;
    return { tag: 'failure', message: `${verdict.verdict}, ${why}: ${summary}` };
  }
  if (verdict.verdict === 'survived') return undefined;
  return {
    tag: 'skipped',
    message: `${verdict.verdict}, as expected: ${summary}${knownIssue === undefined ? '' : `, ${explained(knownIssue)}`}`,
  };
}

function baselineCase({ outcome, lines }: BaselineComparison, { started }: RunSummary): TestCase {
  const message = lines.join('\n');
  const outcomes: Partial<Record<BaselineComparison['outcome'], Outcome>> = {
    worse: { tag: 'failure', message },
    unknown: { tag: 'error', message },
  };
  return { name: `no worse than ${started.baseline}`, time: 0, outcome: outcomes[outcome] };
}
