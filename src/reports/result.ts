import type { BaselineComparison } from '../comparison/baseline.js';
import type { About, Evidence, KnownIssueReference, Parts, RunStarted, StepEnded, Verdict } from '../journal/events.js';
import { type RunSummary, summarise } from '../journal/summary.js';
import { writeReport } from './report-file.js';
import type { Reporter, RunReport } from './reporter.js';

/** Raised by a change that a reader of `result.json` would misread; not raised by a new field. */
export const RESULT_VERSION = 1;

export const RESULT_FILE = 'result.json';

/** The content of `result.json`. Times are seconds since the start of their run. */
export interface Result {
  readonly resultVersion: number;
  readonly runs: readonly RunResult[];
}

/** A piece of evidence as in `result.json`, without the fields that only remigrate itself uses. */
export type ResultEvidence = Omit<Evidence, 'lost' | 'where' | 'noteInMessage'>;

export interface RunResult {
  readonly run: string;
  readonly scenario: string;
  readonly operatorVersion: string;
  /** Of a candidate: the version that it is compared with. */
  readonly baseline: string | null;
  /** null: the run is not a candidate's. */
  readonly against: { readonly outcome: BaselineComparison['outcome']; readonly text: string } | null;
  readonly kafkaVersion: string;
  readonly topology: RunStarted['topology'];
  /** Which parts were real, and which replayed. */
  readonly parts: Pick<Parts, 'environment' | 'operator' | 'kafka'>;
  /** Wall clock of second 0, ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  /** null: the run has none, because it was interrupted or its journal ends early. */
  readonly verdict: Verdict | null;
  readonly expected: Verdict | null;
  readonly asExpected: boolean;
  readonly summary: string | null;
  readonly knownIssue: KnownIssueReference | null;
  /** How many evaluations of invariants and checks there were; 0: nothing was checked. */
  readonly checks: number;
  /** When the first loss was seen; null: nothing was lost. */
  readonly firstLossAt: number | null;
  readonly ended: 'completed' | 'interrupted' | null;
  readonly steps: readonly {
    readonly name: string;
    readonly startedAt: number;
    readonly endedAt: number | null;
    readonly outcome: StepEnded['outcome'] | null;
    readonly error: string | null;
  }[];
  readonly invariants: readonly {
    readonly name: string;
    readonly about: About;
    readonly steps: readonly string[];
    readonly violations: readonly {
      readonly step: string;
      readonly at: number;
      readonly message: string;
      readonly evidence: readonly ResultEvidence[];
      /** The entry that excuses it. */
      readonly knownIssue: KnownIssueReference | null;
      /** Why the known issue that is about this invariant does not excuse it. */
      readonly notExplained?: string;
    }[];
  }[];
}

/** Makes the content of `result.json` from all runs, in the given order. */
export function toResult(runs: readonly RunReport[]): Result {
  return {
    resultVersion: RESULT_VERSION,
    runs: runs.map(({ events, baseline }) => runResult(summarise(events), baseline)),
  };
}

/** The text of `result.json`. */
export function renderResult(runs: readonly RunReport[]): string {
  return `${JSON.stringify(toResult(runs), null, 2)}\n`;
}

/** Writes `result.json` at the end. */
export function createResultReporter(folder: string): Reporter {
  return { onEnd: (runs) => writeReport(folder, RESULT_FILE, renderResult(runs)) };
}

function runResult(run: RunSummary, comparison: BaselineComparison | undefined): RunResult {
  const { started, verdict } = run;
  return {
    run: started.run,
    scenario: started.scenario,
    operatorVersion: started.operatorVersion,
    baseline: started.baseline ?? null,
    against: comparison === undefined ? null : { outcome: comparison.outcome, text: comparison.lines.join('\n') },
    kafkaVersion: started.kafkaVersion,
    topology: started.topology,
    parts: { environment: started.parts.environment, operator: started.parts.operator, kafka: started.parts.kafka },
    startedAt: started.startedAt,
    seconds: run.seconds,
    verdict: verdict?.verdict ?? null,
    expected: verdict?.expected ?? null,
    asExpected: verdict?.asExpected ?? false,
    summary: verdict?.summary ?? null,
    knownIssue: verdict?.knownIssue ?? null,
    checks: run.checks,
    firstLossAt: run.loss?.t ?? null,
    ended: run.ended ?? null,
    steps: run.steps.map((step) => ({
      name: step.name,
      startedAt: step.startedAt,
      endedAt: step.endedAt ?? null,
      outcome: step.outcome ?? null,
      error: step.error ?? null,
    })),
    invariants: run.invariants.map((invariant) => ({
      name: invariant.name,
      about: invariant.about,
      steps: invariant.steps,
      violations: invariant.violations.map((violation) => ({
        step: violation.step,
        at: violation.t,
        message: violation.message,
        evidence: violation.evidence.map(
          ({ lost: _lost, where: _where, noteInMessage: _noteInMessage, ...rest }) => rest,
        ),
        knownIssue: violation.knownIssue ?? null,
        ...(violation.notExplained === undefined ? {} : { notExplained: violation.notExplained }),
      })),
    })),
  };
}
