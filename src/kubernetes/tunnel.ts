import type { RequestOptions } from 'node:https';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { PortForward as Client, KubeConfig } from '@kubernetes/client-node';

export interface Tunnel {
  /** Resolves when the tunnel has ended, with why if the pod's side told. It does not reject. */
  readonly ended: Promise<string | undefined>;
}

/** How long the API server may take to open a tunnel; that includes the kubelet's part. */
const HANDSHAKE_MS = 15_000;
/** How much may wait to be sent before the client is not read from any more, in bytes. */
const HIGH_WATER = 1 << 20;
/** What a pod gets to answer in, in ms, after the client has ended its side, as `echo ruok | nc` does. */
const LINGER_MS = 1_000;

/** What is used of `ws`'s WebSocket, which the client library returns. */
interface ForwardSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  send(data: Buffer, done: (error?: Error) => void): void;
  once(event: 'close', listener: () => void): void;
}

const OPEN = 1;

/**
 * Joins a client's socket to a port of a pod, by the API server's port-forward over WebSocket (`v4.channel.k8s.io`): each
 * message begins with its channel, 0 for data and 1 for the error that ends the connection, if one does. The protocol has no
 * half-closing: when the client ends its side, the pod gets a moment to answer and to end its own before it is ended.
 *
 * @param signal ends the tunnel, also while it is being opened.
 * @throws what the handshake fails with.
 */
export async function openTunnel(
  config: KubeConfig,
  target: { readonly namespace: string; readonly pod: string; readonly port: number },
  client: Duplex,
  signal: AbortSignal,
): Promise<Tunnel> {
  let socket: ForwardSocket | undefined;
  let trouble = '';
  let holding = false;
  const output = new Writable({
    write(data: Buffer, _encoding, done) {
      // Flow control: what the client does not take stays in the kubelet's buffers, not in ours.
      if (client.writable && !client.write(data) && !holding) {
        holding = true;
        socket?.pause();
        client.once('drain', () => {
          holding = false;
          socket?.resume();
        });
      }
      done();
    },
  });
  const errors = new Writable({
    write(data: Buffer, _encoding, done) {
      trouble += data.toString('utf8');
      done();
    },
  });
  const forwarder = new Client(new OneConnection(config, signal));
  // The library's own pump knows no flow control: it gets an input that stays empty.
  const opened: unknown = await forwarder.portForward(
    encodeURIComponent(target.namespace),
    encodeURIComponent(target.pod),
    [target.port],
    output,
    errors,
    new PassThrough(),
  );
  socket = opened as ForwardSocket;
  if (holding) socket.pause();
  return { ended: join(client, socket, signal).then(() => (trouble === '' ? undefined : trouble.trim())) };
}

function join(client: Duplex, socket: ForwardSocket, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve) => {
    let linger: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(linger);
      signal.removeEventListener('abort', terminate);
      client.off('close', terminate);
      resolve();
    };
    const terminate = (): void => socket.terminate();
    socket.once('close', finish);
    client.once('close', terminate);
    signal.addEventListener('abort', terminate, { once: true });
    if (socket.readyState > OPEN) finish();
    if (signal.aborted || client.destroyed) terminate();
    client.on('data', (data: Buffer) => {
      if (socket.readyState !== OPEN) return;
      socket.send(Buffer.concat([DATA_CHANNEL, data]), () => {
        if (client.isPaused() && socket.bufferedAmount < HIGH_WATER) client.resume();
      });
      if (socket.bufferedAmount >= HIGH_WATER) client.pause();
    });
    client.once('end', () => {
      linger = setTimeout(() => socket.close(), LINGER_MS);
    });
  });
}

const DATA_CHANNEL = Buffer.from([0]);

/** The configuration for one WebSocket, whose handshake has a deadline and can be broken off. */
class OneConnection extends KubeConfig {
  readonly #config: KubeConfig;
  readonly #signal: AbortSignal;

  constructor(config: KubeConfig, signal: AbortSignal) {
    super();
    this.#config = config;
    this.#signal = signal;
    this.loadFromOptions(config);
  }

  override async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    await this.#config.applyToHTTPSOptions(options);
    // `ws` hands its options on to http.request, which takes the signal.
    Object.assign(options, { signal: this.#signal, handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false });
  }
}
