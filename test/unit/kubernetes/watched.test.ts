import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';
import { Watched, type WatchedOptions } from '../../../src/kubernetes/watched.js';
import { type Answer, eventually, inTurn, json, StubApiServer, status } from './stub-api-server.js';

const { signal } = new AbortController();
const PODS = { apiVersion: 'v1', kind: 'Pod', namespace: 'demo' };

let stub: StubApiServer;
let api: KubeApi;
let watched: Watched<KubeObject> | undefined;
let reported: string[];
let interruptions: string[];

beforeEach(async () => {
  stub = await StubApiServer.start();
  api = await stub.connect();
  reported = [];
  interruptions = [];
});

afterEach(async () => {
  await watched?.close();
  watched = undefined;
  api.close();
  await stub.stop();
});

function pod(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'demo', uid, resourceVersion } };
}

function list(resourceVersion: string, ...items: readonly KubeObject[]): Answer {
  return (_request, response) => json(response, 200, { metadata: { resourceVersion }, items });
}

function send(response: ServerResponse, type: string, object: unknown): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

/** A watch that sends these events and ends, or stays open. */
function watch(events: readonly (readonly [string, unknown])[], then: 'end' | 'stay' | 'break' = 'stay'): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const [type, object] of events) send(response, type, object);
    if (then === 'end') response.end();
    // Everything that was sent must arrive before the break.
    if (then === 'break') setImmediate(() => setImmediate(() => response.destroy()));
  };
}

async function start(options: Partial<WatchedOptions<KubeObject>> = {}): Promise<Watched<KubeObject>> {
  watched = await Watched.start<KubeObject>(api, PODS, {
    signal,
    listener: ({ change, object: { metadata } }) =>
      reported.push(`${change} ${metadata.name}@${metadata.resourceVersion}`),
    onInterruption: (why) => interruptions.push(why),
    backOff: () => 0,
    ...options,
  });
  return watched;
}

/** The resourceVersion at which each watch began; `list` for a list. */
function asked(): readonly string[] {
  return stub.received.map(({ url }) =>
    url.searchParams.get('watch') === 'true' ? `watch ${url.searchParams.get('resourceVersion')}` : 'list',
  );
}

describe('Watched', () => {
  it('reports the objects, and then each change in order', async () => {
    stub.answer = inTurn(
      list('10', pod('a', '1'), pod('b', '2')),
      watch([
        ['MODIFIED', pod('a', '11')],
        ['ADDED', pod('c', '12')],
        ['DELETED', pod('b', '13')],
      ]),
    );
    const pods = await start();
    expect(reported).toEqual(['added a@1', 'added b@2']);
    await eventually(() => reported.length === 5);
    expect(reported.slice(2)).toEqual(['modified a@11', 'added c@12', 'deleted b@13']);
    expect([...pods.objects.keys()]).toEqual(['a', 'c']);
    expect(stub.received[1]?.url.searchParams.get('allowWatchBookmarks')).toBe('true');
  });

  it('resumes from the last resourceVersion, also of a bookmark, after an end and after a break', async () => {
    stub.answer = inTurn(
      list('10'),
      watch([['ADDED', pod('a', '11')]], 'end'),
      watch([['BOOKMARK', { metadata: { resourceVersion: '20' } }]], 'break'),
      watch([['MODIFIED', pod('a', '21')]]),
    );
    await start();
    await eventually(() => reported.length === 2);
    expect(reported).toEqual(['added a@11', 'modified a@21']);
    expect(asked()).toEqual(['list', 'watch 10', 'watch 11', 'watch 20']);
    expect(interruptions).toEqual([expect.stringContaining('the watch of Pod broke')]);
  });

  const expired: readonly (readonly [string, Answer])[] = [
    ['answer', (_request, response) => status(response, 410, 'Expired')],
    ['event', watch([['ERROR', { kind: 'Status', code: 410, reason: 'Expired' }]])],
    ['event of another error', watch([['ERROR', { kind: 'Status', code: 500, message: 'etcd' }]])],
  ];
  it.each(expired)('lists again after 410 as an %s, and reports the difference', async (_as, answer) => {
    stub.answer = inTurn(
      list('10', pod('gone', '1'), pod('same', '2'), pod('changed', '3'), pod('replaced', '4', 'first')),
      answer,
      list('50', pod('same', '2'), pod('changed', '30'), pod('replaced', '40', 'second'), pod('new', '41')),
      watch([]),
    );
    await start();
    await eventually(() => reported.length === 9);
    expect(reported.slice(4)).toEqual([
      'deleted gone@1',
      'modified changed@30',
      'deleted replaced@4',
      'added replaced@40',
      'added new@41',
    ]);
    await eventually(() => stub.received.length === 4);
    expect(asked()).toEqual(['list', 'watch 10', 'list', 'watch 50']);
    expect(interruptions).toHaveLength(1);
  });

  it('resumes when the server is back, after 429, 500 and broken connections', async () => {
    stub.answer = inTurn(
      list('10'),
      (_request, response) => status(response, 500, 'InternalError', 'etcdserver: leader changed'),
      (_request, response) => status(response, 429, 'TooManyRequests'),
      (_request, response) => response.destroy(),
      watch([['ADDED', pod('a', '11')]]),
    );
    await start();
    await eventually(() => reported.length === 1);
    expect(asked()).toEqual(['list', 'watch 10', 'watch 10', 'watch 10', 'watch 10']);
    expect(interruptions).toHaveLength(3);
  });

  it('ignores an incomplete event', async () => {
    stub.answer = inTurn(
      list('10'),
      (_request, response) => {
        response.writeHead(200);
        response.end('{"type":"ADDED","object":{"metadata":{"name":"half"');
      },
      watch([['ADDED', pod('a', '11')]]),
    );
    await start();
    await eventually(() => reported.length === 1);
    expect(reported).toEqual(['added a@11']);
  });

  it('waits until the objects match', async () => {
    let response: ServerResponse | undefined;
    stub.answer = inTurn(list('10'), (request, open) => {
      watch([])(request, open);
      response = open;
    });
    const pods = await start();
    const found = pods.waitFor('pod a', (objects) => objects.get('a')?.metadata.uid, 10_000, signal);
    await eventually(() => response !== undefined);
    if (response !== undefined) send(response, 'ADDED', pod('a', '11', 'wanted'));
    await expect(found).resolves.toBe('wanted');
  });

  it('ends a wait at its deadline, saying what it waited for, and with its signal', async () => {
    stub.answer = inTurn(list('10'), watch([]));
    const pods = await start();
    const late = pods.waitFor('a pod that is ready', () => undefined, 20, signal);
    await expect(late).rejects.toThrow('timed out after 0.02 s waiting for a pod that is ready');
    await expect(late).rejects.toBeInstanceOf(WaitTimedOut);
    const run = new AbortController();
    const ended = pods.waitFor('a pod', () => undefined, 10_000, run.signal);
    run.abort();
    await expect(ended).rejects.toBeInstanceOf(WaitAborted);
  });

  it('fails permanently without the right to watch, and so does every wait', async () => {
    stub.answer = inTurn(list('10'), (_request, response) => status(response, 403, 'Forbidden', 'cannot watch'));
    const failures: unknown[] = [];
    const pods = await start({ onFailure: (failure) => failures.push(failure) });
    const wait = pods.waitFor('a pod', () => undefined, 10_000, signal);
    await expect(wait).rejects.toThrow(/no right to watch pods in namespace demo/);
    await expect(pods.waitFor('a pod', () => undefined, 10_000, signal)).rejects.toThrow(/no right to watch/);
    expect(failures).toEqual([expect.objectContaining({ status: 403 })]);
  });

  it('fails with the error of a listener, and reports nothing more', async () => {
    stub.answer = inTurn(
      list('10'),
      watch([
        ['ADDED', pod('a', '11')],
        ['ADDED', pod('b', '12')],
      ]),
    );
    const listener = ({ object }: { object: KubeObject }): never => {
      reported.push(object.metadata.name);
      throw new Error('a defect');
    };
    const pods = await start({ listener });
    await expect(pods.waitFor('a pod', () => undefined, 10_000, signal)).rejects.toThrow('a defect');
    expect(reported).toEqual(['a']);
  });

  it('does not start if it cannot list', async () => {
    stub.answer = (_request, response) => status(response, 403, 'Forbidden');
    await expect(start()).rejects.toThrow(/no right to list pods in namespace demo/);
  });

  it.each(['close', 'signal'])('ends by %s: its connection, its waits, its listener', async (how) => {
    const run = new AbortController();
    let closed = false;
    let open: ServerResponse | undefined;
    stub.answer = inTurn(list('10'), (request, response) => {
      watch([])(request, response);
      response.on('close', () => {
        closed = true;
      });
      open = response;
    });
    const pods = await start({ signal: run.signal });
    const wait = pods.waitFor('a pod', () => undefined, 10_000, signal);
    const rejected = expect(wait).rejects.toBeInstanceOf(WaitAborted);
    await eventually(() => open !== undefined);
    if (how === 'signal') run.abort();
    await pods.close();
    await rejected;
    await eventually(() => closed);
    expect(reported).toEqual([]);
    expect(asked()).toEqual(['list', 'watch 10']);
  });
});
