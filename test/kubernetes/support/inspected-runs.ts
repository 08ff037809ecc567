import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { profilesOf, Session } from '../../../src/harness/session.js';
import type { Forecast } from '../../../src/inspection/forecast/outcome.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { loadScenario } from '../../../src/scenario/load.js';
import { makePlace, type Place, remigrate, removePlace } from '../../integration/support/command.js';
import { expectAgreement } from '../../scenarios/conformance.js';
import { expectEnd } from '../../support/expect-end.js';
import { endOf } from '../../support/library.js';
import { connectToCluster, describeOnCluster } from '../api/real-cluster.js';
import { type Inspect, inspectedEnvironment } from './inspected-environment.js';
import { leftovers } from './inventory.js';
import { ON_CLUSTER } from './run-on-cluster.js';
import { STATE_TIMEOUT_MS } from './started-cluster.js';

const {
  REMIGRATE_TEST_KUBECONFIG: kubeconfig = '',
  REMIGRATE_TEST_CONTEXT: context = '',
  REMIGRATE_TEST_MANIFESTS: operatorManifests = '',
} = process.env;

/** The recordings of real operators, by scenario: the recording's name without its version. */
const RECORDED: ReadonlyMap<string, string> = new Map([
  ['rollback-remigrate', 'one-broker'],
  ['rollback-remigrate-volumes-kept', 'claims-kept'],
]);

/** The part of the output of `inspect --json` that is compared with the table. */
interface Report {
  readonly clusters: readonly { readonly forecast: Pick<Forecast, 'outcome' | 'safety'> }[];
}

/** A shipped scenario, and an operator version. */
export type KubernetesRun = readonly [scenario: string, operatorVersion: string];

/** Registers tests of runs on Kubernetes; `inspect` checks the cluster before each migration and at the end. */
export function describeRuns(runs: readonly KubernetesRun[]): void {
  jest.setTimeout(1_200_000);
  describeOnCluster('inspect forecasts the outcome of', () => {
    let place: Place;
    beforeEach(async () => {
      place = await makePlace();
    });
    afterEach(() => removePlace(place));

    it.each(runs)('%s with the stand-in of %s, and reports the state at its end', async (name, operatorVersion) => {
      const end = endOf(name, operatorVersion);
      const inspections: Inspection[] = [];
      const events = await run(name, operatorVersion, async (namespace) => {
        const { stdout, exitCode } = await remigrate(place, [
          'inspect',
          ...ON_CLUSTER,
          ...['--namespace', namespace, '--json'],
        ]);
        const { clusters } = JSON.parse(stdout) as Report;
        inspections.push({
          exitCode,
          seen: clusters.map(({ forecast: { outcome, safety } }) => `${outcome}: ${safety}`),
        });
      });
      expectEnd(events, end);
      const recorded = RECORDED.get(name);
      if (recorded !== undefined) await expectAgreement(events, `${operatorVersion}-${recorded}`);
      const { migrations, atEnd } = end.forecasts;
      expect(inspections).toEqual([...migrations, atEnd].map(expectedInspection));
      expect(await left()).toEqual([]);
    });
  });
}

/** The result of one inspection. */
interface Inspection {
  readonly exitCode: number | undefined;
  readonly seen: readonly string[];
}

const UNSAFE: ReadonlySet<string> = new Set(['skip-and-wipe', 'loses-since-rollback', 'on-stale-metadata', 'wiped']);

function expectedInspection(outcome: string): Inspection {
  const isUnsafe = UNSAFE.has(outcome);
  return { exitCode: isUnsafe ? 1 : 0, seen: [`${outcome}: ${isUnsafe ? 'unsafe' : 'safe'}`] };
}

/** Runs a shipped scenario as `remigrate run` does. @returns its journal. */
async function run(name: string, operatorVersion: string, inspect: Inspect): Promise<readonly JournalEvent[]> {
  const session = await Session.open(
    {
      env: process.env,
      kafkaVersion: '3.9.0',
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      environment: {
        kind: 'kubernetes',
        cluster: { context, kubeconfig },
        operatorManifests,
        operatorImages: new Map(),
        useInstalledDefinitions: false,
        useInstalledOperator: false,
      },
      operatorVersions: [operatorVersion],
      stateTimeoutMs: STATE_TIMEOUT_MS,
      strict: false,
      progress: () => undefined,
      interrupt: new AbortController().signal,
    },
    profilesOf(undefined),
    (environment) => inspectedEnvironment(environment, inspect),
  );
  try {
    const scenario = await loadScenario(name);
    const { events } = await session.run({
      scenario,
      operatorVersion,
      results: () => undefined,
      keep: false,
      notice: console.warn,
    });
    return events;
  } finally {
    await session.close();
  }
}

/** What runs have left in the cluster. */
async function left(): Promise<readonly string[]> {
  const api = await connectToCluster();
  try {
    return await leftovers(api);
  } finally {
    api.close();
  }
}
