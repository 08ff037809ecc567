import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { Topology } from '../cluster/cluster.js';
import type { Environment } from '../cluster/environment.js';
import { Workspace } from '../environments/guardian/workspace.js';
import { UsageError } from '../errors.js';
import type { JournalEvent } from '../journal/events.js';
import { writeJournalTo } from '../journal/file.js';
import { Journal } from '../journal/journal.js';
import { renderJUnit } from '../journal/reporters/junit.js';
import { toResult } from '../journal/reporters/result.js';
import { tellEnding } from '../journal/reporters/story.js';
import { createTerminalReporter, type TerminalReporter } from '../journal/reporters/terminal.js';
import { loadTopicSet, type TopicSet } from '../metadata/topic-sets.js';
import { loadProfiles, type OperatorProfiles, shippedProfilesFolder } from '../operator/profile.js';
import { type KnownIssue, loadKnownIssues, shippedKnownIssuesFolder } from '../scenario/known-issues.js';
import { loadScenario, shippedScenarios } from '../scenario/load.js';
import { type RunResult, runScenario } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import { Interrupts } from './interrupts.js';
import { openLocalEnvironment } from './local.js';
import { list, oneOrThree, seconds } from './options.js';

const RESULTS_FOLDER = 'remigrate-results';

interface RunOptions {
  readonly operator: readonly string[];
  readonly kafka: string;
  readonly brokers: number;
  readonly controllers: number;
  readonly zookeepers: number;
  readonly out?: string;
  readonly keep: boolean;
  readonly strict: boolean;
  readonly bail: boolean;
  readonly timeout: number;
  readonly timings: 'fast' | 'kafka-defaults';
  readonly data?: string;
}

/** What all runs of one call share. */
interface Session {
  readonly options: RunOptions;
  readonly topology: Topology;
  readonly environment: Environment;
  readonly topicSet: TopicSet;
  readonly knownIssues: readonly KnownIssue[];
  readonly reporter: TerminalReporter;
  readonly interrupts: Interrupts;
  readonly labels: (scenario: Scenario, operatorVersion: string) => string;
}

/** One finished run. */
interface Finished {
  readonly label: string;
  readonly events: readonly JournalEvent[];
  readonly exitCode: 0 | 1 | 3;
  /** Where its journal and logs were left; undefined: nowhere. */
  readonly results: string | undefined;
}

export function runCommand(): Command {
  return new Command('run')
    .description('run scenarios on real Kafka and ZooKeeper, with the steps of one or more operator versions')
    .argument(
      '[scenario...]',
      'names of shipped scenarios (see `remigrate list`), or files of your own; all by default',
    )
    .option('--operator <versions>', 'operator versions, separated by commas; they run side by side', list)
    .option('--kafka <version>', 'Kafka version', '3.9.0')
    .option('--brokers <n>', '1 or 3', oneOrThree, 1)
    .option('--controllers <n>', '1 or 3', oneOrThree, 1)
    .option('--zookeepers <n>', '1 or 3', oneOrThree, 1)
    .option('--out <dir>', 'write journal, logs, snapshots, result.json and junit.xml there')
    .option('--keep', "keep each run's folder, volumes included", false)
    .option('--strict', 'known issues excuse nothing', false)
    .option('--bail', 'stop after the first scenario that did not end as expected', false)
    .option('--timeout <seconds>', 'deadline of one wait for a state', seconds, 180)
    .addOption(
      new Option('--timings <which>', "Kafka's own time-outs, or shorter ones")
        .choices(['fast', 'kafka-defaults'])
        .default('fast'),
    )
    .option('--data <dir>', 'a folder with operators/*.yaml and known-issues.yaml of your own, beside the shipped ones')
    .action(async (names: string[], options: RunOptions) => {
      process.exitCode = await run(names, options);
    });
}

async function run(names: readonly string[], options: RunOptions): Promise<number> {
  const scenarios = await Promise.all((names.length > 0 ? names : await shippedScenarios()).map(loadScenario));
  const profiles = loadProfiles([shippedProfilesFolder(), ...dataFolder(options.data, 'operators')]);
  const operators = options.operator ?? profiles.versions();
  for (const version of operators) refuseUnsupported(profiles, version, options.kafka);
  const knownIssues = loadKnownIssues([
    shippedKnownIssuesFolder(),
    ...(options.data === undefined ? [] : [options.data]),
  ]);
  const topology = { brokers: options.brokers, controllers: options.controllers, zookeepers: options.zookeepers };
  const topicSet = await loadTopicSet('default', topology.brokers);
  const out = options.out === undefined ? undefined : await usableFolder(options.out);

  const interrupts = Interrupts.listen(process.stderr);
  const tty = process.stdout.isTTY === true && process.env.CI === undefined;
  const color = tty && process.env.NO_COLOR === undefined;
  try {
    const environment = await openLocalEnvironment({
      env: process.env,
      kafkaVersion: options.kafka,
      profiles,
      timings: options.timings,
      progress: (text) => process.stderr.write(`${text}\n`),
      signal: interrupts.signal,
    });
    const reporter = createTerminalReporter({
      stream: process.stdout,
      tty,
      color,
      columns: process.stdout.columns ?? 80,
    });
    const session: Session = {
      options,
      topology,
      environment,
      topicSet,
      knownIssues,
      reporter,
      interrupts,
      labels: (scenario, version) => (scenarios.length > 1 ? `${scenario.name} ${version}` : version),
    };
    const finished = await runAll(session, scenarios, operators);
    reporter.end();
    await environment.close();
    const journals = finished.map(({ events }) => events);
    if (out !== undefined) {
      await writeFile(join(out, 'result.json'), `${JSON.stringify(toResult(journals), null, 2)}\n`);
      await writeFile(join(out, 'junit.xml'), renderJUnit(journals));
    }
    process.stdout.write(summary(finished));
    return interrupts.exitCode() ?? worst(finished.map(({ exitCode }) => exitCode));
  } finally {
    interrupts.close();
  }
}

async function runAll(
  session: Session,
  scenarios: readonly Scenario[],
  operators: readonly string[],
): Promise<readonly Finished[]> {
  const finished: Finished[] = [];
  for (const scenario of scenarios) {
    finished.push(...(await Promise.all(operators.map((version) => runOne(session, scenario, version)))));
    if (session.interrupts.signal.aborted) break;
    if (session.options.bail && finished.some(({ exitCode }) => exitCode !== 0)) break;
  }
  return finished;
}

async function runOne(session: Session, scenario: Scenario, operatorVersion: string): Promise<Finished> {
  const { options, interrupts } = session;
  const label = session.labels(scenario, operatorVersion);
  const run = `${scenario.name}-${operatorVersion}`;
  const workspace = await Workspace.open();
  const journal = new Journal();
  const closeFile = writeJournalTo(journal, join(workspace.results, 'journal.jsonl'));
  session.reporter.add(label, journal);
  let result: RunResult;
  try {
    result = await runScenario({
      run,
      scenario,
      environment: session.environment,
      operatorVersion,
      kafkaVersion: options.kafka,
      topology: session.topology,
      topicSet: session.topicSet,
      knownIssues: session.knownIssues,
      strict: options.strict,
      journal,
      interrupt: interrupts.signal,
      stateTimeoutMs: options.timeout * 1000,
      workspace,
    });
  } catch (error) {
    await workspace.close({ keep: false });
    throw error;
  }
  closeFile();
  const { exitCode } = result.judgement;
  const results = await keepResults(workspace, run, options, exitCode !== 0 && !interrupts.signal.aborted);
  await workspace.close({ keep: options.keep });
  if (options.keep) process.stderr.write(`${label}: kept ${workspace.folder}\n`);
  if (interrupts.signal.aborted) interrupts.tell(`${label}: nodes stopped, folder removed`);
  return { label, events: journal.events(), exitCode, results };
}

/** With --out always; otherwise journal and logs are left behind where something did not end as expected. */
async function keepResults(
  workspace: Workspace,
  run: string,
  options: RunOptions,
  wanted: boolean,
): Promise<string | undefined> {
  if (options.out === undefined && !wanted) return undefined;
  const destination = resolve(options.out ?? RESULTS_FOLDER, run);
  await workspace.copyResults(destination);
  return destination;
}

function summary(finished: readonly Finished[]): string {
  const stories = finished.flatMap(({ label, events, results }) => [
    '',
    `── ${label} ──`,
    ...tellEnding(events, results === undefined ? {} : { logs: results }),
  ]);
  return `${stories.join('\n')}\n`;
}

function worst(codes: readonly (0 | 1 | 3)[]): 0 | 1 | 3 {
  if (codes.includes(1)) return 1;
  return codes.includes(3) ? 3 : 0;
}

function refuseUnsupported(profiles: OperatorProfiles, version: string, kafka: string): void {
  const { supported } = profiles.get(version).kafka;
  if (supported.includes(kafka)) return;
  throw new UsageError(`Strimzi ${version} does not support Kafka ${kafka}; it supports ${supported.join(', ')}.`);
}

function dataFolder(data: string | undefined, name: string): readonly string[] {
  if (data === undefined) return [];
  if (!existsSync(data)) throw new UsageError(`--data: there is no folder ${data}.`);
  const folder = join(data, name);
  return existsSync(folder) ? [folder] : [];
}

async function usableFolder(out: string): Promise<string> {
  const folder = resolve(out);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'result.json'), '');
  } catch (error) {
    throw new UsageError(
      `--out: ${folder} can't be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return folder;
}
