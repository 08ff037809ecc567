import { messageOf } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Observation, Violation } from '../invariants/invariant.js';
import type { InvariantEvaluated } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import type { FoundViolation } from './judgement.js';
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

  /** Evaluates every invariant that applies. @returns whether one about loss is violated. */
  invariants(observation: Observation): boolean {
    let lost = false;
    for (const invariant of this.#invariants) {
      if (!invariant.applies(observation)) continue;
      if (this.#record(invariant, observation, invariant.evaluate(observation))) lost = true;
    }
    return lost;
  }

  /** @returns whether the check is about loss and violated. @throws Error that names the check when it throws. */
  check(check: Check, observation: Observation): boolean {
    let violation: Violation | undefined;
    try {
      violation = check.evaluate(observation);
    } catch (error) {
      throw new Error(`check "${check.name}": ${messageOf(error)}`, { cause: error });
    }
    return this.#record(check, observation, violation);
  }

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
    return about === 'loss';
  }
}
