import type { Cluster } from '../cluster/cluster.js';
import type { Environment, RunWorkspace } from '../cluster/environment.js';
import {
  asError,
  EnvironmentError,
  messageOf,
  RemigrateError,
  UsageError,
  WaitAborted,
  WaitTimedOut,
} from '../errors.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Observation } from '../invariants/invariant.js';
import { type InvariantEvaluated, JOURNAL_VERSION, type Verdict } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { Clients, type ClientsOptions } from '../metadata/seeding.js';
import type { TopicSet } from '../metadata/topic-sets.js';
import type { Topology } from '../strimzi/topology.js';
import { type FoundViolation, type Judgement, judge } from './judgement.js';
import { explanationOf, issueReference, type KnownIssue } from './known-issues.js';
import { extentKnown, type Suspicion, suspect } from './loss-watch.js';
import { Observer, type RunObserver } from './observer.js';
import { RunTopics, type TopicClients } from './run-topics.js';
import type { Check, Scenario, Step } from './scenario.js';

export interface RunRequest {
  /** Names the run in journals and folders. */
  readonly run: string;
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly operatorVersion: string;
  /** Of a candidate: the version that it is held against. */
  readonly baseline?: string | undefined;
  readonly kafkaVersion: string;
  readonly topology: Topology;
  readonly topicSet: TopicSet;
  readonly knownIssues: readonly KnownIssue[];
  readonly strict: boolean;
  readonly journal: Journal;
  /** Aborted when the user wants out. */
  readonly interrupt: AbortSignal;
  /** Deadline of one wait for a state, in milliseconds. */
  readonly stateTimeoutMs: number;
  readonly workspace: RunWorkspace;
}

export interface RunOutcome {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
}

/** What a run looks at its cluster with, and acts on it as Kafka's clients. */
export interface Instruments {
  /** @param signal ends its waits. @param folder where it leaves its snapshots. */
  observer(cluster: Cluster, journal: Journal, signal: AbortSignal, folder: string): RunObserver;
  clients(options: ClientsOptions): TopicClients;
}

const INSTRUMENTS: Instruments = {
  observer: (cluster, journal, signal, folder) => new Observer(cluster, journal, signal, folder),
  clients: (options) => new Clients(options),
};

/**
 * How long a step may go on when the run is over. A cluster's gestures and waits end at once then; what else a step of
 * the user's own waits for may never come.
 */
const STEP_GRACE_MS = 10_000;

/** How a step ended. */
type Ending =
  | { readonly how: 'passed' }
  | { readonly how: 'suspected'; readonly suspicion: Suspicion }
  | { readonly how: 'timed-out'; readonly error: Error }
  | { readonly how: 'failed'; readonly error: Error };

/**
 * Runs one scenario once: its steps one after another, and after each a metadata snapshot and every invariant that
 * applies. A loss ends the run; residue and conduct do not. Ends by itself, leaves nothing behind, and rejects only for
 * a bug of its own or a UsageError: whatever the cluster does becomes a verdict.
 */
export async function runScenario(request: RunRequest, instruments: Instruments = INSTRUMENTS): Promise<RunOutcome> {
  return new Run(request, instruments).run();
}

class Run {
  readonly #request: RunRequest;
  readonly #instruments: Instruments;
  readonly #journal: Journal;
  /** Ends the cluster's waits: a loss, a failure or the user's wish. */
  readonly #over = new AbortController();
  readonly #violations: FoundViolation[] = [];
  #failure: Error | undefined;
  #suspicion: Suspicion | undefined;
  #wake: (() => void) | undefined;

  constructor(request: RunRequest, instruments: Instruments) {
    this.#request = request;
    this.#instruments = instruments;
    this.#journal = request.journal;
  }

  async run(): Promise<RunOutcome> {
    const { scenario, environment, interrupt } = this.#request;
    this.#begin();
    const stop = (): void => this.#over.abort(interrupt.reason);
    interrupt.addEventListener('abort', stop);
    if (interrupt.aborted) stop();
    let cluster: Cluster | undefined;
    let observer: RunObserver | undefined;
    let verdict: { verdict: Verdict; reason?: string; step?: string };
    try {
      cluster = await environment.create({
        run: this.#request.run,
        workspace: this.#request.workspace,
        operatorVersion: this.#request.operatorVersion,
        kafkaVersion: this.#request.kafkaVersion,
        topology: this.#request.topology,
        journal: this.#journal,
        signal: this.#over.signal,
        stateTimeoutMs: this.#request.stateTimeoutMs,
        failed: (error) => this.#fail(error),
      });
      observer = this.#instruments.observer(cluster, this.#journal, interrupt, this.#request.workspace.results);
      verdict = await this.#steps(scenario, cluster, observer);
    } catch (error) {
      if (error instanceof RemigrateError && error.exitCode === 2) throw error;
      verdict = { verdict: 'inconclusive', reason: messageOf(error) };
    } finally {
      interrupt.removeEventListener('abort', stop);
      this.#over.abort(new WaitAborted('the run is over'));
      try {
        await observer?.close();
      } finally {
        await cluster?.close({ hurry: interrupt.aborted });
      }
    }
    return this.#end(verdict);
  }

  #begin(): void {
    const { run, scenario, environment, operatorVersion, baseline, kafkaVersion, topology } = this.#request;
    this.#journal.write({
      type: 'run-started',
      journalVersion: JOURNAL_VERSION,
      run,
      scenario: scenario.name,
      title: scenario.title,
      operatorVersion,
      ...(baseline === undefined ? {} : { baseline }),
      kafkaVersion,
      topology,
      parts: environment.parts,
      cluster: environment.namesOf(this.#request.workspace),
      startedAt: new Date().toISOString(),
    });
  }

  #fail(error: Error): void {
    if (this.#over.signal.aborted) return;
    this.#failure ??= error;
    this.#over.abort(error);
  }

  async #steps(
    scenario: Scenario,
    cluster: Cluster,
    observer: RunObserver,
  ): Promise<{ verdict: Verdict; reason?: string; step?: string }> {
    const topics = new RunTopics(
      cluster,
      this.#request.topicSet,
      this.#journal,
      this.#over.signal,
      () => observer.authoritative(),
      (options) => this.#instruments.clients(options),
    );
    const unwatch = this.#watch(topics);
    try {
      let last: Observation | undefined;
      for (const [index, element] of scenario.steps.entries()) {
        if (element.kind === 'check') {
          if (last !== undefined && this.#check(element, last)) return { verdict: 'lost', step: last.step };
          continue;
        }
        this.#journal.write({ type: 'step-started', step: element.name, index });
        const ending = await this.#step(element, cluster, topics, observer);
        this.#journal.write({ type: 'step-ran', step: element.name });
        const judged = await this.#judgeStep(element, ending, observer, topics);
        if (judged.verdict !== undefined) return { ...judged.verdict, step: element.name };
        last = judged.observation;
      }
      return { verdict: 'survived' };
    } finally {
      unwatch();
    }
  }

  #watch(topics: RunTopics): () => void {
    return this.#journal.listen((event) => {
      if (this.#suspicion?.kind === 'topics-deleted') return;
      const suspicion = suspect(event, (topic) => topics.isExpected(topic));
      if (suspicion === undefined) return;
      this.#suspicion = suspicion;
      this.#wake?.();
    });
  }

  /** Runs a step until it ends, or until a suspicion is confirmed that ends it. */
  async #step(step: Step, cluster: Cluster, topics: RunTopics, observer: RunObserver): Promise<Ending> {
    const running = this.#withGrace(
      step,
      step.run({ cluster, topics }).then(
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
      const seen = suspicion.kind === 'topics-deleted' || (await this.#isStuck(step, observer, topics));
      if (seen === false) continue;
      this.#over.abort(seen === true ? new WaitAborted('a loss was seen') : seen);
      await running;
      return seen === true ? { how: 'suspected', suspicion } : { how: 'failed', error: this.#failure ?? seen };
    }
  }

  /** The step's ending, or that there was none although the run was over. */
  async #withGrace(step: Step, ending: Promise<Ending>): Promise<Ending> {
    const { signal } = this.#over;
    let timer: NodeJS.Timeout | undefined;
    let begin: () => void = () => undefined;
    const overdue = new Promise<Ending>((resolve) => {
      const error = new Error(
        `did not end within ${STEP_GRACE_MS / 1000} s after the run was over: "${step.name}" waits for something that the run can't end`,
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

  /** Whether the sync that has begun can never end: what can be told of it without a snapshot, or why nothing can. */
  async #isStuck(step: Step, observer: RunObserver, topics: RunTopics): Promise<boolean | Error> {
    let observation: Observation;
    try {
      observation = await observer.glance(step.name, topics);
    } catch (error) {
      return asError(error);
    }
    return INVARIANTS.some(
      (invariant) =>
        invariant.name === 'migration-completes' &&
        invariant.applies(observation) &&
        invariant.evaluate(observation) !== undefined,
    );
  }

  /** How a step ended that was rejected. @throws UsageError: its author has something to mend. */
  #endingOf(error: unknown): Ending {
    if (this.#failure !== undefined) return { how: 'failed', error: this.#failure };
    if (error instanceof UsageError) throw error;
    const failure = asError(error);
    return failure instanceof WaitTimedOut ? { how: 'timed-out', error: failure } : { how: 'failed', error: failure };
  }

  async #judgeStep(
    step: Step,
    ending: Ending,
    observer: RunObserver,
    topics: RunTopics,
  ): Promise<{ observation?: Observation; verdict?: { verdict: Verdict; reason?: string } }> {
    const { interrupt } = this.#request;
    if (interrupt.aborted) return this.#failedStep(step, new Error('interrupted by the user'));
    if (ending.how === 'failed') return this.#failedStep(step, ending.error);
    // A step may pass although a node died in it: it did not need that node any more.
    if (ending.how === 'passed' && this.#failure !== undefined) return this.#failedStep(step, this.#failure);
    if (ending.how === 'suspected' && ending.suspicion.kind === 'topics-deleted') {
      await extentKnown(this.#journal, interrupt);
    }
    const moment = { passed: 'ended', suspected: 'aborted', 'timed-out': 'timed-out' } as const;
    let observation: Observation;
    try {
      observation = await observer.observe(step.name, moment[ending.how], topics);
    } catch (error) {
      return this.#failedStep(step, this.#failure ?? asError(error));
    }
    const lost = this.#evaluate(observation);
    if (lost) {
      this.#journal.write({ type: 'step-ended', step: step.name, outcome: 'lost' });
      return { verdict: { verdict: 'lost' } };
    }
    if (ending.how === 'timed-out') return this.#failedStep(step, ending.error);
    if (ending.how === 'suspected') {
      return this.#failedStep(step, new EnvironmentError(unconfirmed(ending.suspicion)));
    }
    // What came while the snapshots were taken they need not show.
    if (this.#failure !== undefined) return this.#failedStep(step, this.#failure);
    const suspicion = this.#suspicion;
    if (suspicion?.kind === 'topics-deleted') {
      this.#suspicion = undefined;
      return this.#judgeStep(step, { how: 'suspected', suspicion }, observer, topics);
    }
    this.#journal.write({ type: 'step-ended', step: step.name, outcome: 'passed' });
    return { observation };
  }

  #failedStep(step: Step, error: Error): { verdict: { verdict: Verdict; reason: string } } {
    this.#journal.write({ type: 'step-ended', step: step.name, outcome: 'failed', error: error.message });
    return { verdict: { verdict: 'inconclusive', reason: `step "${step.name}": ${error.message}` } };
  }

  /** Evaluates every invariant that applies; `true`: a loss. */
  #evaluate(observation: Observation): boolean {
    const found = INVARIANTS.map((invariant) => this.#evaluateOne(invariant, observation));
    return found.includes('lost');
  }

  #evaluateOne(invariant: Invariant, observation: Observation): 'holds' | 'violated' | 'lost' | 'not-applicable' {
    if (!invariant.applies(observation)) return 'not-applicable';
    const { name, about } = invariant;
    const violation = invariant.evaluate(observation);
    if (violation === undefined) {
      this.#journal.write({ type: 'invariant-evaluated', step: observation.step, invariant: name, about, holds: true });
      return 'holds';
    }
    return this.#violated({ name, about, step: observation.step }, violation) ? 'lost' : 'violated';
  }

  /** `true`: a loss. */
  #check(check: Check, observation: Observation): boolean {
    const { name, about } = check;
    let violation: ReturnType<Check['evaluate']>;
    try {
      violation = check.evaluate(observation);
    } catch (error) {
      throw new Error(`check "${name}": ${messageOf(error)}`, { cause: error });
    }
    if (violation !== undefined) return this.#violated({ name, about, step: observation.step }, violation);
    this.#journal.write({ type: 'invariant-evaluated', step: observation.step, invariant: name, about, holds: true });
    return false;
  }

  #violated(
    { name, about, step }: { name: string; about: Invariant['about']; step: string },
    { message, evidence }: NonNullable<ReturnType<Invariant['evaluate']>>,
  ): boolean {
    const { knownIssues, operatorVersion, baseline, scenario } = this.#request;
    const issue = explanationOf(knownIssues, { operatorVersion, baseline, scenario: scenario.name, invariant: name });
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
    this.#journal.write(event);
    this.#violations.push({ invariant: name, about, message });
    return about === 'loss';
  }

  #end(outcome: { verdict: Verdict; reason?: string; step?: string }): RunOutcome {
    const { operatorVersion, baseline, scenario, knownIssues, strict, interrupt } = this.#request;
    const judgement = judge({
      verdict: outcome.verdict,
      violations: this.#violations,
      issues: knownIssues,
      operatorVersion,
      baseline,
      scenario: scenario.name,
      strict,
      ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
    });
    const { knownIssue } = judgement;
    this.#journal.write({
      type: 'verdict',
      verdict: outcome.verdict,
      expected: judgement.expected,
      ...(judgement.because === undefined ? {} : { because: judgement.because }),
      asExpected: judgement.asExpected,
      summary: judgement.summary,
      ...(outcome.step === undefined ? {} : { step: outcome.step }),
      ...(knownIssue === undefined ? {} : { knownIssue: issueReference(knownIssue) }),
    });
    this.#journal.write({ type: 'run-ended', how: interrupt.aborted ? 'interrupted' : 'completed' });
    return { verdict: outcome.verdict, judgement };
  }
}

function unconfirmed(suspicion: Suspicion): string {
  return suspicion.kind === 'topics-deleted'
    ? `ZooKeeper deleted ${suspicion.topics.join(', ')}, but a moment later nothing is missing there: this run can't tell what happened`
    : 'a sync seemed stuck, but a moment later it was not: this run can’t tell what happened';
}
