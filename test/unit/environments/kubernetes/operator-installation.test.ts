import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OperatorInstallation, problemOf } from '../../../../src/environments/kubernetes/operator-installation.js';
import { imageProblem } from '../../../../src/environments/kubernetes/pod-problems.js';
import type { Pod } from '../../../../src/kubernetes/core-objects.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../../src/kubernetes/kube-object.js';
import { type Answer, json, StubApiServer, status } from '../../kubernetes/stub-api-server.js';
import { StubCluster } from './stub-cluster.js';

function pod(waiting: string | undefined, restartCount = 0): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'strimzi-cluster-operator-x', namespace: 'ns' },
    spec: { containers: [{ name: 'strimzi-cluster-operator', image: 'quay.io/strimzi/operator:0.45.1' }] },
    status: {
      containerStatuses: [
        {
          name: 'strimzi-cluster-operator',
          restartCount,
          ...(waiting === undefined ? {} : { state: { waiting: { reason: waiting, message: 'because' } } }),
          ...(restartCount === 0 ? {} : { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
        },
      ],
    },
  };
}

describe('the reason why an operator does not become ready', () => {
  it.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])(
    'is an image that cannot be pulled: %s',
    (reason) => {
      const sentence = `The image quay.io/strimzi/operator:0.45.1 of pod strimzi-cluster-operator-x cannot be pulled (${reason}: because).`;
      expect(imageProblem(pod(reason))).toBe(sentence);
      expect(problemOf(pod(reason))).toBe(sentence);
    },
  );

  it('is a crash loop, from the third restart: before that its roles may not be in effect yet', () => {
    expect(problemOf(pod('CrashLoopBackOff', 2))).toBeUndefined();
    expect(problemOf(pod('CrashLoopBackOff', 3))).toBe(
      'Pod strimzi-cluster-operator-x keeps crashing (3 restarts, exit code 1, Error).',
    );
    expect(imageProblem(pod('CrashLoopBackOff', 3))).toBeUndefined();
  });

  it('is unknown while its containers are created or run', () => {
    expect(problemOf(pod('ContainerCreating'))).toBeUndefined();
    expect(problemOf(pod(undefined, 5))).toBeUndefined();
  });
});

describe('OperatorInstallation', () => {
  const IMAGE = 'quay.io/strimzi/operator:0.45.1';
  const DEFINITION: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'kafkas.kafka.strimzi.io' },
  };
  const DEPLOYMENT = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'strimzi-cluster-operator', namespace: 'ns' },
    spec: { template: { spec: { containers: [{ image: IMAGE }] } } },
  };
  const READY = { conditions: [{ type: 'Ready', status: 'True' }] };

  let stub: StubApiServer;
  let api: KubeApi;

  beforeEach(async () => {
    stub = await StubApiServer.start();
    stub.answer = installable;
    api = await stub.connect();
  });

  afterEach(async () => {
    api.close();
    await stub.stop();
  });

  /** A cluster in which definitions are established and the operator's pod is ready as soon as they exist. */
  const installable: Answer = ({ method, url, body }, response) => {
    if (method === 'PATCH') json(response, 200, body);
    else if (url.searchParams.has('watch')) response.writeHead(200).flushHeaders();
    else if (url.pathname.endsWith('/customresourcedefinitions')) {
      const established = { ...DEFINITION, status: { conditions: [{ type: 'Established', status: 'True' }] } };
      json(response, 200, { metadata: { resourceVersion: '1' }, items: [established] });
    } else if (url.pathname.endsWith('/pods')) {
      json(response, 200, { metadata: { resourceVersion: '1' }, items: [{ ...pod(undefined), status: READY }] });
    } else if (url.searchParams.has('limit')) json(response, 200, { metadata: { resourceVersion: '1' } });
    else status(response, 404, 'NotFound');
  };

  function installation(progress: (step: string) => void = () => undefined): OperatorInstallation {
    return new OperatorInstallation(api, {
      namespace: 'ns',
      run: 'remigrate-0a1b',
      useInstalledDefinitions: false,
      readyTimeoutMs: 10_000,
      signal: new AbortController().signal,
      progress,
    });
  }

  /** As `installable`, but with this pod. */
  const withPod =
    (present: Pod): Answer =>
    (request, response) => {
      const { url } = request;
      if (url.pathname.endsWith('/pods') && !url.searchParams.has('watch')) {
        json(response, 200, { metadata: { resourceVersion: '1' }, items: [present] });
      } else if (url.pathname.endsWith('/log')) status(response, 400, 'BadRequest', 'previous container not found');
      else installable(request, response);
    };
  const apply = (progress?: (step: string) => void) =>
    installation(progress).apply('0.45.1', { definitions: [DEFINITION], own: [DEPLOYMENT] });

  it('does not ask for the log of a container that never ran, because its image cannot be pulled', async () => {
    stub.answer = withPod(pod('ErrImagePull'));
    await expect(apply()).rejects.toThrow(
      /^The image quay\.io\/strimzi\/operator:0\.45\.1 of pod strimzi-cluster-operator-x cannot be pulled \(ErrImagePull: because\)\.$/,
    );
    expect(stub.received.map(({ url }) => url.pathname).filter((path) => path.endsWith('/log'))).toEqual([]);
  });

  it('says that the log of a container that crashed cannot be read', async () => {
    stub.answer = withPod(pod('CrashLoopBackOff', 3));
    await expect(apply()).rejects.toThrow(/keeps crashing .* Its log cannot be read: .*previous container not found/);
  });

  it('reports at once that its pod fits on no node, and how far the pod has come', async () => {
    const message = '0/1 nodes are available: 1 Insufficient cpu.';
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }];
    const steps: string[] = [];
    const pending = { ...pod(undefined), status: { phase: 'Pending', conditions } };
    stub.answer = (request, response) => {
      const { url } = request;
      const isWatch = url.pathname.endsWith('/pods') && url.searchParams.has('watch');
      if (!isWatch) return withPod(pending)(request, response);
      // Then there is room for it.
      const { metadata } = pending;
      const at = (resourceVersion: string, status: object): string =>
        `${JSON.stringify({ type: 'MODIFIED', object: { ...pending, status, metadata: { ...metadata, resourceVersion } } })}\n`;
      const container = { name: 'strimzi-cluster-operator', restartCount: 0 };
      response.writeHead(200);
      response.write(
        at('2', { containerStatuses: [{ ...container, state: { waiting: { reason: 'ContainerCreating' } } }] }),
      );
      for (const version of ['3', '4']) {
        response.write(at(version, { containerStatuses: [{ ...container, state: { running: {} } }] }));
      }
      response.write(at('5', READY));
    };
    await apply((step) => steps.push(step));
    expect(steps.slice(2, -1)).toEqual([
      'Pod strimzi-cluster-operator-x cannot be scheduled, and the run waits for it: 0/1 nodes are available: 1 Insufficient cpu.',
      'Pod strimzi-cluster-operator-x is on a node, which pulls quay.io/strimzi/operator:0.45.1 if it does not have it',
      'Pod strimzi-cluster-operator-x has started its container, which is not ready yet',
    ]);
  });

  it('reports what it installs before it installs it, and then what it waits for', async () => {
    const steps: string[] = [];
    const installed = await apply((step) => {
      const applied = stub.received.filter(({ method }) => method === 'PATCH').length;
      steps.push(`${applied} applied: ${step}`);
    });
    expect(installed.metadata.name).toBe('strimzi-cluster-operator-x');
    expect(steps).toEqual([
      '0 applied: Installing Strimzi 0.45.1 in namespace ns (CustomResourceDefinitions: 1, other objects: 1)',
      '2 applied: Waiting for the Cluster Operator 0.45.1 to be ready',
      expect.stringMatching(
        /^2 applied: The Cluster Operator 0\.45\.1 is ready \(time spent: CustomResourceDefinitions [\d.]+ s, other objects [\d.]+ s, its pod [\d.]+ s\)$/,
      ),
    ]);
  });
});

describe('the restart of an operator', () => {
  const PODS = '/api/v1/namespaces/ns/pods';
  const LABELS = { name: 'strimzi-cluster-operator', 'strimzi.io/kind': 'cluster-operator' };
  const READY = { conditions: [{ type: 'Ready', status: 'True' }] };

  let stub: StubCluster;
  let api: KubeApi;

  beforeEach(async () => {
    stub = await StubCluster.start();
    api = await stub.connect();
    stub.put(`${PODS}/old`, { metadata: { uid: 'u1', labels: LABELS }, status: READY });
    stub.put(`${PODS}/another`, { metadata: { uid: 'u9' }, status: READY });
  });

  afterEach(async () => {
    api.close();
    await stub.stop();
  });

  const restart = (readyTimeoutMs = 10_000): Promise<Pod> =>
    new OperatorInstallation(api, {
      namespace: 'ns',
      run: 'remigrate-0a1b',
      useInstalledDefinitions: false,
      readyTimeoutMs,
      signal: new AbortController().signal,
      progress: () => undefined,
    }).restart();

  it('deletes its pod, and returns the one that replaces it', async () => {
    stub.before = ({ method }) => {
      if (method !== 'DELETE') return;
      stub.put(`${PODS}/new`, { metadata: { uid: 'u2', labels: LABELS } });
      setImmediate(() => stub.put(`${PODS}/new`, { metadata: { uid: 'u2', labels: LABELS }, status: READY }));
    };
    expect((await restart()).metadata).toMatchObject({ name: 'new', uid: 'u2' });
    expect(stub.paths().filter((path) => path.startsWith(PODS))).toEqual([`${PODS}/another`, `${PODS}/new`]);
  });

  it('waits until the old pod is gone: its process may still write to its log', async () => {
    // Terminating until the end of its grace period.
    stub.before = ({ method }) => {
      if (method !== 'DELETE') return;
      setImmediate(() => {
        const deletionTimestamp = '2026-11-24T10:00:00Z';
        stub.put(`${PODS}/old`, { metadata: { uid: 'u1', labels: LABELS, deletionTimestamp }, status: READY });
        stub.put(`${PODS}/new`, { metadata: { uid: 'u2', labels: LABELS }, status: READY });
      });
    };
    await expect(restart(300)).rejects.toThrow(
      'the Cluster Operator in namespace ns to be ready (pod old still exists)',
    );
  });
});
