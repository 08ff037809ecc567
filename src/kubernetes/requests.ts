import type { IncomingMessage } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { withinDeadline } from '../waiting/within-deadline.js';
import type { ApiServer } from './kubeconfig.js';
import { describeAction, RequestFailed } from './request-failed.js';
import { type BackOff, delayBeforeRetry } from './retries.js';
import { type Call, Transport } from './transport.js';

/** Every request ends when its signal is aborted or its time is up, retries included. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  /** In ms; 30 s if omitted. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Requests to one API server, with deadlines and retries: transient failures (429, 5xx, a connection that was refused
 * or broke) are retried until the deadline.
 * @throws RequestFailed from every method, when the server refuses or does not answer: `status` and `reason` say why.
 * @throws WaitAborted when the signal is aborted.
 */
export class Requests {
  readonly #transport: Transport;
  readonly #backOff: BackOff;

  constructor(config: KubeConfig, backOff: BackOff) {
    this.#transport = new Transport(config);
    this.#backOff = backOff;
  }

  get server(): ApiServer {
    return this.#transport.server;
  }

  /** The API server's time, in milliseconds since the epoch: see ServerClock. */
  serverTime(): number {
    return this.#transport.clock.now();
  }

  /** Ends idle connections. Requests in progress end with their signals. */
  close(): void {
    this.#transport.close();
  }

  /**
   * A request and its answer, retried until the deadline.
   * @param onFailure called for each failed attempt, before it is retried.
   */
  async json(call: Call, options: RequestOptions, onFailure?: (failure: RequestFailed) => void): Promise<unknown> {
    const end = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const seen: { last: RequestFailed | undefined } = { last: undefined };
    return this.withDeadline(
      describeAction(call.action),
      options,
      async (signal) => {
        for (let attempt = 0; ; attempt++) {
          try {
            return JSON.parse(await this.#transport.send(call, signal)) as unknown;
          } catch (error) {
            if (!(error instanceof RequestFailed) || signal.aborted) throw error;
            seen.last = error;
            onFailure?.(error);
            const delay = delayBeforeRetry(error, attempt, end - performance.now(), this.#backOff);
            if (delay === undefined) throw error;
            await after(delay, undefined, { signal });
          }
        }
      },
      () => seen.last,
    );
  }

  /** A request without retries. @returns the whole body of the answer. */
  once(call: Call, options: RequestOptions): Promise<string> {
    return this.withDeadline(describeAction(call.action), options, (signal) => this.#transport.send(call, signal));
  }

  /**
   * A request without retries, whose answer is read as it comes. The deadline is for the beginning of the answer; the
   * rest ends with the caller's signal.
   */
  async open(call: Call, options: RequestOptions): Promise<IncomingMessage> {
    const body = new AbortController();
    const response = await this.withDeadline(describeAction(call.action), options, async (signal) => {
      const abort = (): void => body.abort(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await this.#transport.open(call, body.signal);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    });
    const abort = (): void => body.abort(options.signal.reason);
    options.signal.addEventListener('abort', abort, { once: true });
    response.once('close', () => options.signal.removeEventListener('abort', abort));
    if (options.signal.aborted) abort();
    return response;
  }

  /**
   * Runs `work` under the deadline of `options`.
   * @param what for messages, `list pods in namespace demo`.
   * @param lastFailure why earlier attempts failed; if there is such a failure, it is thrown when the time is up.
   */
  withDeadline<T>(
    what: string,
    options: RequestOptions,
    work: (signal: AbortSignal) => Promise<T>,
    lastFailure: () => RequestFailed | undefined = () => undefined,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return withinDeadline(
      what,
      options.signal,
      timeoutMs,
      work,
      (failure) => lastFailure() ?? timedOut(this.server, what, timeoutMs, failure),
    );
  }
}

function timedOut({ server, context }: ApiServer, what: string, timeoutMs: number, cause: unknown): RequestFailed {
  return new RequestFailed(
    `the API server ${server} (context ${context}) did not answer within ${timeoutMs / 1000} s when asked to ${what}: ` +
      'is it overloaded? Is a VPN or a proxy needed?',
    { transient: true, mayHaveSucceeded: true, cause },
  );
}
