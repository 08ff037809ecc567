import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { Environment, RunWorkspace } from '../cluster/environment.js';
import { refuseImpossibleFaults } from '../cluster/faults/index.js';
import { asError, EnvironmentError, messageOf, RemigrateError, UsageError, WaitAborted } from '../errors.js';
import type { Observation } from '../invariants/invariant.js';
import { JOURNAL_VERSION, type Verdict } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import { Clients, type ClientsOptions } from '../metadata/seeding.js';
import type { TopicSet } from '../metadata/topic-sets.js';
import type { Topology } from '../strimzi/topology.js';
import { type Deadlines, deadlinesOf } from '../waiting/deadlines.js';
import { Evaluation } from './evaluation.js';
import { type EndingVerdict, type Judgement, judge, worse } from './judgement.js';
import { issueReference, type KnownIssue } from './known-issues.js';
import { type Suspicion, waitForSyncEnd } from './loss-watch.js';
import { observationRecorder, type RecordObservation } from './observation-record.js';
import { Observer, type RunObserver } from './observer.js';
import { RunEnd } from './run-end.js';
import { RunFaults } from './run-faults.js';
import { RunTopics, type TopicClients } from './run-topics.js';
import { type Check, type Scenario, ScenarioError, type Step } from './scenario.js';
import { blameSilentNodes, isTimeout } from './silent-nodes.js';
import { type Ending, StepSupervisor } from './step-supervisor.js';

export interface RunRequest {
  /** Names the run in journals and folders. */
  readonly run: string;
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly operatorVersion: string;
  /** The version that a candidate is compared with. */
  readonly baseline?: string | undefined;
  readonly kafkaVersion: string;
  readonly topology: Topology;
  readonly topicSet: TopicSet;
  readonly knownIssues: readonly KnownIssue[];
  readonly strict: boolean;
  readonly journal: Journal;
  /** Aborted when the user interrupts the run. */
  readonly interrupt: AbortSignal;
  /** Deadline of one wait for a state, in milliseconds. The others follow from it: src/waiting/deadlines.ts. */
  readonly stateTimeoutMs: number;
  readonly workspace: RunWorkspace;
}

export interface RunOutcome {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
}

/** How a run observes its cluster, and the Kafka clients that it uses. */
export interface Instruments {
  /** @param signal ends the observer's waits. */
  observer(cluster: Cluster, journal: Journal, signal: AbortSignal, deadlines: Deadlines): RunObserver;
  /** @param folder where it writes what does not fit into the journal. */
  recorder(journal: Journal, folder: string): RecordObservation;
  clients(options: ClientsOptions): TopicClients;
}

const INSTRUMENTS: Instruments = {
  observer: (cluster, journal, signal, deadlines) => new Observer(cluster, journal, signal, deadlines),
  recorder: (journal, folder) => observationRecorder(journal, folder),
  clients: (options) => new Clients(options),
};

const INTERRUPTED = 'interrupted by the user';

const NOTHING_CHECKED =
  'nothing was checked: no invariant applied after any step. Let a step deploy the cluster (cluster.deploy) and create ' +
  'topics (topics.create), so that something can be lost.';

/** A verdict, and the reason if it is inconclusive. */
interface Reached {
  readonly verdict: Verdict;
  readonly reason?: string;
  /** The step in which it was reached. */
  readonly step?: string;
}

/** What every step of a run needs. */
interface Stage {
  readonly cluster: Cluster;
  readonly observer: RunObserver;
  readonly topics: RunTopics;
  readonly supervisor: StepSupervisor;
}

/**
 * Runs one scenario once: its steps one after another, and after each a metadata snapshot and every invariant that
 * applies. A loss or an outage ends the run; residue and conduct do not. It removes everything that it has created. It rejects only
 * with a UsageError or for a bug in remigrate: whatever the cluster does becomes a verdict.
 */
export async function runScenario(request: RunRequest, instruments: Instruments = INSTRUMENTS): Promise<RunOutcome> {
  return new Run(request, instruments).run();
}

class Run {
  readonly #request: RunRequest;
  readonly #instruments: Instruments;
  readonly #journal: Journal;
  readonly #deadlines: Deadlines;
  readonly #end = new RunEnd();
  readonly #evaluation: Evaluation;

  constructor(request: RunRequest, instruments: Instruments) {
    this.#request = request;
    this.#instruments = instruments;
    this.#journal = request.journal;
    this.#deadlines = deadlinesOf(request.stateTimeoutMs);
    const record = instruments.recorder(request.journal, request.workspace.results);
    this.#evaluation = new Evaluation({ ...request, scenario: request.scenario.name, record });
  }

  async run(): Promise<RunOutcome> {
    const { environment, interrupt, scenario } = this.#request;
    refuseImpossibleFaults(scenario, environment.parts.environment);
    this.#begin();
    const stop = (): void => this.#end.abort(interrupt.reason);
    interrupt.addEventListener('abort', stop);
    if (interrupt.aborted) stop();
    let cluster: Cluster | undefined;
    let observer: RunObserver | undefined;
    let reached: Reached;
    try {
      cluster = await environment.create({
        run: this.#request.run,
        workspace: this.#request.workspace,
        operatorVersion: this.#request.operatorVersion,
        kafkaVersion: this.#request.kafkaVersion,
        topology: this.#request.topology,
        journal: this.#journal,
        signal: this.#end.signal,
        stateTimeoutMs: this.#request.stateTimeoutMs,
        failed: (error) => this.#end.fail(error),
      });
      observer = this.#instruments.observer(cluster, this.#journal, interrupt, this.#deadlines);
      reached = await this.#steps(cluster, observer);
    } catch (error) {
      if (error instanceof RemigrateError && error.exitCode === 2) throw error;
      reached = { verdict: 'inconclusive', reason: messageOf(error) };
    } finally {
      interrupt.removeEventListener('abort', stop);
      this.#end.abort(new WaitAborted('the run is over'));
      try {
        await observer?.close();
      } finally {
        await cluster?.close({ hurry: interrupt.aborted });
      }
    }
    return this.#conclude(reached);
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

  async #steps(cluster: Cluster, observer: RunObserver): Promise<Reached> {
    const topics = new RunTopics(
      cluster,
      this.#request.topicSet,
      this.#journal,
      this.#end.signal,
      () => observer.authoritative(),
      this.#deadlines.clientMs,
      (options) => this.#instruments.clients(options),
    );
    const supervisor = new StepSupervisor({
      scenario: this.#request.scenario,
      journal: this.#journal,
      end: this.#end,
      isExpected: (topic) => topics.isExpected(topic),
      glance: (step) => observer.glance(step, topics),
      recall: (step) => observer.recall(step, topics),
    });
    const stage: Stage = { cluster, observer, topics, supervisor };
    const faults = new RunFaults({
      cluster,
      clusterName: this.#request.environment.namesOf(this.#request.workspace).name,
      scenario: this.#request.scenario,
      journal: this.#journal,
      signal: this.#end.signal,
    });
    try {
      let last: Observation | undefined;
      // Of the checks since the last step: another one of them may show a loss after one that shows an outage.
      let verdict: EndingVerdict | undefined;
      for (const [index, element] of this.#request.scenario.steps.entries()) {
        // A step that waits for nothing would keep Node from delivering signals.
        await nextTurn();
        if (this.#request.interrupt.aborted && verdict === undefined) {
          return { verdict: 'inconclusive', reason: INTERRUPTED };
        }
        if (element.kind === 'check') {
          if (last !== undefined) {
            const seen = { ...last, events: this.#journal.events() };
            verdict = worse(verdict, this.#check(element, seen));
          }
          continue;
        }
        if (verdict !== undefined) break;
        this.#journal.write({ type: 'step-started', step: element.name, index });
        const ending = await supervisor.run(element, { cluster, topics, faults });
        this.#journal.write({ type: 'step-ran', step: element.name });
        const judged = await this.#judgeStep(element, ending, stage);
        if ('verdict' in judged) return { ...judged, step: element.name };
        last = judged.observation;
      }
      if (last !== undefined && verdict !== undefined) return { verdict, step: last.step };
      return this.#evaluation.applied ? { verdict: 'survived' } : { verdict: 'inconclusive', reason: NOTHING_CHECKED };
    } finally {
      supervisor.close();
      await faults.undoAll();
    }
  }

  /** @returns the verdict that ends the run, if the check does. @throws ScenarioError when the check itself is wrong. */
  #check(check: Check, observation: Observation): EndingVerdict | undefined {
    try {
      return this.#evaluation.check(check, observation);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new ScenarioError(this.#request.scenario, check, error.message, { cause: error });
    }
  }

  async #judgeStep(step: Step, ending: Ending, stage: Stage): Promise<{ readonly observation: Observation } | Reached> {
    const { interrupt } = this.#request;
    if (interrupt.aborted) return this.#failedStep(step, new Error(INTERRUPTED));
    if (ending.how === 'failed') return this.#failed(step, ending.error, stage);
    // A step may pass although a node died in it: it did not need that node any more.
    if (ending.how === 'passed' && this.#end.failure !== undefined) return this.#failed(step, this.#end.failure, stage);
    const doubt = this.#doubt(step, ending, stage);
    let failure = doubt === undefined ? undefined : await this.#explained(doubt, stage);
    // Invariants do not judge a wait that timed out because something outside of the cluster has stopped a node.
    const isSilent = failure !== doubt;
    if (ending.how === 'suspected' && ending.suspicion.kind === 'topics-deleted') {
      await waitForSyncEnd(this.#journal, interrupt, this.#deadlines.syncEndMs);
    }
    const moment = {
      passed: 'ended',
      suspected: 'aborted',
      'timed-out': isSilent ? 'aborted' : 'timed-out',
    } as const;
    let observation: Observation;
    try {
      observation = await stage.observer.observe(step.name, moment[ending.how], stage.topics);
    } catch (error) {
      if (failure !== undefined && isSilent) return this.#failedStep(step, failure);
      return this.#failed(step, this.#end.failure ?? asError(error), stage);
    }
    if (failure === undefined && this.#evaluation.showsOutage(observation)) {
      // The brokers show what the journal does not. The nodes that do not answer are journalled before it is judged.
      const unseen = new EnvironmentError('partitions have no leader, or none can be elected');
      failure = await this.#explained(unseen, stage);
    }
    const verdict = this.#evaluation.invariants(observation);
    if (verdict !== undefined) return this.#endedBy(step, verdict);
    if (failure !== undefined) return this.#failedStep(step, failure);
    if (ending.how === 'suspected') {
      return this.#failedStep(step, new EnvironmentError(unconfirmed(ending.suspicion)));
    }
    // The snapshots may not show what happened while they were taken.
    if (this.#end.failure !== undefined) return this.#failed(step, this.#end.failure, stage);
    const suspicion = stage.supervisor.takeDeletion();
    if (suspicion !== undefined) return this.#judgeStep(step, { how: 'suspected', suspicion }, stage);
    this.#journal.write({ type: 'step-ended', step: step.name, outcome: 'passed' });
    return { observation };
  }

  /**
   * What the cluster may not be to blame for: a wait that timed out, or an outage. Something outside of it may have
   * stopped a node that the others need.
   */
  #doubt(step: Step, ending: Ending, { observer, topics }: Stage): Error | undefined {
    if (ending.how === 'timed-out') return ending.error;
    const isDown = this.#evaluation.showsOutage(observer.recall(step.name, topics));
    return isDown ? new EnvironmentError('a node does not stay up, or the migration is stuck') : undefined;
  }

  #endedBy(step: Step, verdict: EndingVerdict): Reached {
    this.#journal.write({ type: 'step-ended', step: step.name, outcome: verdict });
    return { verdict };
  }

  /**
   * A step that failed, or after which the cluster could not be observed. If the journal shows an outage, the cluster
   * itself is the cause, and what can still be read of it is judged; otherwise the run says nothing.
   */
  async #failed(step: Step, failure: Error, stage: Stage): Promise<Reached> {
    const { observer, topics } = stage;
    const error = await this.#explained(failure, stage);
    const recalled = observer.recall(step.name, topics);
    if (!this.#evaluation.showsOutage(recalled)) return this.#failedStep(step, error);
    const observation = await observer.observe(step.name, 'aborted', topics).catch(() => undefined);
    const verdict =
      observation === undefined ? this.#evaluation.outages(recalled) : this.#evaluation.invariants(observation);
    return verdict === undefined ? this.#failedStep(step, error) : this.#endedBy(step, verdict);
  }

  /**
   * Why a wait or a request failed: asks every node at that moment.
   * @returns an error that names nodes that something outside of the cluster has stopped; otherwise the failure itself.
   */
  async #explained(failure: Error, { cluster }: Stage): Promise<Error> {
    const isOfNode = failure === this.#end.failure && !isTimeout(failure);
    if (isOfNode || !(failure instanceof EnvironmentError)) return failure;
    return (await blameSilentNodes(cluster, this.#journal, failure, this.#request.interrupt)) ?? failure;
  }

  #failedStep(step: Step, error: Error): Reached {
    this.#journal.write({ type: 'step-ended', step: step.name, outcome: 'failed', error: error.message });
    return { verdict: 'inconclusive', reason: `step "${step.name}": ${error.message}` };
  }

  #conclude({ verdict, reason, step }: Reached): RunOutcome {
    const { operatorVersion, kafkaVersion, baseline, scenario, knownIssues, strict, interrupt } = this.#request;
    const judgement = judge({
      verdict,
      violations: this.#evaluation.violations,
      issues: knownIssues,
      operatorVersion,
      kafkaVersion,
      baseline,
      scenario: scenario.name,
      strict,
      ...(reason === undefined ? {} : { reason }),
    });
    const { knownIssue } = judgement;
    this.#journal.write({
      type: 'verdict',
      verdict,
      expected: judgement.expected,
      ...(judgement.because === undefined ? {} : { because: judgement.because }),
      asExpected: judgement.asExpected,
      summary: judgement.summary,
      ...(step === undefined ? {} : { step }),
      ...(knownIssue === undefined ? {} : { knownIssue: issueReference(knownIssue) }),
    });
    this.#journal.write({ type: 'run-ended', how: interrupt.aborted ? 'interrupted' : 'completed' });
    return { verdict, judgement };
  }
}

function unconfirmed(suspicion: Suspicion): string {
  return suspicion.kind === 'topics-deleted'
    ? `ZooKeeper deleted ${suspicion.topics.join(', ')}, but a moment later nothing was missing there: it is unknown what happened`
    : `${suspicion.kind === 'sync-begun' ? 'a sync seemed stuck' : 'a node seemed to stay down'}, but a moment later it was not so: it is unknown what happened`;
}
