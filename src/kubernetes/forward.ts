import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { EnvironmentError, messageOf } from '../errors.js';
import type { KubeObject } from './kube-object.js';
import type { KubeReads } from './kube-reads.js';
import { openTunnel, type Tunnel } from './tunnel.js';
import { Watched } from './watched.js';

export interface ForwardTarget {
  readonly namespace: string;
  /** The pod's name: a new pod of the same name takes over the forward. */
  readonly pod: string;
  /** A port of the pod, which may be bound only to the pod's 127.0.0.1, like ZooKeeper's 12181. */
  readonly port: number;
}

export interface ForwardOptions {
  readonly signal: AbortSignal;
  /** Called with the reason why a connection failed or broke: the client sees only that it was closed. */
  readonly onConnectionError?: (why: string) => void;
}

/** The fields of a Pod that a forward reads. */
interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: object } }[];
  };
}

/**
 * A port of 127.0.0.1 that is forwarded to a pod's port, through the API server, until this object is closed. Each new
 * connection goes to the pod that has the name then. Connections close with their pod. While no such pod runs, new
 * connections are closed immediately, and clients reconnect, as they do with a real address.
 *
 * The pod must run and must not be terminating. It need not be Ready: Strimzi's headless services also publish the
 * addresses of pods that are not ready (Strimzi 0.45.1 `ServiceUtils.java:194`), and a readiness probe succeeds seconds
 * after the node accepts connections.
 */
export class PortForward {
  readonly #api: KubeReads;
  readonly #target: ForwardTarget;
  readonly #options: ForwardOptions;
  readonly #server: Server;
  readonly #connections = new Map<Socket, { readonly uid: string; readonly end: AbortController }>();
  readonly #tunnels = new Set<Promise<void>>();
  readonly #abort = (): void => void this.close();
  #watched: Watched<Pod> | undefined;
  #port = 0;
  #closing: Promise<void> | undefined;

  private constructor(api: KubeReads, target: ForwardTarget, options: ForwardOptions) {
    this.#api = api;
    this.#target = target;
    this.#options = options;
    // Half-open: a client that has closed its side still gets the answers that are on their way (tunnel.ts).
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /**
   * The pod need not exist yet.
   * @throws RequestFailed if pods cannot be watched in that namespace. @throws WaitAborted when the signal is aborted.
   */
  static async open(api: KubeReads, target: ForwardTarget, options: ForwardOptions): Promise<PortForward> {
    const forward = new PortForward(api, target, options);
    try {
      forward.#watched = await Watched.start<Pod>(
        api,
        { apiVersion: 'v1', kind: 'Pod', namespace: target.namespace, fieldSelector: `metadata.name=${target.pod}` },
        {
          signal: options.signal,
          listener: ({ change, object }) => forward.#podChanged(change, object),
          onFailure: (failure) =>
            options.onConnectionError?.(`pod ${target.pod} is no longer watched: ${messageOf(failure)}`),
        },
      );
      await forward.#listen();
    } catch (error) {
      await forward.close();
      throw error;
    }
    options.signal.addEventListener('abort', forward.#abort, { once: true });
    return forward;
  }

  /** The port of 127.0.0.1; the same until the forward is closed. */
  get localPort(): number {
    return this.#port;
  }

  /** Closes all connections. Resolves when nothing of the forward is open any more. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#abort);
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close(() => undefined);
    for (const { end } of this.#connections.values()) end.abort();
    await Promise.all([this.#watched?.close(), closed, ...this.#tunnels]);
  }

  async #listen(): Promise<void> {
    this.#server.listen({ host: '127.0.0.1', port: 0 });
    await once(this.#server, 'listening');
    // For example, if no file descriptors are left, connections fail but the forward stays open.
    this.#server.on('error', (error) => this.#options.onConnectionError?.(messageOf(error)));
    const address = this.#server.address();
    if (address === null || typeof address === 'string')
      throw new EnvironmentError('no port of 127.0.0.1 is available');
    this.#port = address.port;
  }

  #podChanged(change: 'added' | 'modified' | 'deleted', { metadata: { uid } }: Pod): void {
    if (change !== 'deleted') return;
    for (const connection of this.#connections.values()) if (connection.uid === uid) connection.end.abort();
  }

  #accept(socket: Socket): void {
    // An error ends only its own connection.
    socket.on('error', () => undefined);
    const uid = runningUid(this.#watched?.objects.get(this.#target.pod));
    if (uid === undefined || this.#closing !== undefined) {
      socket.destroy();
      return;
    }
    const end = new AbortController();
    this.#connections.set(socket, { uid, end });
    const tunnel = this.#tunnel(socket, end).finally(() => {
      this.#connections.delete(socket);
      this.#tunnels.delete(tunnel);
    });
    this.#tunnels.add(tunnel);
  }

  async #tunnel(socket: Socket, end: AbortController): Promise<void> {
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const abort = (): void => void socket.destroy();
    end.signal.addEventListener('abort', abort, { once: true });
    // If the client disconnects before the tunnel is open, it is not opened.
    const gone = (): void => end.abort();
    socket.once('close', gone);
    let tunnel: Tunnel | undefined;
    try {
      tunnel = await openTunnel(this.#api.config, this.#target, socket, end.signal);
      const why = await tunnel.ended;
      if (why !== undefined) this.#options.onConnectionError?.(`${this.#target.pod}:${this.#target.port}: ${why}`);
    } catch (error) {
      if (!end.signal.aborted) {
        this.#options.onConnectionError?.(
          `no connection to ${this.#target.pod}:${this.#target.port}: ${messageOf(error)}`,
        );
      }
    }
    socket.destroySoon();
    await ended;
  }
}

/** The pod's uid, if it accepts connections. */
function runningUid(pod: Pod | undefined): string | undefined {
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return undefined;
  const running = pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) === true;
  return running ? pod.metadata.uid : undefined;
}
