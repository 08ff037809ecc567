import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PortForward } from '../../../src/kubernetes/forward.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { json, StubApiServer, status } from './stub-api-server.js';

const { signal } = new AbortController();
const TARGET = { namespace: 'demo', pod: 'p', port: 12_181 };

let stub: StubApiServer;
let api: KubeApi;
let forward: PortForward | undefined;

beforeEach(async () => {
  stub = await StubApiServer.start();
  api = await stub.connect();
});

afterEach(async () => {
  await forward?.close();
  forward = undefined;
  api.close();
  await stub.stop();
});

/** The API server has these pods, and rejects upgrades to a WebSocket. */
function serve(...items: readonly object[]): void {
  stub.answer = ({ url }, response) => {
    if (url.pathname.endsWith('/portforward')) status(response, 500, 'InternalError');
    else if (url.searchParams.get('watch') === 'true') response.writeHead(200).flushHeaders();
    else json(response, 200, { metadata: { resourceVersion: '1' }, items });
  };
}

const RUNNING = { containerStatuses: [{ state: { running: {} } }] };

async function connectAndEnd(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'close');
}

function handshakes(): number {
  return stub.received.filter(({ url }) => url.pathname.endsWith('/portforward')).length;
}

// The test with a real API server and a real pod that is rolled is test/kubernetes/api/forward.test.ts.
describe('PortForward', () => {
  it.each([
    ['there is no pod', []],
    [
      'its containers are waiting',
      [{ metadata: { name: 'p', uid: 'u' }, status: { containerStatuses: [{ state: { waiting: {} } }] } }],
    ],
    ['the pod is being deleted', [{ metadata: { name: 'p', uid: 'u', deletionTimestamp: 'now' }, status: RUNNING }]],
  ])('closes a connection immediately while %s', async (_when, pods) => {
    serve(...pods);
    forward = await PortForward.open(api, TARGET, { signal });
    await connectAndEnd(forward.localPort);
    expect(handshakes()).toBe(0);
  });

  it('survives connections that fail, and says why', async () => {
    serve({ metadata: { name: 'p', uid: 'u' }, status: RUNNING });
    const connectionErrors: string[] = [];
    forward = await PortForward.open(api, TARGET, { signal, onConnectionError: (why) => connectionErrors.push(why) });
    await connectAndEnd(forward.localPort);
    await connectAndEnd(forward.localPort);
    const said = expect.stringMatching(/no connection to p:12181: .*/);
    expect(connectionErrors).toEqual([said, said]);
  });

  it('is not opened without the right to watch pods, and leaves no port open', async () => {
    stub.answer = (_request, response) => status(response, 403, 'Forbidden');
    await expect(PortForward.open(api, TARGET, { signal })).rejects.toThrow(/no right to list pods/);
  });
});
