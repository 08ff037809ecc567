import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { EnvironmentError, WaitTimedOut } from '../../src/errors.js';
import { expectExitCode } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { Bench, IDLE } from './install-support.js';
import { runOnCluster } from './support/run-on-cluster.js';

const TIMEOUT_MS = 300_000;
/** Nothing listens on this port of the node. */
const NO_IMAGE = 'localhost:1/no/such-operator:0.45.1';

describeOnCluster('an operator that does not start', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(() => bench.close());

  it(
    'its image cannot be pulled: reported immediately, exit code 3, and nothing is left',
    async () => {
      const result = await runOnCluster(['rollback-remigrate', '--operator', '0.45.1', '--operator-image', NO_IMAGE]);
      expectExitCode(result, 3);
      expect(result.all).toMatch(
        new RegExp(
          `The image ${NO_IMAGE} of pod strimzi-cluster-operator-\\S+ cannot be pulled \\((ErrImagePull|ImagePullBackOff): `,
        ),
      );
      expect(result.all).not.toMatch(/^\s+at .*\.js:\d+/m);
      expect(result.leftBehind).toEqual([]);
      const [run = ''] = /remigrate-[0-9a-f]{12}/.exec(JSON.stringify([...result.journals.values()])) ?? [];
      expect(run).not.toBe('');
      const { items } = await bench.api.list(
        { apiVersion: 'v1', kind: 'Namespace' },
        { signal: new AbortController().signal },
      );
      expect(items.map(({ metadata }) => metadata.name)).not.toContain(run);
    },
    TIMEOUT_MS,
  );

  it(
    'it keeps crashing: reported with its last lines',
    async () => {
      // Without a failing probe the pod would be ready until it crashes, and a run might observe that.
      const readinessProbe = { exec: { command: ['false'] } };
      const program = 'print "Cannot start\\nGiving up\\n"; exit 7';
      const environment = await bench.open(await bench.manifests(program, { readinessProbe }));
      const failure = await environment
        .create(await bench.cluster({ stateTimeoutMs: 240_000 }))
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(EnvironmentError);
      expect(failure).not.toBeInstanceOf(WaitTimedOut);
      expect(String(failure)).toMatch(
        /Pod strimzi-cluster-operator-\S+ keeps crashing \(\d restarts, exit code 7, Error\)\. The last lines of its log:\n {4}Cannot start\n {4}Giving up$/,
      );
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'it never becomes ready: the timeout describes its pod',
    async () => {
      const readinessProbe = { exec: { command: ['false'] }, periodSeconds: 1 };
      const environment = await bench.open(await bench.manifests(IDLE, { readinessProbe }));
      const failure = await environment
        .create(await bench.cluster({ stateTimeoutMs: 20_000 }))
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(WaitTimedOut);
      expect(String(failure)).toMatch(
        new RegExp(
          `timed out after 20 s waiting for the Cluster Operator in namespace ${bench.run} to be ready ` +
            '\\(pod strimzi-cluster-operator-\\S+ is Running, not ready \\(last event: Unhealthy: Readiness probe failed',
        ),
      );
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'it gets no pod: the timeout has the event of its ReplicaSet',
    async () => {
      const environment = await bench.open(await bench.manifests(IDLE, {}, { priorityClassName: 'no-such-class' }));
      const failure = await environment
        .create(await bench.cluster({ stateTimeoutMs: 10_000 }))
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(WaitTimedOut);
      expect(String(failure)).toMatch(
        /\(it has no pod yet; last warning in the namespace: ReplicaSet strimzi-cluster-operator-\S+: FailedCreate: .*no-such-class/,
      );
      expect(await bench.left()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
