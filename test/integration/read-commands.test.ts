import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { json, StubApiServer } from '../unit/kubernetes/stub-api-server.js';
import { expectNothingLeft, expectRefusal, makePlace, type Place, remigrate, removePlace } from './support/command.js';
import { atLine } from './support/moments.js';

const TEST_TIMEOUT_MS = 120_000;

/** What each signal leaves of a command that only reads. */
const EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

describe('a command that reads a cluster', () => {
  let place: Place;
  let connected: Set<Socket>;
  let server: Server;
  let address: string;
  let firstConnection: Promise<void>;
  beforeEach(async () => {
    place = await makePlace();
    connected = new Set();
    // Accepts every connection and never responds, as a port behind a firewall or of another service.
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      connected.add(socket);
    });
    firstConnection = new Promise((resolve) => server.once('connection', () => resolve()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    address = `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  });
  afterEach(async () => {
    for (const socket of connected) socket.destroy();
    server.close();
    await removePlace(place);
  });

  it.each([
    ['SIGINT', 'snapshot --kafka', 'Reading the brokers at '],
    ['SIGTERM', 'snapshot --kafka', 'Reading the brokers at '],
    ['SIGINT', 'snapshot --zookeeper', 'Opening a session with ZooKeeper at '],
    ['SIGINT', 'inspect --zookeeper', 'Opening a session with ZooKeeper at '],
    ['SIGHUP', 'inspect --zookeeper', 'Opening a session with ZooKeeper at '],
  ] as const)(
    '%s ends `%s` with one line: no stack trace, and no nodes that it does not have',
    async (signal, command, announced) => {
      const run = remigrate(place, [...command.split(' '), address]);
      const { exitCode, all } = await atLine(run, announced, async () => {
        await firstConnection;
        run.kill(signal);
      });
      expect(all.split('\n')).toEqual([
        expect.stringMatching(`^${announced}${address}; read-only\\..* must respond within 30 s\\.$`),
        `${signal}: stopped; the cluster was not changed`,
      ]);
      expect(exitCode).toBe(EXITS[signal]);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'reports a broker that does not exist after the deadline that it announced',
    async () => {
      const sentences = [
        'Reading the brokers at 127.0.0.1:1; read-only. One must respond within 30 s.',
        /timed out after 30 s waiting for a response from 127\.0\.0\.1:1; the last attempt failed: .*ECONNREFUSED/,
        '--kafka needs the address of a listener without TLS that this machine can reach.',
      ];
      await expectRefusal(place, ['snapshot', '--kafka', '127.0.0.1:1'], { exitCode: 3, sentences, env: {} });
    },
    TEST_TIMEOUT_MS,
  );
});

describe('a command that reads through an API server', () => {
  let place: Place;
  let api: StubApiServer;
  beforeEach(async () => {
    place = await makePlace();
    api = await StubApiServer.start();
  });
  afterEach(async () => {
    await api.stop();
    await removePlace(place);
  });

  const context = (): readonly string[] => ['--context', 'stub', '--kubeconfig', join(api.folder, 'config')];
  const KAFKAS = ['a', 'b', 'c'].map((name) => ({
    metadata: { name, namespace: 'kafka', uid: name },
    spec: { zookeeper: { replicas: 3 }, kafka: {} },
  }));

  it(
    'inspects three clusters at the same time without a warning of Node.js',
    async () => {
      const held: (() => void)[] = [];
      let reading = 0;
      api.answer = ({ url: { pathname } }, response) => {
        const kafkas = pathname.endsWith('/kafkas');
        const answer = () =>
          json(response, 200, { kind: 'List', metadata: { resourceVersion: '1' }, items: kafkas ? KAFKAS : [] });
        if (kafkas || pathname.endsWith('/persistentvolumes')) return answer();
        reading += 1;
        held.push(answer);
        // Of each cluster: the pods of ZooKeeper and of controllers, pools and claims. All wait at the same time.
        if (reading >= 4 * KAFKAS.length) for (const one of held.splice(0)) one();
      };
      const { all, exitCode } = await remigrate(place, ['inspect', ...context(), '--namespace', 'kafka']);
      expect(all).not.toContain('Warning');
      for (const name of ['a', 'b', 'c']) expect(all).toContain(`stub/kafka/${name}`);
      expect(exitCode).toBe(3);
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    ['inspect', ['--namespace', 'kafka']],
    ['snapshot', ['--namespace', 'kafka']],
    ['cleanup', []],
  ] as const)(
    'Ctrl-C ends `%s` with one line',
    async (command, more) => {
      const asked = new Promise<void>((resolve) => {
        api.answer = () => resolve();
      });
      const run = remigrate(place, [command, ...context(), ...more]);
      await Promise.race([asked, run]);
      run.kill('SIGINT');
      const { all, exitCode } = await run;
      const lines = all.split('\n').filter((line) => !line.startsWith('Reading stub: '));
      expect(lines).toEqual([expect.stringMatching(/^SIGINT: stopped; /)]);
      expect(exitCode).toBe(130);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
