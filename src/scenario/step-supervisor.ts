import { asError, UsageError, WaitAborted, WaitTimedOut } from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Observation } from '../invariants/invariant.js';
import type { Journal } from '../journal/journal.js';
import { moreUrgent, type Suspicion, suspect } from './loss-watch.js';
import type { RunEnd } from './run-end.js';
import type { ScenarioContext, Step } from './scenario.js';
import { TrackedCalls } from './tracked-calls.js';

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
  /** The name of the scenario, for messages. */
  readonly scenario: string;
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
  #suspicion: Suspicion | undefined;
  #wake: (() => void) | undefined;

  constructor(options: SupervisorOptions, invariants: readonly Invariant[] = INVARIANTS) {
    this.#options = options;
    this.#endsWaits = invariants.filter(({ endsWaits }) => endsWaits === true);
    this.#unwatch = options.journal.listen((event) => {
      const suspicion = suspect(event, options.isExpected);
      if (suspicion === undefined) return;
      this.#suspicion = moreUrgent(this.#suspicion, suspicion);
      this.#wake?.();
    });
  }

  /** Stops watching the journal. */
  close(): void {
    this.#unwatch();
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
        (error: unknown) => this.#endingOf(error),
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

  /** @throws UsageError when the step does not return a promise: its end could not be awaited. */
  async #start(step: Step, { cluster, topics }: ScenarioContext): Promise<void> {
    const calls = new TrackedCalls();
    const returned: unknown = step.run({ cluster: calls.track(cluster), topics: calls.track(topics) });
    if (!isAwaitable(returned)) {
      calls.abandon();
      throw new UsageError(
        `scenario ${this.#options.scenario}, step "${step.name}": the step returned ${shown(returned)} instead of a promise. ` +
          'Make it an async function that awaits each gesture.',
      );
    }
    await returned;
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
  #endingOf(error: unknown): Ending {
    const { failure } = this.#options.end;
    if (failure !== undefined) return { how: 'failed', error: failure };
    if (error instanceof UsageError) throw error;
    const cause = asError(error);
    return cause instanceof WaitTimedOut ? { how: 'timed-out', error: cause } : { how: 'failed', error: cause };
  }
}

function isAwaitable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** A value as a message shows it: `undefined`, `7`, `an object`. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
