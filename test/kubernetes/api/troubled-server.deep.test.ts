import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execa } from 'execa';
import { KindCluster } from '../../../src/environments/kubernetes/kind-cluster.js';
import { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { type KubeObject, objectReference } from '../../../src/kubernetes/kube-object.js';
import { RequestFailed } from '../../../src/kubernetes/request-failed.js';
import { Transport } from '../../../src/kubernetes/transport.js';
import { Watched } from '../../../src/kubernetes/watched.js';

jest.setTimeout(600_000);

const { REMIGRATE_TEST_KIND, REMIGRATE_TEST_KIND_IMAGE: image, REMIGRATE_TEST_KIND_CONFIG: configFile } = process.env;
const asked = REMIGRATE_TEST_KIND === '1';
if (!asked) console.warn('SKIPPED: a failing API server: set REMIGRATE_TEST_KIND=1 to create clusters');

const BACK_MS = 300_000;
/** For requests that must fail. */
const REFUSED_MS = 3_000;
const MOST_TRIES = 1_000;
const CONCURRENT = 20;
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const named = (name: string) => ({ ...CONFIG_MAP, metadata: { name, namespace: 'default' } });

/** On a separate cluster, because its controllers fail for a while, too. */
(asked ? describe : describe.skip)('a failing API server', () => {
  const { signal } = new AbortController();
  // Many concurrent requests listen to it.
  setMaxListeners(0, signal);
  const name = `remigrate-test-${randomBytes(3).toString('hex')}`;
  let folder: string;
  let cluster: KindCluster;
  let api: KubeApi;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
    cluster = await KindCluster.create({
      name,
      kubeconfig: join(folder, 'config'),
      ...(image === undefined ? {} : { image }),
      ...(configFile === undefined ? {} : { configFile }),
      signal,
      progress: () => undefined,
    });
    api = await KubeApi.connect({ kubeconfig: cluster.kubeconfig, context: cluster.context, signal });
  });
  afterAll(async () => {
    api?.close();
    await cluster?.delete();
    await rm(folder, { recursive: true });
  });

  it('is killed and restarted: requests are retried, and a watch whose resourceVersion has expired (410) continues', async () => {
    const failures: unknown[] = [];
    const watched = await Watched.start<KubeObject>(
      api,
      { ...CONFIG_MAP, namespace: 'default' },
      { signal, onFailure: (failure) => failures.push(failure) },
    );
    try {
      // While the server starts, it denies (403) requests that it allows a moment later. Only requests that were
      // allowed before are retried.
      await api.apply(named('before'), { signal });
      const { resourceVersion } = await api.list(inDefault, { signal });
      await docker('exec', `${name}-control-plane`, 'pkill', '-KILL', 'kube-apiserver');
      await api.apply(named('after'), { signal, timeoutMs: BACK_MS });
      await watched.waitFor(
        'the object that was created after the server was killed',
        (all) => (all.has('after') ? true : undefined),
        BACK_MS,
        signal,
      );
      expect(failures).toEqual([]);
      const path = `/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}`;
      expect(await raw(api, path)).toContain('"code":410');
    } finally {
      await watched.close();
    }
  });

  it('answers 500 for a while: the request is retried', async () => {
    const webhook = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' } as const;
    const service = { name: 'nobody', namespace: 'default', path: '/' };
    const hook: KubeObject & Readonly<Record<string, unknown>> = {
      ...webhook,
      metadata: { name: 'nobody' },
      webhooks: [
        {
          name: 'nobody.example.com',
          clientConfig: { service },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          timeoutSeconds: 1,
        },
      ],
    };
    await api.create(hook, { signal });
    const refused = await untilRefused(() => api.create(named('tried'), { signal, timeoutMs: REFUSED_MS }));
    expect(refused.message).toContain('500');
    const created = api.create(named('hooked'), { signal, timeoutMs: BACK_MS });
    await api.delete({ ...webhook, name: 'nobody' }, { signal });
    expect((await created).metadata.name).toBe('hooked');
  });

  it('answers 429 to most of many requests: they are retried until all succeed', async () => {
    const FLOW = 'flowcontrol.apiserver.k8s.io/v1';
    const limited = {
      nominalConcurrencyShares: 0,
      lendablePercent: 0,
      borrowingLimitPercent: 0,
      limitResponse: { type: 'Reject' },
    };
    const level = { apiVersion: FLOW, kind: 'PriorityLevelConfiguration', metadata: { name: 'nothing' } };
    await api.create({ ...level, spec: { type: 'Limited', limited } }, { signal });
    const rules = [
      {
        subjects: [{ kind: 'User', user: { name: 'kubernetes-admin' } }],
        resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['configmaps'], namespaces: ['default'] }],
      },
    ];
    const schema = { apiVersion: FLOW, kind: 'FlowSchema', metadata: { name: 'nothing' } };
    const spec = { priorityLevelConfiguration: { name: 'nothing' }, matchingPrecedence: 2, rules };
    await api.create({ ...schema, spec }, { signal });
    try {
      // One request at a time is admitted.
      const many = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: CONCURRENT }, ask));
      const refused = await untilRefused(() => many(() => raw(api, '/api/v1/namespaces/default/configmaps')));
      expect(refused.message).toContain('429');
      const lists = await many(() => api.list(inDefault, { signal, timeoutMs: BACK_MS }));
      expect(lists.filter(({ items }) => items.length > 0)).toHaveLength(CONCURRENT);
    } finally {
      await api.delete(objectReference(schema), { signal });
    }
  });

  it('does not answer: the deadline ends the request, and says so', async () => {
    await docker('pause', `${name}-control-plane`);
    try {
      await expect(api.list(inDefault, { signal, timeoutMs: REFUSED_MS })).rejects.toThrow(
        /did not answer within 3 s when asked to list configmaps/,
      );
    } finally {
      await docker('unpause', `${name}-control-plane`);
    }
    expect((await api.list(inDefault, { signal, timeoutMs: BACK_MS })).items).not.toEqual([]);
  });
});

const inDefault = { ...CONFIG_MAP, namespace: 'default' };

async function docker(...args: readonly string[]): Promise<void> {
  await execa('docker', args);
}

/** The server's answer, without retries. */
async function raw(api: KubeApi, path: string): Promise<string> {
  const transport = new Transport(api.config);
  const { signal } = new AbortController();
  try {
    return await transport.send({ method: 'GET', path, action: { verb: 'watch', resource: 'configmaps' } }, signal);
  } finally {
    transport.close();
  }
}

/** A configuration takes effect after a moment: repeats the request until it fails. @returns the first failure. */
async function untilRefused(request: () => Promise<unknown>): Promise<RequestFailed> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const outcome = await request().catch((error: unknown) => error);
    if (outcome instanceof RequestFailed && outcome.status !== 409) return outcome;
  }
  throw new Error(`no request failed in ${MOST_TRIES} tries`);
}
