import { setImmediate as nextTurn } from 'node:timers/promises';
import { asError, givesReason, UsageError, WaitAborted, WaitTimedOut } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Observation } from '../invariants/invariant.js';
import type { Journal } from '../journal/journal.js';
import { listNames } from '../journal/text.js';
import { moreUrgent, type Suspicion, suspect } from './loss-watch.js';
import type { RunEnd } from './run-end.js';
import { type Scenario, type ScenarioContext, ScenarioError, type Step, shownValue } from './scenario.js';
import { catchForgottenRejections, isAwaitable, TrackedCalls } from './tracked-calls.js';

/**
 * How long a step may go on when the run is over. The cluster's gestures and waits end immediately, but the user's own
 * step may wait for something else that never happens.
 */
const STEP_GRACE_MS = 10_000;

/** How a step ended. */
export type Ending =
  | { readonly how: 'passed' }
  | { readonly how: 'suspected'; readonly suspicion: Suspicion }
  | { readonly how: 'timed-out'; readonly error: Error }
  | { readonly how: 'failed'; readonly error: Error };

export interface SupervisorOptions {
  /** For messages. */
  readonly scenario: Pick<Scenario, 'name' | 'file'>;
  readonly journal: Journal;
  readonly end: RunEnd;
  /** Whether a topic must be there: its deletion is a suspected loss. */
  readonly isExpected: (topic: string) => boolean;
  /** What can be observed without a snapshot, while a step runs. */
  readonly glance: (step: string) => Promise<Observation>;
  /** What the journal alone shows, while a step runs. */
  readonly recall: (step: string) => Observation;
}

/** Runs steps, and ends one early when a loss or an outage is seen while it runs. */
export class StepSupervisor {
  readonly #options: SupervisorOptions;
  readonly #endsWaits: readonly Invariant[];
  readonly #unwatch: () => void;
  readonly #uncatch: () => void;
  #suspicion: Suspicion | undefined;
  #wake: (() => void) | undefined;

  constructor(options: SupervisorOptions, invariants: readonly Invariant[] = INVARIANTS) {
    this.#options = options;
    this.#endsWaits = invariants.filter(({ endsWaits }) => endsWaits === true);
    this.#uncatch = catchForgottenRejections(process);
    this.#unwatch = options.journal.listen((event) => {
      const suspicion = suspect(event, options.isExpected);
      if (suspicion === undefined) return;
      this.#suspicion = moreUrgent(this.#suspicion, suspicion);
      this.#wake?.();
    });
  }

  /** Stops watching the journal, and the promises of the steps. */
  close(): void {
    this.#unwatch();
    this.#uncatch();
  }

  /** Removes and returns the suspicion, if there is one, that topics were deleted since the last step ended. */
  takeDeletion(): Suspicion | undefined {
    const suspicion = this.#suspicion;
    if (suspicion?.kind !== 'topics-deleted') return undefined;
    this.#suspicion = undefined;
    return suspicion;
  }

  /**
   * Runs a step until it ends, or until a suspicion that ends it is confirmed.
   * @throws UsageError when the scenario itself is wrong.
   */
  async run(step: Step, context: ScenarioContext): Promise<Ending> {
    const { end } = this.#options;
    const running = this.#withGrace(
      step,
      this.#start(step, context).then(
        () => ({ how: 'passed' }),
        (error: unknown) => this.#endingOf(step, error),
      ),
    );
    for (;;) {
      const suspected = new Promise<'suspected'>((resolve) => {
        this.#wake = () => resolve('suspected');
        if (this.#suspicion !== undefined) resolve('suspected');
      });
      const ended = await Promise.race([running, suspected]);
      this.#wake = undefined;
      if (ended !== 'suspected') return ended;
      const suspicion = this.#suspicion;
      this.#suspicion = undefined;
      if (suspicion === undefined) continue;
      const seen = suspicion.kind === 'topics-deleted' || (await this.#violatesEndsWaits(step, suspicion));
      if (seen === false) continue;
      end.abort(seen === true ? new WaitAborted('a loss or an outage was seen') : seen);
      await running;
      return seen === true ? { how: 'suspected', suspicion } : { how: 'failed', error: end.failure ?? seen };
    }
  }

  /**
   * @throws ScenarioError when the step does not return a promise (its end could not be awaited), or has not awaited
   * everything that it began: what it did is not what it says.
   */
  async #start(step: Step, { cluster, topics, faults }: ScenarioContext): Promise<void> {
    const calls = new TrackedCalls();
    try {
      const returned: unknown = step.run({
        cluster: calls.track('cluster', cluster),
        topics: calls.track('topics', topics),
        faults: calls.track('faults', faults),
      });
      if (!isAwaitable(returned)) {
        const advice = 'Make it an async function that awaits each gesture.';
        throw this.#wrong(step, `the step returned ${shownValue(returned)} instead of a promise. ${advice}`);
      }
      await returned;
      // Node.js now reports the rejections that no code handles.
      await nextTurn();
      // When the run is over, waits that go on are not the step's fault.
      if (!this.#options.end.signal.aborted) this.#refuseForgotten(step, calls.forgotten());
    } finally {
      calls.close();
    }
  }

  #refuseForgotten(step: Step, [first, ...more]: readonly string[]): void {
    if (first === undefined) return;
    const others = more.length === 0 ? '' : ` (nor ${listNames(more)})`;
    throw this.#wrong(
      step,
      `the step did not await ${first}${others}. Write "await" before every gesture, and before every function that makes one.`,
    );
  }

  #wrong(step: Step, message: string, options?: ErrorOptions): ScenarioError {
    return new ScenarioError(this.#options.scenario, step, message, options);
  }

  /** How the step ended; a failure if it has not ended STEP_GRACE_MS after the run was over. */
  async #withGrace(step: Step, ending: Promise<Ending>): Promise<Ending> {
    const { signal } = this.#options.end;
    let timer: NodeJS.Timeout | undefined;
    let begin: () => void = () => undefined;
    const overdue = new Promise<Ending>((resolve) => {
      const error = new Error(
        `did not end within ${STEP_GRACE_MS / 1000} s after the run was over: "${step.name}" waits for something that the run cannot cancel`,
      );
      begin = () => {
        timer = setTimeout(() => resolve({ how: 'failed', error }), STEP_GRACE_MS);
      };
      if (signal.aborted) begin();
      else signal.addEventListener('abort', begin);
    });
    try {
      return await Promise.race([ending, overdue]);
    } finally {
      signal.removeEventListener('abort', begin);
      clearTimeout(timer);
    }
  }

  /** Whether an invariant that ends waits is already violated; the error if the cluster cannot be observed. */
  async #violatesEndsWaits(step: Step, { kind }: Suspicion): Promise<boolean | Error> {
    const { glance, recall } = this.#options;
    let observation: Observation;
    try {
      // The node that ended may be the one that would have to answer.
      observation = kind === 'node-ended' ? recall(step.name) : await glance(step.name);
    } catch (error) {
      return asError(error);
    }
    return this.#endsWaits.some(
      (invariant) => invariant.applies(observation) && invariant.evaluate(observation) !== undefined,
    );
  }

  /** How a step ended whose promise was rejected. @throws UsageError if the scenario itself is wrong. */
  #endingOf(step: Step, error: unknown): Ending {
    const { failure } = this.#options.end;
    if (failure !== undefined) return { how: 'failed', error: failure };
    if (error instanceof ScenarioError) throw error;
    if (error instanceof UsageError) throw this.#wrong(step, error.message, { cause: error });
    if (!givesReason(error)) {
      throw this.#wrong(step, `the step threw ${shownValue(error)}. Throw an Error that says what went wrong.`);
    }
    const cause = asError(error);
    return cause instanceof WaitTimedOut ? { how: 'timed-out', error: cause } : { how: 'failed', error: cause };
  }
}
