import { messageOf } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Observation, Violation } from '../invariants/invariant.js';
import type { About, InvariantEvaluated } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { type EndingVerdict, endingVerdictOf, type FoundViolation } from './judgement.js';
import { explanationOf, issueReference, type KnownIssue, type RunKind } from './known-issues.js';
import type { Check } from './scenario.js';

export interface EvaluationOptions extends RunKind {
  readonly journal: Journal;
  readonly knownIssues: readonly KnownIssue[];
}

/** Evaluates invariants and checks, writes the results to the journal, and collects the violations of a run. */
export class Evaluation {
  readonly #options: EvaluationOptions;
  readonly #invariants: readonly Invariant[];
  readonly #violations: FoundViolation[] = [];

  constructor(options: EvaluationOptions, invariants: readonly Invariant[] = INVARIANTS) {
    this.#options = options;
    this.#invariants = invariants;
  }

  /** The violations so far, in the order in which they were found. */
  get violations(): readonly FoundViolation[] {
    return this.#violations;
  }

  /** Evaluates every invariant that applies. @returns the verdict that ends the run, if the violations do. */
  invariants(observation: Observation): EndingVerdict | undefined {
    return this.#evaluate(this.#invariants, observation);
  }

  /** Evaluates the invariants about outage only: the others need more than the journal of a cluster that is down. */
  outages(observation: Observation): EndingVerdict | undefined {
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
      if (this.#record(invariant, observation, invariant.evaluate(observation))) violated.push(invariant.about);
    }
    return endingVerdictOf(violated);
  }

  /** @returns the verdict that ends the run, if the check does. @throws Error that names the check when it throws. */
  check(check: Check, observation: Observation): EndingVerdict | undefined {
    let violation: Violation | undefined;
    try {
      violation = check.evaluate(observation);
    } catch (error) {
      throw new Error(`check "${check.name}": ${messageOf(error)}`, { cause: error });
    }
    return this.#record(check, observation, violation) ? endingVerdictOf([check.about]) : undefined;
  }

  /** @returns whether it is violated. */
  #record(
    { name, about }: Pick<Invariant, 'name' | 'about'>,
    { step }: Observation,
    violation: Violation | undefined,
  ): boolean {
    const { journal, knownIssues, operatorVersion, baseline, scenario } = this.#options;
    if (violation === undefined) {
      journal.write({ type: 'invariant-evaluated', step, invariant: name, about, holds: true });
      return false;
    }
    const { message, evidence } = violation;
    const issue = explanationOf(knownIssues, { operatorVersion, baseline, scenario, invariant: name });
    const event: InvariantEvaluated = {
      type: 'invariant-evaluated',
      step,
      invariant: name,
      about,
      holds: false,
      message,
      evidence,
      ...(issue === undefined ? {} : { knownIssue: issueReference(issue) }),
    };
    journal.write(event);
    this.#violations.push({ invariant: name, about, message });
    return true;
  }
}
