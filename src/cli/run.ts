import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { compareWithBaselines } from '../comparison/candidates.js';
import { DEFAULT_KAFKA_VERSION, kafkaRelease } from '../distribution/kafka-versions.js';
import type { Progress } from '../distribution/progress.js';
import { messageOf, UsageError, WaitAborted } from '../errors.js';
import { makeFolder } from '../folders.js';
import { STATE_TIMEOUT_MS } from '../harness/defaults.js';
import { candidateBaselines, keepsResults, refuseDuplicateNames, resultsPlace } from '../harness/plan.js';
import { playReplays } from '../harness/replays.js';
import { ResultsFolder, runName } from '../harness/results-folder.js';
import { possibleScenarios, refuseImpossible } from '../harness/run-place.js';
import { profilesOf, refuseUnsupported, Session } from '../harness/session.js';
import type { OperatorProfiles } from '../operator/profile.js';
import {
  createReporter,
  exitCodeOf,
  RESULT_FILE,
  type ReportedRun,
  type Reporter,
  renderResult,
  reportJournal,
} from '../reports/index.js';
import { loadScenario, shippedScenarios } from '../scenario/load.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Topology } from '../strimzi/topology.js';
import {
  type EnvironmentOptions,
  environmentChoice,
  isReplayed,
  withEnvironmentOptions,
} from './environment-option.js';
import { worst } from './exit.js';
import { Interrupts } from './interrupts.js';
import { list, oneOrThree, parseSeconds } from './options.js';
import { progressTo } from './progress.js';
import { terminalLook } from './terminal.js';

interface RunOptions extends EnvironmentOptions {
  readonly operator?: readonly string[];
  readonly baseline?: string;
  readonly kafka: string;
  readonly brokers?: number;
  readonly controllers?: number;
  readonly zookeepers?: number;
  readonly out?: string;
  readonly strict: boolean;
  readonly bail: boolean;
  readonly replay: boolean;
  readonly timeout?: number;
  readonly data?: string;
}

/** A run that has ended and is not yet compared with its baseline. */
type UncomparedRun = Omit<ReportedRun, 'baseline'>;

/** What all runs of one command share. */
interface Call {
  readonly options: RunOptions;
  readonly session: Session;
  readonly reporter: Reporter;
  readonly interrupts: Interrupts;
  readonly label: (scenario: Scenario, operatorVersion: string) => string;
  /** The baseline of each candidate. */
  readonly baselineOf: ReadonlyMap<string, string>;
  /** The folder of each run, by the run's name. */
  readonly results: ReadonlyMap<string, ResultsFolder>;
}

export function runCommand(): Command {
  const command = new Command('run')
    .description('run scenarios on real Kafka and ZooKeeper, with one or more operator versions')
    .argument(
      '[scenario...]',
      'names of shipped scenarios (see `remigrate list`) or files of your own (default: all shipped scenarios)',
    )
    .option('--operator <versions>', 'operator versions, separated by commas (default: all known versions)', list)
    .option(
      '--baseline <version>',
      'the version that an unknown version, such as a build of your own, is compared with (default: the newest known version)',
    )
    .option('--kafka <version>', 'Kafka version', DEFAULT_KAFKA_VERSION)
    .option('--brokers <n>', 'number of brokers, 1 or 3 (default: what the scenario needs, mostly 1)', oneOrThree)
    .option('--controllers <n>', 'number of controllers, 1 or 3 (default: as for brokers)', oneOrThree)
    .option('--zookeepers <n>', 'number of ZooKeeper nodes, 1 or 3 (default: as for brokers)', oneOrThree)
    .option('--out <dir>', 'write journals, logs, snapshots, result.json and junit.xml to this folder')
    .option('--keep', "keep each run's folder, volumes included", false)
    .option('--strict', 'also fail for known issues', false)
    .option(
      '--no-replay',
      'do not play a local replay of a run on a real operator that there is no recording to compare with',
    )
    .option('--bail', 'stop after the first scenario that did not end as expected', false)
    .option(
      '--timeout <seconds>',
      `how long to wait for a state, in seconds; all other deadlines are raised with it (default: ${STATE_TIMEOUT_MS.local / 1000}; Kubernetes: ${STATE_TIMEOUT_MS.kubernetes / 1000})`,
      parseSeconds,
    )
    .addOption(
      new Option('--timings <which>', "timeouts of Kafka and ZooKeeper: short ones, or Kafka's defaults")
        .choices(['fast', 'kafka-defaults'])
        .default('fast'),
    )
    .option(
      '--data <dir>',
      'a folder with operators/*.yaml and known-issues.yaml of your own, to use in addition to the shipped ones',
    )
    .action(async (names: string[], options: RunOptions) => {
      process.exitCode = await run(names, options);
    });
  return withEnvironmentOptions(command);
}

async function run(names: readonly string[], options: RunOptions): Promise<number> {
  const chosen = await Promise.all((names.length > 0 ? names : await shippedScenarios()).map(loadScenario));
  refuseDuplicateNames(chosen);
  kafkaRelease(options.kafka);
  const profiles = profilesOf(options.data);
  const operators = options.operator ?? profiles.versions();
  const baselineOf = candidateBaselines(profiles, operators, {
    replayed: isReplayed(options),
    baseline: options.baseline,
  });
  for (const version of operators) {
    refuseUnsupported(profiles, baselineOf.get(version) ?? version, options.kafka);
  }
  for (const [candidate, baseline] of baselineOf) {
    process.stderr.write(`Operator version ${candidate} is unknown: remigrate compares it with ${baseline}.\n`);
  }
  const progress = progressTo(process.stderr, terminalLook(process.stderr, process.env));
  const interrupts = Interrupts.listen(process.stderr, 'stopping the nodes');
  // Erase a progress count: otherwise the message about the interrupt would follow it on the same line.
  interrupts.signal.addEventListener('abort', () => progress('', { transient: true }));
  try {
    const environment = await environmentChoice(options, operators, process.env, progress);
    const place = { environment: environment.kind, topology: topologyOf(options) };
    const scenarios = names.length > 0 ? chosen : possibleScenarios(chosen, place, progress);
    refuseImpossible(scenarios, place);
    const results = await claimResults(scenarios, operators, options.out);
    const out = options.out === undefined ? undefined : await usableFolder(options.out);
    const session = await Session.open(
      {
        env: process.env,
        kafkaVersion: options.kafka,
        topology: topologyOf(options),
        environment,
        operatorVersions: operators,
        stateTimeoutMs: options.timeout === undefined ? undefined : options.timeout * 1000,
        strict: options.strict,
        data: options.data,
        progress,
        interrupt: interrupts.signal,
      },
      profiles,
    );
    try {
      return await runIn(session, {
        scenarios,
        operators,
        baselineOf,
        results,
        options,
        interrupts,
        profiles,
        progress,
        out,
      });
    } finally {
      await session.close();
    }
  } catch (error) {
    const exitCode = interrupts.exitCode();
    if (exitCode === undefined || !(error instanceof WaitAborted)) throw error;
    interrupts.report('stopped before any node was started');
    return exitCode;
  } finally {
    interrupts.close();
  }
}

interface RequestedRuns {
  readonly scenarios: readonly Scenario[];
  readonly operators: readonly string[];
  /** The baseline of each candidate. */
  readonly baselineOf: ReadonlyMap<string, string>;
  /** The folder of each run, by the run's name. */
  readonly results: ReadonlyMap<string, ResultsFolder>;
  readonly options: RunOptions;
  readonly interrupts: Interrupts;
  readonly profiles: OperatorProfiles;
  readonly progress: Progress;
  /** An absolute path; undefined: no reports are written. */
  readonly out: string | undefined;
}

async function runIn(session: Session, requested: RequestedRuns): Promise<number> {
  const { scenarios, operators, baselineOf, results, options, interrupts, out } = requested;
  const reporter = createReporter({
    terminal: {
      stream: process.stdout,
      notes: process.stderr,
      strict: options.strict,
      ...terminalLook(process.stdout, process.env),
    },
    folder: out,
  });
  interrupts.signal.addEventListener('abort', () => reporter.onInterrupt?.());
  const label = (scenario: Scenario, version: string): string =>
    scenarios.length > 1 ? `${scenario.name} ${version}` : version;
  const finished = await runAll(
    { options, session, reporter, interrupts, label, baselineOf, results },
    scenarios,
    operators,
  );
  const compared = options.replay ? await withReplays(finished, requested) : finished;
  const reported = await compareWithBaselines(compared);
  await reporter.onEnd?.(reported);
  return interrupts.exitCode() ?? worst(reported.map(exitCodeOf));
}

/** Adds the local replays that the runs are compared with, where there is nothing better. */
function withReplays(
  runs: readonly UncomparedRun[],
  { scenarios, options, interrupts, profiles, progress }: RequestedRuns,
): Promise<readonly UncomparedRun[]> {
  return playReplays(runs, {
    env: process.env,
    kafkaVersion: options.kafka,
    topology: topologyOf(options),
    data: options.data,
    scenarios,
    profiles,
    progress,
    interrupt: interrupts.signal,
  });
}

function topologyOf({ brokers, controllers, zookeepers }: RunOptions): Partial<Topology> {
  return {
    ...(brokers === undefined ? {} : { brokers }),
    ...(controllers === undefined ? {} : { controllers }),
    ...(zookeepers === undefined ? {} : { zookeepers }),
  };
}

/** Runs the scenarios in turn, and the operator versions of each scenario side by side if the environment allows it. */
async function runAll(
  call: Call,
  scenarios: readonly Scenario[],
  operators: readonly string[],
): Promise<readonly UncomparedRun[]> {
  const finished: UncomparedRun[] = [];
  for (const scenario of scenarios) {
    finished.push(...(await (call.session.sideBySide ? runTogether : runInTurn)(call, scenario, operators)));
    if (call.interrupts.signal.aborted) break;
    if (call.options.bail && finished.some(({ exitCode }) => exitCode !== 0)) break;
  }
  return finished;
}

async function runTogether(
  call: Call,
  scenario: Scenario,
  operators: readonly string[],
): Promise<readonly UncomparedRun[]> {
  const runs = operators.map((version) => runOne(call, scenario, version));
  // If one cannot be run at all, stop the others and wait for them, so that nothing is left behind.
  for (const one of runs) one.catch(() => call.interrupts.stop());
  const ended = await Promise.allSettled(runs);
  return ended.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function runInTurn(
  call: Call,
  scenario: Scenario,
  operators: readonly string[],
): Promise<readonly UncomparedRun[]> {
  const finished: UncomparedRun[] = [];
  for (const version of operators) {
    if (!call.interrupts.signal.aborted) finished.push(await runOne(call, scenario, version));
  }
  return finished;
}

async function runOne(call: Call, scenario: Scenario, operatorVersion: string): Promise<UncomparedRun> {
  const { session, options, reporter, interrupts } = call;
  const label = call.label(scenario, operatorVersion);
  let results: ResultsFolder | undefined;
  const finished = await session.run({
    scenario,
    operatorVersion,
    baseline: call.baselineOf.get(operatorVersion),
    follow: (journal) => reportJournal(reporter, { label }, journal),
    results: (run) => {
      const kept = keepsResults(run, { out: options.out, interrupted: interrupts.signal.aborted });
      results = kept ? call.results.get(run.name) : undefined;
      return results;
    },
    keep: options.keep,
    notice: (text) => reporter.onNotice?.(`${label}: ${text}`),
  });
  if (interrupts.signal.aborted) {
    interrupts.report(`${label}: nodes stopped, folder ${finished.kept === undefined ? 'removed' : 'kept'}`);
  }
  const { events, kept, judgement } = finished;
  return { label, events, kept, results: results?.path, exitCode: judgement.exitCode };
}

/** @throws UsageError if something is in the way of the results of a run that the run must not delete. */
async function claimResults(
  scenarios: readonly Scenario[],
  operators: readonly string[],
  out: string | undefined,
): Promise<ReadonlyMap<string, ResultsFolder>> {
  const runs = scenarios.flatMap((scenario) => operators.map((version) => runName(scenario, version)));
  const folders = runs.map(async (run) => [run, await ResultsFolder.claim(resultsPlace(run, out))] as const);
  return new Map(await Promise.all(folders));
}

async function usableFolder(out: string): Promise<string> {
  const folder = resolve(out);
  try {
    await makeFolder(folder);
    // Writing a file shows more than write permission does: the disk may be full.
    await writeFile(join(folder, RESULT_FILE), renderResult([]));
  } catch (error) {
    throw new UsageError(
      `--out: cannot write to ${folder}: ${messageOf(error)}. Name a folder that you can create or write to.`,
      { cause: error },
    );
  }
  return folder;
}
