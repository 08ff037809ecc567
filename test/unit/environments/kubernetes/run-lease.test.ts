import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RunLease } from '../../../../src/environments/kubernetes/run-lease.js';
import { runsIn } from '../../../../src/environments/kubernetes/runs.js';
import type { Lease } from '../../../../src/kubernetes/core-objects.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import { status } from '../../kubernetes/stub-api-server.js';
import { StubCluster } from './stub-cluster.js';

const PATH = '/apis/coordination.k8s.io/v1/namespaces/remigrate-0a1b/leases/remigrate-run';
/** The API server's clock is five hours ahead of this machine's. */
const SERVER_TIME = Date.parse('2040-01-01T05:00:00Z');

describe('the lease of a run', () => {
  const { signal } = new AbortController();
  let cluster: StubCluster;
  let api: KubeApi;
  let failures: Error[];
  let failed: EventTarget;

  beforeEach(async () => {
    cluster = await StubCluster.start();
    cluster.time = SERVER_TIME;
    api = await cluster.connect();
    failures = [];
    failed = new EventTarget();
  });

  afterEach(async () => {
    api.close();
    await cluster.stop();
  });

  function take(): Promise<RunLease> {
    return RunLease.take(
      api,
      {
        namespace: 'remigrate-0a1b',
        run: 'remigrate-0a1b',
        title: 'rollback-remigrate-0.45.1',
        renewEveryMs: 1,
        failed: (error) => {
          failures.push(error);
          failed.dispatchEvent(new Event('failed'));
        },
      },
      signal,
    );
  }

  /** Resolves when this many renewals were received after now. */
  function renewals(count: number): Promise<void> {
    return new Promise((resolve) => {
      let left = count;
      cluster.before = ({ method }) => {
        if (method === 'PATCH' && --left === 0) resolve();
      };
    });
  }

  const stored = () => cluster.get<Lease>(PATH);

  it("is written in the API server's time, with what the run is, and renewed until it is released", async () => {
    const lease = await take();
    expect(stored()).toMatchObject({
      metadata: {
        labels: { 'remigrate.io/run': 'remigrate-0a1b' },
        annotations: { 'remigrate.io/title': 'rollback-remigrate-0.45.1' },
      },
      spec: {
        leaseDurationSeconds: 60,
        // Kubernetes accepts six digits only.
        renewTime: expect.stringMatching(/^2040-01-01T05:00:0\d\.\d{6}Z$/),
      },
    });
    await renewals(2);
    cluster.time = SERVER_TIME + 50_000;
    // One may be on its way, and the next is the first to show the new time to the client.
    await renewals(4);
    await lease.release();
    expect(stored()?.spec?.renewTime).toMatch(/^2040-01-01T05:00:5\d\./);
    const { length } = cluster.server.received;
    // A renewal would come before the answer to this request.
    await api.serverVersion({ signal });
    expect(cluster.server.received).toHaveLength(length);
    expect(failures).toEqual([]);
  });

  it("is judged in the API server's time, whatever this machine's clock shows", async () => {
    const lease = await take();
    await lease.release();
    const isLive = async () => (await runsIn(api, signal)).map(({ live }) => live);
    cluster.time = SERVER_TIME + 58_000;
    expect(await isLive()).toEqual([true]);
    cluster.time = SERVER_TIME + 63_000;
    expect(await isLive()).toEqual([false]);
  });

  it('that was deleted ends the run: somebody has removed it', async () => {
    const ended = once(failed, 'failed');
    const lease = await take();
    cluster.delete(PATH);
    await ended;
    expect(failures.map(({ message }) => message)).toEqual([
      'Run remigrate-0a1b was removed while it was running: its namespace remigrate-0a1b, or the Lease remigrate-run in it, was deleted, for example by remigrate cleanup --run remigrate-0a1b.',
    ]);
    await lease.release();
  });

  it('that may not be renewed any more ends the run, and says why', async () => {
    const ended = once(failed, 'failed');
    const { answer } = cluster.server;
    cluster.server.answer = (request, response) => {
      if (request.method === 'PATCH') status(response, 403, 'Forbidden', 'leases is forbidden');
      else answer(request, response);
    };
    const lease = await take();
    await ended;
    expect(failures[0]?.message).toMatch(
      /cannot renew its Lease remigrate-run in namespace remigrate-0a1b: no right to/,
    );
    await lease.release();
  });

  it('is renewed again after an API server that did not answer for a while', async () => {
    const lease = await take();
    const { answer } = cluster.server;
    let refused = 0;
    const recovered = new Promise<void>((resolve) => {
      cluster.server.answer = (request, response) => {
        // The client repeats a request until its deadline, which is over at once here.
        if (refused++ < 5) status(response, 503, 'ServiceUnavailable');
        else {
          answer(request, response);
          resolve();
        }
      };
    });
    await recovered;
    await lease.release();
    expect(failures).toEqual([]);
  });
});
