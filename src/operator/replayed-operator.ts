import { asError, EnvironmentError, WaitAborted } from '../errors.js';
import type { Journal } from '../journal/journal.js';
import type { KafkaMetadataState } from '../strimzi/migration-state.js';
import { Listeners } from '../waiting/listeners.js';
import { waitUntil } from '../waiting/wait.js';
import { executePass, PassFailed } from './executor.js';
import { type DesiredCluster, type ObservedCluster, planPass } from './planner.js';
import { nodeImage, type OperatorProfile } from './profile.js';
import type { ReplayTarget } from './replay-target.js';

export interface ReplayedOperatorOptions {
  readonly profile: OperatorProfile;
  /** `spec.kafka.version`. */
  readonly kafkaVersion: string;
  readonly desired: DesiredCluster;
  readonly target: ReplayTarget;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /**
   * STRIMZI_FULL_RECONCILIATION_INTERVAL_MS: the operator reconciles again after this time if nothing else triggers it.
   */
  readonly reconciliationIntervalMs: number;
  /** How long one action of a pass may take, in milliseconds: the operator's process ends after it. */
  readonly restartDeadlineMs: number;
  /** Called with the error that stops the operator: a node that did not start, a bug. Not for a failed pass. */
  readonly failed: (error: Error) => void;
}

/**
 * The replayed operator: reconciles again and again, as Strimzi's does. The planner decides, the target acts.
 *
 * A pass is triggered by a change of the user's resources, by the change of the status at the end of the pass before,
 * and by the periodic timer (strimzi 0.45.1 `AbstractOperator.java:513-522`). One thing differs from Strimzi: while it
 * waits for the migration, it reconciles as soon as the value that it reads has changed, and not only by the timer.
 */
export class ReplayedOperator {
  readonly #options: ReplayedOperatorOptions;
  readonly #listeners = new Listeners();
  #profile: OperatorProfile;
  #desired: DesiredCluster;
  #state: KafkaMetadataState | undefined;
  #triggers = 0;
  #seen = -1;
  #pass = 0;
  /** The state in which the last pass began and ended; undefined if it changed the state, failed, or is running. */
  #settled: KafkaMetadataState | undefined;
  #loop: Promise<void> | undefined;
  /** Of the operator's process: aborted when it ends. */
  #life = new AbortController();

  constructor(options: ReplayedOperatorOptions) {
    this.#options = options;
    this.#profile = options.profile;
    this.#desired = options.desired;
  }

  get profile(): OperatorProfile {
    return this.#profile;
  }

  get desired(): DesiredCluster {
    return this.#desired;
  }

  state(): KafkaMetadataState | undefined {
    return this.#state;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** A change of the user's resources: triggers a pass. */
  change(change: (desired: DesiredCluster) => DesiredCluster): void {
    this.#desired = change(this.#desired);
    this.#trigger();
  }

  upgrade(profile: OperatorProfile): void {
    this.#profile = profile;
    this.#trigger();
  }

  /**
   * The operator's process ends, between two actions of a pass if one is running, and another one takes over: it begins
   * with a new pass.
   * @throws EnvironmentError if the operator was never started. @throws WaitTimedOut, WaitAborted.
   */
  async restart(): Promise<void> {
    const { journal, signal, restartDeadlineMs } = this.#options;
    if (this.#loop === undefined) throw new EnvironmentError('The operator cannot be restarted before the deployment.');
    const restarts = journal.ofType('operator-restarted').length;
    this.#life.abort();
    this.#trigger();
    await waitUntil(
      { what: 'the operator to be restarted', timeoutMs: restartDeadlineMs, signal },
      (wake) => this.#listeners.add(wake),
      () => (journal.ofType('operator-restarted').length > restarts ? true : undefined),
    );
  }

  /**
   * Waits until the state is this one and a whole pass has begun and ended in it. Then everything that the pass before
   * started is done, and the last pass changed nothing (docs/behaviour.md#rollback-znodes describes the race).
   */
  async waitForState(state: KafkaMetadataState, timeoutMs: number): Promise<void> {
    await waitUntil(
      {
        what: () => `the state ${state} (it is ${this.#state ?? 'none yet'})`,
        timeoutMs,
        signal: this.#options.signal,
      },
      (wake) => this.#listeners.add(wake),
      () => (this.#settled === state && this.#seen === this.#triggers ? true : undefined),
    );
  }

  /** Waits until the operator has seen that the user has paused the reconciliation. @throws WaitTimedOut, WaitAborted. */
  async waitUntilPaused(timeoutMs: number): Promise<void> {
    await waitUntil(
      { what: 'the operator to pause the reconciliation', timeoutMs, signal: this.#options.signal },
      (wake) => this.#listeners.add(wake),
      () => (this.#state === undefined && this.#seen === this.#triggers ? true : undefined),
    );
  }

  /** Resolves when no pass is running any more. The signal of the run must be aborted. */
  async stopped(): Promise<void> {
    await this.#loop;
  }

  #takeOver(): void {
    this.#life = new AbortController();
    this.#options.journal.write({ type: 'operator-restarted' });
    this.#listeners.notify();
  }

  #trigger(): void {
    this.#triggers += 1;
    this.#listeners.notify();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    try {
      for (;;) {
        await this.#reconcile();
        await this.#nextTrigger();
      }
    } catch (error) {
      if (signal.aborted || error instanceof WaitAborted) return;
      this.#options.failed(asError(error));
    }
  }

  async #nextTrigger(): Promise<void> {
    const { signal, journal, reconciliationIntervalMs } = this.#options;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        unsubscribe();
        unlisten();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, reconciliationIntervalMs);
      const unsubscribe = this.#listeners.add(() => {
        if (this.#triggers !== this.#seen) finish();
      });
      const unlisten = journal.listen((event) => {
        if (
          this.#state === 'KRaftMigration' &&
          event.type === 'controller-log' &&
          event.zkMigrationState !== undefined
        ) {
          finish();
        }
      });
      signal.addEventListener('abort', finish);
      if (signal.aborted || this.#triggers !== this.#seen) finish();
    });
    signal.throwIfAborted();
  }

  async #reconcile(): Promise<void> {
    const { journal, target, signal, kafkaVersion } = this.#options;
    this.#seen = this.#triggers;
    this.#settled = undefined;
    if (this.#life.signal.aborted) this.#takeOver();
    if (this.#desired.paused === true) {
      // A paused resource gets a new status, without the state (Strimzi 0.45.1 AbstractOperator.java:227-243,
      // KafkaAssemblyOperator.java:880-889).
      this.#state = undefined;
      this.#listeners.notify();
      return;
    }
    const plan = planPass({
      profile: this.#profile,
      image: nodeImage(this.#profile, kafkaVersion),
      status: this.#state,
      desired: this.#desired,
      observed: observe(target),
    });
    const pass = ++this.#pass;
    journal.write({
      type: 'pass-started',
      pass,
      state: this.#state ?? null,
      annotation: plan.annotation,
      configurationState: plan.configurationState ?? null,
    });
    try {
      const reached = await executePass(plan, target, journal, AbortSignal.any([signal, this.#life.signal]));
      const warnings = plan.end.type === 'set-state' ? plan.end.warnings : [];
      journal.write({ type: 'pass-ended', pass, outcome: 'reconciled', ...(warnings.length > 0 ? { warnings } : {}) });
      if (reached !== this.#state) {
        journal.write({ type: 'state-changed', from: this.#state ?? null, to: reached, annotation: plan.annotation });
        this.#state = reached;
        // The status has changed, which triggers the next pass immediately.
        this.#triggers += 1;
      } else this.#settled = reached;
    } catch (error) {
      // The pass of a process that has ended has no end.
      if (this.#life.signal.aborted && !signal.aborted && isAbandonment(error)) return;
      if (!(error instanceof PassFailed)) throw error;
      journal.write({ type: 'pass-ended', pass, outcome: 'failed', reason: error.reason, message: error.message });
    }
    this.#listeners.notify();
  }
}

/** Whether a pass ended with this because it was abandoned, or would have failed: not because of a bug or the machine. */
function isAbandonment(error: unknown): boolean {
  if (error instanceof WaitAborted || error instanceof PassFailed) return true;
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}

function observe(target: ReplayTarget): ObservedCluster {
  const nodes = target.nodes();
  const kafkaNodes = (role: 'broker' | 'controller') =>
    nodes
      .filter((node) => node.role === role)
      .flatMap(({ nodeId, configurationState, image, ready, updatedSinceStart }) =>
        configurationState === null ? [] : [{ nodeId, configurationState, image, ready, updatedSinceStart }],
      );
  return {
    zookeepers: nodes
      .filter((node) => node.role === 'zookeeper')
      .map(({ nodeId, image, ready }) => ({ nodeId, image, ready })),
    brokers: kafkaNodes('broker'),
    controllers: kafkaNodes('controller'),
  };
}
