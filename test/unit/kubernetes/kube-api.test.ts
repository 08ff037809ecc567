import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnvironmentError, UsageError, WaitAborted } from '../../../src/errors.js';
import { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';
import { UnknownKind } from '../../../src/kubernetes/objects.js';
import { RequestFailed } from '../../../src/kubernetes/request-failed.js';
import { inTurn, json, kubeconfigFor, StubApiServer, status } from './stub-api-server.js';

const { signal } = new AbortController();
const KAFKA = { apiVersion: 'kafka.strimzi.io/v1beta2', kind: 'Kafka' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const MY_CLUSTER = { ...KAFKA, namespace: 'demo', name: 'my-cluster' };

let stub: StubApiServer;
let api: KubeApi | undefined;

beforeEach(async () => {
  stub = await StubApiServer.start();
});

afterEach(async () => {
  api?.close();
  await stub.stop();
});

async function connected(): Promise<KubeApi> {
  api = await stub.connect();
  return api;
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function connectTo(context: string, kubeconfig = stub.kubeconfig): Promise<unknown> {
  return caught(KubeApi.connect({ kubeconfig, context, signal, backOff: () => 0 }));
}

describe('KubeApi.connect', () => {
  it.each([
    ['another', /the context another does not exist\. .*config has: no-cluster, no-tls, no-user, production, stub/],
    ['', /no context is given\. .* has: /],
    ['no-cluster', /refers to a cluster that is not in .*config/],
    ['no-user', /refers to a user that is not in .*config/],
    ['no-tls', /without TLS.*insecure-skip-tls-verify/],
  ])('rejects the context "%s"', async (context, message) => {
    const error = await connectTo(context);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('says which kubeconfig cannot be read', async () => {
    const absent = join(stub.folder, 'absent');
    await expect(connectTo('stub', absent)).resolves.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(`the kubeconfig ${absent} cannot be read: ENOENT`),
    });
    const broken = join(stub.folder, 'broken');
    await writeFile(broken, 'clusters: [');
    await expect(connectTo('stub', broken)).resolves.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(`the kubeconfig ${broken} cannot be read`),
    });
  });

  it('reads the files of KUBECONFIG like kubectl: missing files are skipped, the first definition of a name is used', async () => {
    const other = join(stub.folder, 'other');
    await writeFile(other, kubeconfigFor('http://127.0.0.1:1'));
    const env = { KUBECONFIG: [join(stub.folder, 'absent'), stub.kubeconfig, other].join(':') };
    api = await KubeApi.connect({ context: 'stub', env, signal });
    expect(api.server).toEqual({ server: stub.url, context: 'stub' });
  });

  it('says immediately that a server cannot be reached', async () => {
    const { url } = stub;
    await stub.hangUp();
    const error = await connectTo('stub');
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        `the API server ${url} \\(context stub\\) could not be reached to get /version: connection refused`,
      ),
    });
    await rm(stub.folder, { recursive: true });
  });

  it('says that a server does not answer', async () => {
    stub.version = () => undefined;
    const error = await caught(
      KubeApi.connect({ kubeconfig: stub.kubeconfig, context: 'stub', signal, timeoutMs: 50 }),
    );
    expect(error).toMatchObject({ message: expect.stringMatching(/did not answer within 0\.05 s when asked to get/) });
  });

  it('says that the credentials are not accepted', async () => {
    stub.version = (_request, response) => status(response, 401, 'Unauthorized');
    await expect(connectTo('stub')).resolves.toMatchObject({
      status: 401,
      message: expect.stringMatching(
        /does not accept the credentials of that context \(401, when asked to get \/version\)/,
      ),
    });
  });
});

describe('KubeApi', () => {
  it('sends the credentials of the context', async () => {
    await (await connected()).get(MY_CLUSTER, { signal });
    expect(stub.received[0]?.headers.authorization).toBe('Bearer secret-token');
  });

  it('returns the version', async () => {
    await expect((await connected()).serverVersion({ signal })).resolves.toEqual({
      major: 1,
      minor: 33,
      gitVersion: 'v1.33.13',
    });
  });

  it('returns objects unchanged', async () => {
    const object = {
      ...KAFKA,
      metadata: { name: 'my-cluster', creationTimestamp: '2026-01-02T03:04:05Z', oddity: 1 },
      spec: { kafka: { unknown: { to: ['all', 'models'] } } },
    };
    stub.answer = (_request, response) => json(response, 200, object);
    await expect((await connected()).get(MY_CLUSTER, { signal })).resolves.toEqual(object);
    expect(stub.received[0]?.url.pathname).toBe('/apis/kafka.strimzi.io/v1beta2/namespaces/demo/kafkas/my-cluster');
  });

  it('returns undefined for an object that does not exist, and false when it is deleted', async () => {
    await expect((await connected()).get(MY_CLUSTER, { signal })).resolves.toBeUndefined();
    await expect((await connected()).delete(MY_CLUSTER, { signal })).resolves.toBe(false);
  });

  it('does not read a namespaced object without its namespace', async () => {
    await expect((await connected()).get({ ...KAFKA, name: 'x' }, { signal })).rejects.toThrow(
      'Kafka x needs a namespace',
    );
    expect(stub.received).toEqual([]);
  });

  it('reports a kind that the cluster does not serve', async () => {
    const missing = { apiVersion: 'core.strimzi.io/v1beta2', kind: 'StrimziPodSet' };
    await expect((await connected()).serves(missing, { signal })).resolves.toBe(false);
    await expect((await connected()).serves(KAFKA, { signal })).resolves.toBe(true);
    const error = await caught((await connected()).list(missing, { signal }));
    expect(error).toBeInstanceOf(UnknownKind);
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /does not serve StrimziPodSet of core\.strimzi\.io\/v1beta2: is its CustomResource/,
      ),
    });
  });

  it('lists page by page, with the kind in each object', async () => {
    stub.answer = inTurn(
      (_request, response) =>
        json(response, 200, {
          metadata: { resourceVersion: '7', continue: 'more' },
          items: [{ metadata: { name: 'a' } }],
        }),
      (_request, response) =>
        json(response, 200, { metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'b' } }] }),
    );
    const list = await (await connected()).list({ ...POD, namespace: 'demo', labelSelector: 'a=b' }, { signal });
    expect(list).toEqual({
      resourceVersion: '7',
      items: [
        { ...POD, metadata: { name: 'a' } },
        { ...POD, metadata: { name: 'b' } },
      ],
    });
    expect(stub.received.map(({ url }) => url.searchParams.get('continue'))).toEqual([null, 'more']);
    expect(stub.received.map(({ url }) => url.searchParams.get('labelSelector'))).toEqual(['a=b', 'a=b']);
  });

  it('patches, applies and deletes with the given options', async () => {
    stub.answer = (_request, response) => json(response, 200, {});
    const client = await connected();
    await client.mergePatch(MY_CLUSTER, { status: { a: null } }, { signal, subresource: 'status' });
    await client.apply({ ...KAFKA, metadata: { name: 'my-cluster', namespace: 'demo' } }, { signal, force: true });
    await client.delete(MY_CLUSTER, { signal, propagation: 'Foreground', uid: 'u', gracePeriodSeconds: 0 });
    expect(
      stub.received.map(({ method, url, headers, body }) => [
        method,
        url.pathname.split('/').slice(-2).join('/') + url.search,
        headers['content-type'],
        body,
      ]),
    ).toEqual([
      ['PATCH', 'my-cluster/status', 'application/merge-patch+json', { status: { a: null } }],
      [
        'PATCH',
        'kafkas/my-cluster?fieldManager=remigrate&force=true',
        'application/apply-patch+yaml',
        { ...KAFKA, metadata: { name: 'my-cluster', namespace: 'demo' } },
      ],
      [
        'DELETE',
        'kafkas/my-cluster',
        'application/json',
        {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Foreground',
          preconditions: { uid: 'u' },
          gracePeriodSeconds: 0,
        },
      ],
    ]);
  });

  it.each([429, 500, 502, 503, 504])('retries after %i', async (code) => {
    stub.answer = inTurn(
      (_request, response) => status(response, code, 'Transient'),
      (_request, response) => status(response, code, 'Transient'),
      (_request, response) => json(response, 200, { ok: true }),
    );
    await expect((await connected()).get(MY_CLUSTER, { signal })).resolves.toEqual({ ok: true });
    expect(stub.received).toHaveLength(3);
  });

  it('retries after a connection that broke', async () => {
    stub.answer = inTurn(
      (_request, response) => response.destroy(),
      (_request, response) => json(response, 200, { ok: true }),
    );
    await expect((await connected()).get(MY_CLUSTER, { signal })).resolves.toEqual({ ok: true });
  });

  it.each([401, 403])(
    'retries after %i if the action was allowed before, because the server may be starting',
    async (code) => {
      stub.answer = inTurn(
        (_request, response) => json(response, 200, { first: true }),
        (_request, response) => status(response, code, 'Forbidden'),
        (_request, response) => json(response, 200, { ok: true }),
      );
      const client = await connected();
      await client.get(MY_CLUSTER, { signal });
      await expect(client.get({ ...MY_CLUSTER, name: 'another' }, { signal })).resolves.toEqual({ ok: true });
    },
  );

  it.each([
    ['another verb', { ...MY_CLUSTER }, 'delete'],
    ['another namespace', { ...MY_CLUSTER, namespace: 'other' }, 'get'],
  ] as const)('does not retry after 403 for %s than the one that was allowed', async (_what, reference, verb) => {
    stub.answer = inTurn(
      (_request, response) => json(response, 200, {}),
      (_request, response) => status(response, 403, 'Forbidden'),
    );
    const client = await connected();
    await client.get(MY_CLUSTER, { signal });
    const refused = verb === 'get' ? client.get(reference, { signal }) : client.delete(reference, { signal });
    await expect(caught(refused)).resolves.toMatchObject({ status: 403 });
    expect(stub.received).toHaveLength(2);
  });

  it('fails at the deadline with the last answer of the server', async () => {
    // The retry is not answered, so that the deadline ends it. The deadline allows one answer even on a busy machine.
    stub.answer = inTurn(
      (_request, response) => status(response, 500, 'InternalError', 'etcdserver: request timed out'),
      () => undefined,
    );
    const error = await caught((await connected()).get(MY_CLUSTER, { signal, timeoutMs: 1_000 }));
    expect(error).toBeInstanceOf(RequestFailed);
    expect(error).toMatchObject({
      status: 500,
      exitCode: 3,
      message: expect.stringMatching(
        /answered 500 when asked to get kafkas\.kafka\.strimzi\.io my-cluster in namespace demo: etcdserver: request timed out/,
      ),
    });
    expect(stub.received.length).toBe(2);
  });

  it('waits as long as Retry-After says, and fails immediately if that is beyond the deadline', async () => {
    stub.answer = (_request, response) => status(response, 429, 'TooManyRequests', 'later', { 'retry-after': '3600' });
    await expect(caught((await connected()).get(MY_CLUSTER, { signal }))).resolves.toMatchObject({
      status: 429,
      retryAfterMs: 3_600_000,
    });
    expect(stub.received).toHaveLength(1);
  });

  it('does not retry if the answer would be the same: 403, 409, 422', async () => {
    stub.answer = inTurn(
      (_request, response) => status(response, 403, 'Forbidden', 'User "tester" cannot list'),
      (_request, response) => status(response, 409, 'Conflict', 'the object has been modified'),
      (_request, response) => status(response, 422, 'Invalid', 'spec.kafka: Required value'),
    );
    const client = await connected();
    await expect(caught(client.list({ ...KAFKA, namespace: 'demo' }, { signal }))).resolves.toMatchObject({
      message: expect.stringMatching(
        /^no right to list kafkas\.kafka\.strimzi\.io in namespace demo at the API server http.*User "tester" cannot list/,
      ),
      reason: 'Forbidden',
    });
    await expect(caught(client.mergePatch(MY_CLUSTER, {}, { signal }))).resolves.toMatchObject({ reason: 'Conflict' });
    await expect(caught(client.mergePatch(MY_CLUSTER, {}, { signal }))).resolves.toMatchObject({
      reason: 'Invalid',
      message: expect.stringContaining('spec.kafka: Required value'),
    });
    expect(stub.received).toHaveLength(3);
  });

  it('ends with its signal, even while it waits to retry', async () => {
    const run = new AbortController();
    stub.answer = (_request, response) => {
      status(response, 429, 'TooManyRequests', 'later', { 'retry-after': '20' });
      setImmediate(() => run.abort());
    };
    const error = await caught((await connected()).get(MY_CLUSTER, { signal: run.signal }));
    expect(error).toBeInstanceOf(WaitAborted);
    await expect((await connected()).get(MY_CLUSTER, { signal: run.signal })).rejects.toBeInstanceOf(WaitAborted);
    expect(stub.received).toHaveLength(1);
  });

  it('ends with its signal while the server is silent', async () => {
    const run = new AbortController();
    stub.answer = () => run.abort();
    await expect((await connected()).get(MY_CLUSTER, { signal: run.signal })).rejects.toBeInstanceOf(WaitAborted);
  });

  describe('when the answer to a creation was lost', () => {
    const object: KubeObject = { ...POD, metadata: { name: 'p', namespace: 'demo' } };

    it('recognises its own object', async () => {
      let manager = '';
      stub.answer = inTurn(
        ({ url }, response) => {
          manager = url.searchParams.get('fieldManager') ?? '';
          status(response, 504, 'Timeout');
        },
        (_request, response) => status(response, 409, 'AlreadyExists'),
        (_request, response) =>
          json(response, 200, { ...object, metadata: { ...object.metadata, managedFields: [{ manager }] } }),
      );
      await expect((await connected()).create(object, { signal })).resolves.toMatchObject({ metadata: { name: 'p' } });
      expect(manager).toMatch(/^remigrate-[0-9a-f]{8}$/);
    });

    it('does not mistake an object of another client for its own', async () => {
      stub.answer = inTurn(
        (_request, response) => status(response, 504, 'Timeout'),
        (_request, response) => status(response, 409, 'AlreadyExists'),
        (_request, response) =>
          json(response, 200, { ...object, metadata: { ...object.metadata, managedFields: [{ manager: 'kubectl' }] } }),
      );
      await expect(caught((await connected()).create(object, { signal }))).resolves.toMatchObject({
        reason: 'AlreadyExists',
      });
    });

    it('does not mistake an object that existed before for its own', async () => {
      stub.answer = (_request, response) => status(response, 409, 'AlreadyExists');
      await expect(caught((await connected()).create(object, { signal }))).resolves.toMatchObject({ status: 409 });
      expect(stub.received).toHaveLength(1);
    });
  });

  it('checks rights and returns those that are missing', async () => {
    stub.answer = ({ body }, response) => {
      const { resourceAttributes } = (body as { spec: { resourceAttributes: { resource: string } } }).spec;
      json(response, 201, { status: { allowed: resourceAttributes.resource === 'pods' } });
    };
    const rights = [
      { verb: 'get', group: '', resource: 'pods', namespace: 'demo' },
      { verb: 'create', group: '', resource: 'pods/portforward', namespace: 'demo' },
      { verb: 'create', group: 'kafka.strimzi.io', resource: 'kafkas' },
    ];
    await expect((await connected()).missingRights(rights, { signal })).resolves.toEqual([rights[2]]);
    expect(stub.received[1]?.body).toMatchObject({
      spec: {
        resourceAttributes: {
          verb: 'create',
          group: '',
          resource: 'pods',
          subresource: 'portforward',
          namespace: 'demo',
        },
      },
    });
  });
});
