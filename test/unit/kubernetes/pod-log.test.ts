import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { followLog, type LogEnd } from '../../../src/kubernetes/pod-log.js';
import { type Answer, eventually, json, type Received, StubApiServer, status } from './stub-api-server.js';

const SOURCE = { namespace: 'demo', pod: 'p', container: 'main', uid: 'u' };
const RUNNING = { running: {} };
const TERMINATED = { terminated: { containerID: 'c' } };

let stub: StubApiServer;
let api: KubeApi;
let run: AbortController;
let reported: string[];
/** The open watch, for changes of the pod, and the changes from before it was open. */
let watch: ServerResponse | undefined;
let early: string[];
let version: number;
/** The answer to each reading of the log, in order. */
let readings: Answer[];
let asked: string[];

beforeEach(async () => {
  stub = await StubApiServer.start();
  api = await stub.connect();
  run = new AbortController();
  reported = [];
  watch = undefined;
  early = [];
  version = 1;
  readings = [];
  asked = [];
});

afterEach(async () => {
  run.abort();
  api.close();
  await stub.stop();
});

function pod(restartCount: number, state: object): object {
  version += 1;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'demo', uid: 'u', resourceVersion: String(version) },
    status: { containerStatuses: [{ name: 'main', restartCount, state }] },
  };
}

function send(type: string, object: object): void {
  const event = `${JSON.stringify({ type, object })}\n`;
  if (watch === undefined) early.push(event);
  else watch.write(event);
}

const gone = (): void => send('DELETED', pod(0, TERMINATED));

/** The pod at first; `send` changes it. */
function serve(first: object): void {
  stub.answer = (request, response) => {
    if (request.url.pathname.endsWith('/log')) {
      asked.push(describeReading(request));
      const reading = readings.shift();
      if (reading === undefined) status(response, 400, 'BadRequest', 'no more');
      else reading(request, response);
    } else if (request.url.searchParams.get('watch') === 'true') {
      watch = response;
      response.writeHead(200).flushHeaders();
      for (const event of early) response.write(event);
    } else json(response, 200, { metadata: { resourceVersion: '1' }, items: [first] });
  };
}

function describeReading({ url: { searchParams: of } }: Received): string {
  const what = of.get('previous') === 'true' ? 'previous' : of.get('follow') === 'true' ? 'follow' : 'read';
  const since = of.get('sinceTime');
  return since === null ? what : `${what} since ${since.slice(17, 19)}`;
}

/** Lines of the log, each stamped with its second; only the last line may lack a line break. */
function log(
  lines: readonly string[],
  then: 'end' | 'break' | 'stay' = 'end',
  after: () => void = () => undefined,
): Answer {
  return (_request, response) => {
    response.writeHead(200).flushHeaders();
    const text = lines.map((line) => `2026-01-02T03:04:${line.slice(0, 2)}.000000001Z ${line}`).join('\n');
    response.write(then === 'break' ? text : `${text}\n`, () => {
      after();
      if (then === 'end') response.end();
      if (then === 'break') setImmediate(() => setImmediate(() => response.destroy()));
    });
  };
}

function follow(): Promise<LogEnd> {
  return followLog(api, SOURCE, ({ text, restarts }) => reported.push(`${restarts}: ${text}`), run.signal);
}

describe('followLog', () => {
  it('resumes where the log broke, in the middle of a line, and ends with the pod', async () => {
    serve(pod(0, RUNNING));
    readings.push(
      log(['10 a', '11 b', '11 c', '12 cut o'], 'break'),
      log(['10 a', '11 b', '11 c', '12 cut off', '13 d'], 'end', () => send('MODIFIED', pod(0, TERMINATED))),
      log(['12 cut off', '13 d', '13 the last'], 'end', gone),
    );
    await expect(follow()).resolves.toEqual({ complete: true });
    expect(reported).toEqual(['0: 10 a', '0: 11 b', '0: 11 c', '0: 12 cut off', '0: 13 d', '0: 13 the last']);
    expect(asked).toEqual(['follow', 'follow since 10', 'read since 12']);
  });

  it('reads the previous log of a container whose restart was not seen, and then the present one', async () => {
    serve(pod(0, RUNNING));
    readings.push(
      log(['10 a'], 'end', () => send('MODIFIED', pod(1, RUNNING))),
      log(['10 a', '11 missed']),
      log(['20 second life'], 'end', gone),
    );
    await expect(follow()).resolves.toEqual({ complete: true });
    expect(reported).toEqual(['0: 10 a', '0: 11 missed', '1: 20 second life']);
    expect(asked).toEqual(['follow', 'previous since 09', 'follow since 10']);
  });

  it.each([
    ['a container ran between two readings', 'end', 3],
    ['a log broke and the runtime no longer has it', 'break', 2],
  ] as const)('reports that lines may be missing if %s', async (_when, how, restarts) => {
    serve(pod(0, RUNNING));
    readings.push(
      log(['10 a'], how, () => send('MODIFIED', pod(restarts, RUNNING))),
      log(['20 the life before']),
      log(['30 this life'], 'end', gone),
    );
    await expect(follow()).resolves.toEqual({ complete: false });
    expect(reported.slice(-2)).toEqual([`${restarts - 1}: 20 the life before`, `${restarts}: 30 this life`]);
  });

  it('misses nothing if the log of the previous run exists', async () => {
    serve(pod(0, RUNNING));
    readings.push(
      log(['10 a'], 'end', () => send('MODIFIED', pod(2, RUNNING))),
      log(['20 b']),
      log(['30 c'], 'end', gone),
    );
    await expect(follow()).resolves.toEqual({ complete: true });
    expect(reported).toEqual(['0: 10 a', '1: 20 b', '2: 30 c']);
  });

  it('reports that lines may be missing if the log broke and the pod is gone', async () => {
    serve(pod(0, RUNNING));
    readings.push(log(['10 a'], 'break', gone));
    await expect(follow()).resolves.toEqual({ complete: false });
  });

  it('ignores lines of the kubelet itself', async () => {
    serve(pod(0, RUNNING));
    readings.push((_request, response) => {
      response.writeHead(200);
      response.end('failed to watch file: too many open files\n2026-01-02T03:04:05Z a\n', gone);
    });
    await follow();
    expect(reported).toEqual(['0: a']);
  });

  it('waits for a container to start', async () => {
    serve(pod(0, { waiting: { reason: 'ContainerCreating' } }));
    readings.push(log(['10 a'], 'end', gone));
    const following = follow();
    await eventually(() => watch !== undefined);
    expect(asked).toEqual([]);
    send('MODIFIED', pod(0, RUNNING));
    await expect(following).resolves.toEqual({ complete: true });
    expect(reported).toEqual(['0: 10 a']);
  });

  it('ends with what the listener throws', async () => {
    serve(pod(0, RUNNING));
    readings.push(log(['10 a'], 'stay'));
    const throwing = (): never => {
      throw new Error('a defect');
    };
    await expect(followLog(api, SOURCE, throwing, run.signal)).rejects.toThrow('a defect');
  });

  it('ends with its signal', async () => {
    serve(pod(0, RUNNING));
    readings.push(log(['10 a'], 'stay', () => run.abort()));
    await expect(follow()).rejects.toBeInstanceOf(WaitAborted);
  });

  it('reports that the right to read logs is missing', async () => {
    serve(pod(0, RUNNING));
    readings.push((_request, response) => status(response, 403, 'Forbidden'));
    await expect(follow()).rejects.toThrow(/^no right to get pods\/log p in namespace demo/);
  });
});
