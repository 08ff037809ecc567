import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { PortForward } from '../../../src/kubernetes/forward.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { Watched } from '../../../src/kubernetes/watched.js';
import {
  connectToCluster,
  createNamespace,
  deleteNamespace,
  describeOnCluster,
  type PerlPod,
  perlPod,
} from './real-cluster.js';

jest.setTimeout(180_000);

const { signal } = new AbortController();
const PORT = 7007;
/** Bound to the pod's 127.0.0.1, like ZooKeeper's plain port. It sends a greeting, and then echoes. */
const echo = (greeting: string): string => `
  use IO::Socket::INET;
  $SIG{CHLD} = 'IGNORE';
  my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => ${PORT}, Listen => 50, ReuseAddr => 1) or die $!;
  while (1) {
    my $c = $s->accept or next;
    if (fork == 0) {
      syswrite($c, "${greeting}\\n");
      my $b;
      while (sysread($c, $b, 65536)) { my $o = 0; while ($o < length $b) { $o += syswrite($c, $b, length($b) - $o, $o) } }
      exit 0;
    }
    close $c;
  }`;

/** A client, and everything that it has received. */
class Client {
  readonly socket: Socket;
  text = '';
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (piece: string) => {
      this.text += piece;
    });
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }

  /** Resolves when this was received, or the connection is closed. */
  async received(expected: (text: string) => boolean): Promise<string> {
    while (!expected(this.text) && !this.socket.closed) {
      await Promise.race([once(this.socket, 'data').catch(() => undefined), this.closed]);
    }
    return this.text;
  }
}

describeOnCluster('PortForward on a cluster', () => {
  let api: KubeApi;
  let namespace: string;
  let pods: Watched<PerlPod>;
  let forward: PortForward | undefined;
  const connectionErrors: string[] = [];

  beforeAll(async () => {
    api = await connectToCluster();
    namespace = await createNamespace(api);
    pods = await Watched.start<PerlPod>(api, { apiVersion: 'v1', kind: 'Pod', namespace }, { signal });
  });

  afterEach(async () => {
    await forward?.close();
    forward = undefined;
    connectionErrors.length = 0;
  });

  afterAll(async () => {
    await pods.close();
    await deleteNamespace(api, namespace);
    api.close();
  });

  async function running(name: string, greeting: string): Promise<string> {
    const { metadata } = await api.create(perlPod(namespace, name, echo(greeting)), { signal });
    await pods.waitFor(
      `${name} to run`,
      (all) => all.get(name)?.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) || undefined,
      90_000,
      signal,
    );
    return metadata.uid ?? '';
  }

  async function open(pod: string, port = PORT): Promise<PortForward> {
    forward = await PortForward.open(
      api,
      { namespace, pod, port },
      { signal, onConnectionError: (why) => connectionErrors.push(why) },
    );
    return forward;
  }

  /** Connects, like a client, until it receives a greeting. */
  async function greeted(port: number): Promise<Client> {
    for (;;) {
      const client = new Client(port);
      if ((await client.received((text) => text.includes('\n'))) !== '') return client;
    }
  }

  it('survives the deletion and creation of the pod: old connections are closed, new ones reach the new pod', async () => {
    const first = await running('node', 'first');
    const { localPort } = await open('node');
    const old = await greeted(localPort);
    expect(old.text).toBe('first\n');
    old.socket.write('ping');
    await expect(old.received((text) => text.endsWith('ping'))).resolves.toBe('first\nping');

    await api.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name: 'node' }, { signal, uid: first });
    await old.closed;
    await pods.waitFor('the pod to be gone', (all) => (all.has('node') ? undefined : true), 60_000, signal);
    const rejected = new Client(localPort);
    await rejected.closed;
    expect(rejected.text).toBe('');

    await running('node', 'second');
    const fresh = await greeted(localPort);
    expect(fresh.text).toBe('second\n');
    expect(forward?.localPort).toBe(localPort);
    fresh.socket.destroy();
  });

  it('forwards many concurrent connections and large amounts of data unchanged', async () => {
    await running('busy', 'hello');
    const { localPort } = await open('busy');
    (await greeted(localPort)).socket.destroy();
    const sizes = [1, 1000, 70_000, 3_000_000, 5, 400_000, 9, 64];
    await Promise.all(
      sizes.map(async (size, index) => {
        const client = await greeted(localPort);
        const sent = String.fromCharCode(97 + index).repeat(size);
        client.socket.write(sent);
        const text = await client.received((so) => so.length >= size + 'hello\n'.length);
        expect(text === `hello\n${sent}`).toBe(true);
        client.socket.destroy();
      }),
    );
  });

  it('delivers the answer to a client that has closed its side', async () => {
    await running('half', 'hello');
    const { localPort } = await open('half');
    (await greeted(localPort)).socket.destroy();
    const client = new Client(localPort);
    client.socket.end('ruok');
    await client.closed;
    expect(client.text).toBe('hello\nruok');
  });

  it('closes a connection to a port on which nothing listens, and says why', async () => {
    await running('deaf', 'hello');
    const { localPort } = await open('deaf', PORT + 1);
    const client = new Client(localPort);
    await client.closed;
    expect(client.text).toBe('');
    expect(connectionErrors.join()).toMatch(/deaf:7008: .*(refused|failed to connect)/i);
  });

  it('leaves no connection open when it is closed', async () => {
    await running('left', 'hello');
    const { localPort } = await open('left');
    const clients = [await greeted(localPort), await greeted(localPort), new Client(localPort)];
    await forward?.close();
    await Promise.all(clients.map(({ closed }) => closed));
    const late = new Client(localPort);
    await late.closed;
    expect(late.text).toBe('');
  });

  it('ends with its signal', async () => {
    await running('signalled', 'hello');
    const run = new AbortController();
    forward = await PortForward.open(api, { namespace, pod: 'signalled', port: PORT }, { signal: run.signal });
    const client = await greeted(forward.localPort);
    run.abort();
    await client.closed;
    await forward.close();
  });
});
