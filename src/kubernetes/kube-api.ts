import type { KubeConfig } from '@kubernetes/client-node';
import { type ApiServer, type ContextChoice, loadContext } from './kubeconfig.js';
import { Objects } from './objects.js';
import { type RequestOptions, Requests } from './requests.js';
import { type BackOff, exponential } from './retries.js';
import { missingRights, type Right } from './rights.js';
import type { Call } from './transport.js';

export interface ConnectOptions extends ContextChoice, RequestOptions {
  /** The delay between attempts. From 0.1 to 5 s if omitted. */
  readonly backOff?: BackOff;
}

/** The answer of /version. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** `v1.33.13` */
  readonly gitVersion: string;
}

/** An API server that does not answer at all is reported sooner than a slow request. */
const CONNECT_TIMEOUT_MS = 15_000;

/** One API server, with the rights of one context's user: its version, the user's rights, and its objects. */
export class KubeApi extends Objects {
  readonly server: ApiServer;
  /** For port-forwards, which need a connection of another kind. */
  readonly config: KubeConfig;
  readonly #requests: Requests;

  private constructor(config: KubeConfig, requests: Requests) {
    super(requests);
    this.config = config;
    this.server = requests.server;
    this.#requests = requests;
  }

  /**
   * Asks the server for its version, once, so that a server which cannot be reached is reported here.
   * @throws UsageError for a kubeconfig that cannot be read and a context that is not in it.
   */
  static async connect(options: ConnectOptions): Promise<KubeApi> {
    const config = loadContext(options);
    const requests = new Requests(config, options.backOff ?? exponential);
    try {
      await requests.once(VERSION, { ...options, timeoutMs: options.timeoutMs ?? CONNECT_TIMEOUT_MS });
    } catch (error) {
      requests.close();
      throw error;
    }
    return new KubeApi(config, requests);
  }

  /** Ends idle connections. Requests and watches end with their signals. */
  close(): void {
    this.#requests.close();
  }

  /** The API server's time, in milliseconds since the epoch, as of its last response: see ServerClock. */
  serverTime(): number {
    return this.#requests.serverTime();
  }

  async serverVersion(options: RequestOptions): Promise<ServerVersion> {
    const version = (await this.#requests.json(VERSION, options)) as {
      major: string;
      minor: string;
      gitVersion: string;
    };
    // Some distributions write the minor version as "33+".
    return {
      major: Number.parseInt(version.major, 10),
      minor: Number.parseInt(version.minor, 10),
      gitVersion: version.gitVersion,
    };
  }

  /** @returns those of the rights that the user does not have. */
  missingRights(rights: readonly Right[], options: RequestOptions): Promise<readonly Right[]> {
    return missingRights(this.#requests, rights, options);
  }
}

const VERSION: Call = { method: 'GET', path: '/version', action: { verb: 'get', resource: '/version' } };
