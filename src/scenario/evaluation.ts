import { z } from 'zod';
import { givesReason, messageOf, UsageError } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Observation, Violation } from '../invariants/invariant.js';
import { circumstancesOf } from '../journal/circumstances.js';
import type { About, InvariantEvaluated } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { EVIDENCE } from '../journal/schema.js';
import { type EndingVerdict, endingVerdictOf, type FoundViolation } from './judgement.js';
import { explanationOf, issueReference, type KnownIssue, type RunKind } from './known-issues.js';
import type { RecordObservation } from './observation-record.js';
import { type Check, shownValue } from './scenario.js';
import { isAwaitable } from './tracked-calls.js';

export interface EvaluationOptions extends RunKind {
  readonly journal: Journal;
  readonly knownIssues: readonly KnownIssue[];
  /** Writes what is about to be judged to the journal. */
  readonly record: RecordObservation;
}

/** Evaluates invariants and checks, writes the results to the journal, and collects the violations of a run. */
export class Evaluation {
  readonly #options: EvaluationOptions;
  readonly #invariants: readonly Invariant[];
  readonly #violations: FoundViolation[] = [];
  #applied = false;

  constructor(options: EvaluationOptions, invariants: readonly Invariant[] = INVARIANTS) {
    this.#options = options;
    this.#invariants = invariants;
  }

  /** The violations so far, in the order in which they were found. */
  get violations(): readonly FoundViolation[] {
    return this.#violations;
  }

  /**
   * Whether an invariant has applied. If none has, nothing about the cluster was checked: a scenario's own checks alone do
   * not show that a cluster survived.
   */
  get applied(): boolean {
    return this.#applied;
  }

  /** Evaluates every invariant that applies. @returns the verdict that ends the run, if the violations do. */
  invariants(observation: Observation): EndingVerdict | undefined {
    this.#options.record(observation);
    return this.#evaluate(this.#invariants, observation);
  }

  /** Evaluates the invariants about outage only: the others need more than the journal of a cluster that is down. */
  outages(observation: Observation): EndingVerdict | undefined {
    this.#options.record(observation, 'outage');
    return this.#evaluate(this.#aboutOutage(), observation);
  }

  /** Whether an invariant about outage is violated. Nothing is reported. */
  showsOutage(observation: Observation): boolean {
    return this.#aboutOutage().some(
      (invariant) => invariant.applies(observation) && invariant.evaluate(observation) !== undefined,
    );
  }

  #aboutOutage(): readonly Invariant[] {
    return this.#invariants.filter(({ about }) => about === 'outage');
  }

  #evaluate(invariants: readonly Invariant[], observation: Observation): EndingVerdict | undefined {
    const violated: About[] = [];
    for (const invariant of invariants) {
      if (!invariant.applies(observation)) continue;
      this.#applied = true;
      if (this.#record(invariant, observation, invariant.evaluate(observation))) violated.push(invariant.about);
    }
    return endingVerdictOf(violated);
  }

  /**
   * @returns the verdict that ends the run, if the check does.
   * @throws Error that names the check when it throws; UsageError when what it returns or throws says nothing.
   */
  check(check: Check, observation: Observation): EndingVerdict | undefined {
    let returned: unknown;
    try {
      returned = check.evaluate(observation);
    } catch (error) {
      if (!givesReason(error)) {
        throw new UsageError(`the check threw ${shownValue(error)}. Throw an Error that says what went wrong.`);
      }
      throw new Error(`check "${check.name}": ${messageOf(error)}`, { cause: error });
    }
    return this.#record(check, observation, violationOf(returned)) ? endingVerdictOf([check.about]) : undefined;
  }

  /** @returns whether it is violated. */
  #record(
    { name, about }: Pick<Invariant, 'name' | 'about'>,
    { step }: Observation,
    violation: Violation | undefined,
  ): boolean {
    const { journal, knownIssues, operatorVersion, kafkaVersion, baseline, scenario } = this.#options;
    if (violation === undefined) {
      journal.write({ type: 'invariant-evaluated', step, invariant: name, about, holds: true });
      return false;
    }
    const { message, evidence } = violation;
    const explanation = explanationOf(knownIssues, {
      operatorVersion,
      kafkaVersion,
      baseline,
      scenario,
      invariant: name,
      step,
      ...circumstancesOf(evidence, journal.events()),
    });
    const { issue } = explanation;
    const why = issue === undefined ? explanation.why : undefined;
    const event: InvariantEvaluated = {
      type: 'invariant-evaluated',
      step,
      invariant: name,
      about,
      holds: false,
      message,
      evidence,
      ...(issue === undefined ? {} : { knownIssue: issueReference(issue) }),
      ...(why === undefined ? {} : { notExplained: why }),
    };
    journal.write(event);
    this.#violations.push({
      invariant: name,
      about,
      message,
      ...(issue === undefined ? {} : { knownIssue: issue }),
      ...(why === undefined ? {} : { notExplained: why }),
    });
    return true;
  }
}

const VIOLATION = z.looseObject({
  message: z.string().regex(/\S/, 'must not be empty'),
  evidence: z.array(EVIDENCE).min(1),
});

const WHAT_A_CHECK_RETURNS =
  'It returns undefined if it holds, and otherwise { message, evidence: [{ subject, expected, found }] }.';

/** What a check found. @throws UsageError when it is neither undefined nor a violation that can be reported. */
function violationOf(returned: unknown): Violation | undefined {
  if (returned === undefined) return undefined;
  if (isAwaitable(returned)) {
    // It is not awaited, so its rejection must not end the process.
    returned.then(undefined, () => undefined);
    throw new UsageError(`the check returned a promise. A check must not be async. ${WHAT_A_CHECK_RETURNS}`);
  }
  const violation = VIOLATION.safeParse(returned);
  if (violation.success) return violation.data;
  const problems =
    typeof returned === 'object' && returned !== null ? `:\n${z.prettifyError(violation.error)}\n` : '. ';
  throw new UsageError(`the check returned ${shownValue(returned)}${problems}${WHAT_A_CHECK_RETURNS}`);
}
