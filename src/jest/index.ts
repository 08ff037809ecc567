import { describe, test } from '@jest/globals';
import { DEFAULT_KAFKA_VERSION } from '../distribution/kafka-versions.js';
import type { Timings } from '../environments/replayed/overlay.js';
import { UsageError } from '../errors.js';
import type { EnvironmentChoice } from '../harness/environment-choice.js';
import { ResultsFolder, runName } from '../harness/results-folder.js';
import { refuseImpossible } from '../harness/run-place.js';
import { type FinishedRun, profilesOf, refuseUnsupported, Session } from '../harness/session.js';
import { describeEnding } from '../reports/story.js';
import { loadScenario } from '../scenario/load.js';
import { checkedScenario, type Scenario } from '../scenario/scenario.js';
import type { Topology } from '../strimzi/topology.js';

/** `remigrate/jest`: scenarios as tests of a Jest suite. */

export interface ScenarioTestOptions {
  /** Operator versions, each a test of its own. */
  readonly operators: readonly string[];
  /** Kafka version; `3.9.0` by default. */
  readonly kafka?: string;
  /** How many nodes of each role; by default what the scenario needs, or one. */
  readonly topology?: Partial<Topology>;
  /** `fast` by default. */
  readonly timings?: Timings;
  /** Where the nodes run: as processes on this machine (the default), or in Docker containers. */
  readonly environment?: 'local' | 'containers';
  /** For containers: an image to use instead of Strimzi's; `{operator}` and `{kafka}` are replaced by the versions. */
  readonly image?: string;
  /**
   * How to treat a loss, an outage or another violation that a known issue explains. `fail` (the default) fails the test. `excuse`
   * does not, but it fails the test if the issue does not show.
   */
  readonly knownIssues?: 'fail' | 'excuse';
  /** A folder with `operators/*.yaml` and `known-issues.yaml` of your own. */
  readonly data?: string;
  /**
   * The folder for the journal and logs of a run; undefined: they are not kept. Earlier results of the same run are
   * replaced; the test fails if anything else is in that folder.
   */
  readonly results?: (run: string) => string | undefined;
  /** Deadline of one wait for a state, in milliseconds; 180,000 by default. */
  readonly stateTimeoutMs?: number;
  /** Deadline of the whole test, in milliseconds; 600,000 by default. */
  readonly timeoutMs?: number;
  /** Further checks of a run that ended as expected, for example of its journal or its verdict. */
  readonly verify?: (run: FinishedRun) => void | Promise<void>;
}

/** A scenario did not end as expected. The message is the end of the run's story. */
export class ScenarioFailed extends Error {
  constructor(story: string) {
    super(story);
    this.name = 'ScenarioFailed';
    // A stack trace into this module says nothing about the run.
    this.stack = `${this.name}: ${story}`;
  }
}

/**
 * Declares a scenario as tests, one for each operator version, on real Kafka and ZooKeeper. A loss or an outage fails the
 * test, and the message says what was lost, when, and which component deleted it, or why the cluster is broken.
 *
 * @param scenario the name of a shipped scenario, the path of a file that exports one, or a scenario itself.
 */
export function testScenario(scenario: string | Scenario, options: ScenarioTestOptions): void {
  if (typeof scenario !== 'string' && checkedScenario(scenario) === undefined) {
    throw new UsageError('testScenario: give a name, a file, or what scenario({ ... }) of "remigrate" returns.');
  }
  const name = typeof scenario === 'string' ? scenario : scenario.name;
  describe(name, () => {
    for (const operatorVersion of options.operators) {
      test(
        `with the steps of Strimzi ${operatorVersion}`,
        async () => {
          const loaded = typeof scenario === 'string' ? await loadScenario(scenario) : scenario;
          await runAsTest(loaded, operatorVersion, options);
        },
        options.timeoutMs ?? 600_000,
      );
    }
  });
}

function environmentOf({ environment, image, timings = 'fast' }: ScenarioTestOptions): EnvironmentChoice {
  if (environment === 'containers') return { kind: 'containers', timings, image, keep: false };
  return { kind: 'local', timings };
}

async function claimResults(run: string, { results }: ScenarioTestOptions): Promise<ResultsFolder | undefined> {
  const path = results?.(run);
  return path === undefined ? undefined : ResultsFolder.claim({ run, path });
}

async function runAsTest(scenario: Scenario, operatorVersion: string, options: ScenarioTestOptions): Promise<void> {
  const kafkaVersion = options.kafka ?? DEFAULT_KAFKA_VERSION;
  const profiles = profilesOf(options.data);
  refuseUnsupported(profiles, operatorVersion, kafkaVersion);
  refuseImpossible([scenario], { environment: environmentOf(options).kind, topology: options.topology ?? {} });
  const results = await claimResults(runName(scenario, operatorVersion), options);
  const session = await Session.open(
    {
      env: process.env,
      kafkaVersion,
      topology: options.topology ?? {},
      environment: environmentOf(options),
      operatorVersions: [operatorVersion],
      stateTimeoutMs: options.stateTimeoutMs,
      strict: options.knownIssues !== 'excuse',
      data: options.data,
      progress: () => undefined,
      interrupt: new AbortController().signal,
    },
    profiles,
  );
  let run: FinishedRun;
  try {
    run = await session.run({
      scenario,
      operatorVersion,
      results: () => results,
      keep: false,
      notice: (text) => process.stderr.write(`${text}\n`),
    });
  } finally {
    await session.close();
  }
  if (run.judgement.exitCode !== 0) {
    throw new ScenarioFailed(describeEnding(run.events, { strict: options.knownIssues !== 'excuse' }).join('\n'));
  }
  await options.verify?.(run);
}
