import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../cluster/environment.js';
import { KAFKA_VERSIONS } from '../distribution/kafka-versions.js';
import type { Progress } from '../distribution/progress.js';
import { Workspace } from '../environments/guardian/workspace.js';
import { UsageError } from '../errors.js';
import type { JournalEvent, Verdict } from '../journal/events.js';
import { writeJournalTo } from '../journal/file.js';
import { Journal } from '../journal/journal.js';
import { loadTopicSet } from '../metadata/topic-sets.js';
import {
  loadProfiles,
  type OperatorProfiles,
  requireKafkaSupport,
  shippedProfilesFolder,
} from '../operator/profile.js';
import type { Judgement } from '../scenario/judgement.js';
import { type KnownIssue, loadKnownIssues, shippedKnownIssuesFolder } from '../scenario/known-issues.js';
import { runScenario } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Topology } from '../strimzi/topology.js';
import { STATE_TIMEOUT_MS } from './defaults.js';
import type { EnvironmentChoice } from './environment-choice.js';
import { openEnvironment } from './environments.js';
import { type ResultsFolder, runName } from './results-folder.js';
import { topologyFor } from './run-place.js';

/** What all runs of a session share. */
export interface SessionOptions {
  /** `JAVA_HOME`, `PATH`, `KAFKA_HOME`, `REMIGRATE_CACHE` and others are looked up here. */
  readonly env: NodeJS.ProcessEnv;
  readonly kafkaVersion: string;
  /** How many nodes the user chose, by role; otherwise what each scenario needs. */
  readonly topology: Partial<Topology>;
  readonly environment: EnvironmentChoice;
  /** The versions that the session will run. */
  readonly operatorVersions: readonly string[];
  /** Deadline of one wait for a state, in milliseconds; by default that of the environment (`STATE_TIMEOUT_MS`). */
  readonly stateTimeoutMs?: number | undefined;
  /** Whether known issues excuse nothing. */
  readonly strict: boolean;
  /** A folder with the user's own `operators/*.yaml` and `known-issues.yaml`, in addition to the shipped ones. */
  readonly data?: string | undefined;
  /** Called with what is being done before the first run, if that takes time. */
  readonly progress: Progress;
  /** Ends every run. */
  readonly interrupt: AbortSignal;
}

/** One run of a session, and what to keep of it. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly operatorVersion: string;
  /** The version that a candidate is compared with. */
  readonly baseline?: string | undefined;
  /** Called with the journal while it is still empty. */
  readonly follow?: (journal: Journal) => void;
  /** The folder for journal, logs and snapshots when the run is over; undefined: they are not kept. */
  readonly results: (finished: FinishedRun) => ResultsFolder | undefined;
  /** Keep the run's folder, volumes included. */
  readonly keep: boolean;
  /** Called with what the user should know about the harness itself, such as that its guardian was killed. */
  readonly notice: (text: string) => void;
}

export interface FinishedRun {
  /** `rollback-remigrate-0.45.0` */
  readonly name: string;
  readonly scenario: Scenario;
  readonly operatorVersion: string;
  readonly verdict: Verdict;
  readonly judgement: Judgement;
  readonly events: readonly JournalEvent[];
  /** The run's folder, if it was kept. */
  readonly kept: string | undefined;
}

/** Puts the parts together: the data, the environment of this machine, and a workspace for each run. */
export class Session {
  readonly #options: SessionOptions;
  readonly #environment: Environment;
  readonly #knownIssues: readonly KnownIssue[];

  private constructor(options: SessionOptions, environment: Environment, knownIssues: readonly KnownIssue[]) {
    this.#options = options;
    this.#environment = environment;
    this.#knownIssues = knownIssues;
  }

  /**
   * Opens the environment and reads the data.
   * @param profiles the known operator versions: `profilesOf(data)`.
   * @param wrap wraps the environment that the runs use, for example to observe their clusters. Default: unchanged.
   * @throws UsageError if the machine lacks something or the data are invalid.
   */
  static async open(
    options: SessionOptions,
    profiles: OperatorProfiles,
    wrap: (environment: Environment) => Environment = (environment) => environment,
  ): Promise<Session> {
    const { env, data, progress, interrupt } = options;
    const knownIssues = loadKnownIssues([shippedKnownIssuesFolder(), ...(data === undefined ? [] : [data])]);
    const environment = await openEnvironment(options.environment, {
      env,
      kafkaVersion: options.kafkaVersion,
      operatorVersions: options.operatorVersions,
      profiles,
      progress,
      interrupt,
    });
    return new Session(options, wrap(environment), knownIssues);
  }

  /** Whether several runs may be in progress at the same time. */
  get sideBySide(): boolean {
    return this.#environment.sideBySide;
  }

  /** Runs one scenario once. Rejects only with a UsageError or for a bug. */
  async run(options: RunOptions): Promise<FinishedRun> {
    const { scenario, operatorVersion, baseline, follow, keep } = options;
    const name = runName(scenario, operatorVersion);
    const topology = topologyFor(scenario, this.#options.topology);
    const topicSet = await loadTopicSet('default', topology.brokers);
    const workspace = await Workspace.open(options.notice);
    try {
      const journal = new Journal();
      const closeFile = writeJournalTo(journal, join(workspace.results, 'journal.jsonl'));
      follow?.(journal);
      const { verdict, judgement } = await runScenario({
        run: name,
        scenario,
        environment: this.#environment,
        operatorVersion,
        baseline,
        kafkaVersion: this.#options.kafkaVersion,
        topology,
        topicSet,
        knownIssues: this.#knownIssues,
        strict: this.#options.strict,
        journal,
        interrupt: this.#options.interrupt,
        stateTimeoutMs: this.#options.stateTimeoutMs ?? STATE_TIMEOUT_MS[this.#options.environment.kind],
        workspace,
      });
      closeFile();
      const kept = keep ? workspace.folder : undefined;
      const finished = { name, scenario, operatorVersion, verdict, judgement, events: journal.events(), kept };
      const destination = options.results(finished);
      await destination?.replaceBy(workspace.results);
      return finished;
    } finally {
      await workspace.close({ keep });
    }
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }
}

/**
 * The shipped operator profiles and the user's own.
 * @throws UsageError if the folder does not exist or a profile is invalid.
 */
export function profilesOf(data: string | undefined): OperatorProfiles {
  if (data === undefined) return loadProfiles([shippedProfilesFolder()]);
  if (!existsSync(data)) throw new UsageError(`The data folder ${data} does not exist.`);
  const own = join(data, 'operators');
  return loadProfiles([shippedProfilesFolder(), ...(existsSync(own) ? [own] : [])]);
}

/** @throws UsageError when the operator version has no profile or does not support the Kafka version. */
export function refuseUnsupported(profiles: OperatorProfiles, operatorVersion: string, kafkaVersion: string): void {
  const profile = profiles.get(operatorVersion);
  const runnable = KAFKA_VERSIONS.map(({ kafka }) => kafka);
  requireKafkaSupport(
    profile,
    kafkaVersion,
    profile.kafka.supported.filter((version) => runnable.includes(version)),
  );
}
