import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions as HttpsOptions, request as httpsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { EnvironmentError, messageOf } from '../errors.js';
import { type ApiServer, apiServerOf } from './kubeconfig.js';
import { type Action, errorResponse, noAnswer } from './request-failed.js';
import { ServerClock } from './server-clock.js';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute: `/api/v1/namespaces/demo/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** The body's; `application/json` if omitted. */
  readonly contentType?: string;
  readonly action: Action;
}

/** TCP keep-alive: detects a dead connection even while nothing is sent. */
const KEEP_ALIVE_MS = 15_000;

/**
 * HTTP requests to one API server, with the credentials of a kubeconfig's context. The client library's own request
 * classes are not used: they offer neither deadlines nor signals, open a new TLS connection for each request, and
 * convert objects into models that drop unknown fields. Its KubeConfig is used, for certificates, tokens, exec and OIDC
 * plugins, and proxies.
 */
export class Transport {
  readonly server: ApiServer;
  readonly clock = new ServerClock();
  readonly #config: KubeConfig;
  readonly #root: URL;
  /** Actions that the server has allowed: if it then denies one, it is starting (request-failed.ts). */
  readonly #granted = new Set<string>();
  #agent: { readonly credentials: string; readonly agent: HttpAgent } | undefined;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.server = apiServerOf(config);
    this.#root = new URL(this.server.server);
  }

  /** One request, not retried. @returns the whole body. @throws RequestFailed unless the answer is 2xx. */
  async send(call: Call, signal: AbortSignal): Promise<string> {
    const response = await this.open(call, signal);
    try {
      return await textOf(response);
    } catch (error) {
      throw noAnswer(this.server, call.action, error);
    }
  }

  /**
   * One request, not retried. Resolves with the headers of a 2xx answer; the caller reads its body, until `signal` is
   * aborted.
   * @throws RequestFailed like `send`.
   */
  async open(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const options = await this.#options(call, body);
    let response: IncomingMessage;
    try {
      response = await this.#exchange(options, body, signal);
    } catch (error) {
      throw noAnswer(this.server, call.action, error);
    }
    this.clock.observe(response.headers.date);
    const status = response.statusCode ?? 0;
    const right = rightFor(call.action);
    if (status >= 200 && status < 300) {
      this.#granted.add(right);
      return response;
    }
    const text = await textOf(response).catch(() => '');
    throw errorResponse(this.server, call.action, {
      status,
      body: text,
      retryAfter: response.headers['retry-after'],
      grantedBefore: this.#granted.has(right),
    });
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent?.agent.destroy();
    this.#agent = undefined;
  }

  async #options(call: Call, body: string | undefined): Promise<RequestOptions> {
    const security: HttpsOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(security);
    } catch (error) {
      const { server, context } = this.server;
      throw new EnvironmentError(
        `the credentials of context ${context} for ${server} cannot be obtained: ${messageOf(error)}`,
        { cause: error },
      );
    }
    const url = new URL(this.#root.href.replace(/\/$/, '') + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { headers, auth } = security;
    return {
      method: call.method,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      ...(typeof auth === 'string' ? { auth } : {}),
      headers: {
        ...(Array.isArray(headers) ? {} : headers),
        accept: 'application/json, */*',
        'user-agent': 'remigrate',
        ...(body === undefined
          ? {}
          : {
              'content-type': call.contentType ?? 'application/json',
              // Node omits it with DELETE, and the server would read the body as the next request.
              'content-length': Buffer.byteLength(body),
            }),
      },
      agent: this.#agentFor(security),
    };
  }

  /** One agent while the credentials stay the same; plugins may renew them. */
  #agentFor(security: HttpsOptions): HttpAgent {
    const { ca, cert, key, servername, rejectUnauthorized, agent: own } = security;
    // The library's agent uses the kubeconfig's proxy.
    if (this.#config.getCurrentCluster()?.proxyUrl !== undefined && own instanceof HttpAgent) return own;
    const tls = Object.fromEntries(
      Object.entries({ ca, cert, key, servername, rejectUnauthorized }).filter(([, value]) => value !== undefined),
    );
    const credentials = JSON.stringify(tls);
    if (this.#agent?.credentials === credentials) return this.#agent.agent;
    this.#agent?.agent.destroy();
    const pooling = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS };
    const agent = this.#root.protocol === 'https:' ? new HttpsAgent({ ...pooling, ...tls }) : new HttpAgent(pooling);
    this.#agent = { credentials, agent };
    return agent;
  }

  #exchange(options: RequestOptions, body: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const send = this.#root.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send({ ...options, signal });
      request.on('response', (response) => {
        // A failure after the headers is thrown to the reader of the response.
        response.on('error', () => undefined);
        resolve(response);
      });
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
      request.on('error', reject);
      request.end(body);
    });
  }
}

function rightFor({ verb, resource, namespace = '' }: Action): string {
  return `${verb} ${resource} ${namespace}`;
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const piece of response) text += String(piece);
  return text;
}
