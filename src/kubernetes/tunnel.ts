import type { RequestOptions } from 'node:https';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { PortForward as Client, KubeConfig } from '@kubernetes/client-node';

export interface Tunnel {
  /** Resolves when the tunnel has ended, with the reason if the pod's side gave one. It does not reject. */
  readonly ended: Promise<string | undefined>;
}

/** How long the API server and the kubelet may take to open a tunnel, in ms. */
const HANDSHAKE_MS = 15_000;
/** How many bytes may be buffered before the client is paused. */
const HIGH_WATER = 1 << 20;
/** How long a pod may answer after the client has closed its side, as `echo ruok | nc` does, in ms. */
const LINGER_MS = 1_000;

/** The part of the WebSocket of `ws`, which the client library returns, that is used. */
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
 * Connects a client's socket to a port of a pod, by the API server's port-forward over WebSocket (`v4.channel.k8s.io`).
 * Each message begins with its channel: 0 for data, 1 for an error that ends the connection. The protocol has no
 * half-close: when the client closes its side, the pod gets a moment to answer and to close its own before the tunnel
 * is closed.
 *
 * @param signal ends the tunnel, even while it is being opened.
 * @throws the error of a failed handshake.
 */
export async function openTunnel(
  config: KubeConfig,
  target: { readonly namespace: string; readonly pod: string; readonly port: number },
  client: Duplex,
  signal: AbortSignal,
): Promise<Tunnel> {
  let socket: ForwardSocket | undefined;
  let podError = '';
  let paused = false;
  const output = new Writable({
    write(data: Buffer, _encoding, done) {
      // Flow control: data that the client does not accept stays in the kubelet's buffers, not in ours.
      if (client.writable && !client.write(data) && !paused) {
        paused = true;
        socket?.pause();
        client.once('drain', () => {
          paused = false;
          socket?.resume();
        });
      }
      done();
    },
  });
  const errors = new Writable({
    write(data: Buffer, _encoding, done) {
      podError += data.toString('utf8');
      done();
    },
  });
  const forwarder = new Client(new OneConnection(config, signal));
  // The library's own copying has no flow control: it gets an input that stays empty.
  const opened: unknown = await forwarder.portForward(
    encodeURIComponent(target.namespace),
    encodeURIComponent(target.pod),
    [target.port],
    output,
    errors,
    new PassThrough(),
  );
  socket = opened as ForwardSocket;
  if (paused) socket.pause();
  return { ended: join(client, socket, signal).then(() => (podError === '' ? undefined : podError.trim())) };
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

/** The configuration for one WebSocket, whose handshake has a deadline and can be aborted. */
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
    // `ws` passes its options on to http.request, which accepts the signal.
    Object.assign(options, { signal: this.#signal, handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false });
  }
}
