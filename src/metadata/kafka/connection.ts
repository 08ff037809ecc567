import type { API, Connection } from '@platformatic/kafka';
import { EnvironmentError, messageOf, UsageError } from '../../errors.js';
import type { Deadline, DeadlineOptions } from '../../waiting/deadline.js';

/** Kafka's wire protocol, as `@platformatic/kafka` encodes it. */
export type KafkaProtocol = typeof import('@platformatic/kafka');

/**
 * Loads the protocol, which takes 0.4 s: a command that only reads a journal does not need it, and one that starts a
 * cluster can load it while the first nodes start.
 */
export function loadKafkaProtocol(): Promise<KafkaProtocol> {
  return import('@platformatic/kafka');
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** How a cluster's brokers are reached. */
export interface BrokerAccess {
  /** `host:port` of brokers, plain text, as reachable from this machine, tried in this order. */
  readonly bootstrapServers: readonly string[];
  /** Maps an address that a broker advertises to the address to connect to. Default: the advertised address. */
  readonly reach?: ((advertised: Endpoint) => Endpoint) | undefined;
}

export interface BootstrapOptions extends DeadlineOptions, BrokerAccess {}

const CLIENT_ID = 'remigrate';
/** Less than most deadlines, so that there is time to try the next server after an unreachable one. */
const LONGEST_CONNECT_MS = 3000;

/** A broker did not accept the connection, or closed it. Another broker, or a later attempt, may succeed. */
export class KafkaUnreachable extends EnvironmentError {}

/**
 * `host:port`, IPv6 addresses in brackets.
 * @throws UsageError when it is anything else.
 */
export function parseEndpoint(address: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new UsageError(`"${address}" is not the address of a Kafka broker. Use host:port.`);
  }
  return { host, port };
}

/** One connection to one broker. Requests on it are pipelined. */
export class KafkaConnection {
  readonly address: string;
  readonly protocol: KafkaProtocol;
  readonly #connection: Connection;
  readonly #deadline: Deadline;

  private constructor(address: string, protocol: KafkaProtocol, connection: Connection, deadline: Deadline) {
    this.address = address;
    this.protocol = protocol;
    this.#connection = connection;
    this.#deadline = deadline;
  }

  /**
   * @param deadline for everything that is done on the connection.
   * @throws KafkaUnreachable, WaitTimedOut, WaitAborted.
   */
  static async open({ host, port }: Endpoint, deadline: Deadline): Promise<KafkaConnection> {
    const address = `${host}:${port}`;
    const what = `a connection to the broker at ${address}`;
    const protocol = await loadKafkaProtocol();
    deadline.check(what);
    const connection = new protocol.Connection(CLIENT_ID, {
      // Neither expires first at the deadline: the deadline's own error says more.
      connectTimeout: Math.ceil(Math.min(deadline.remainingMs() + 100, LONGEST_CONNECT_MS)),
      requestTimeout: Math.ceil(deadline.remainingMs()) + 1000,
    });
    // Every request on a broken connection is rejected with the cause; without a listener the event would end the
    // process.
    connection.on('error', () => {});
    const opened = new KafkaConnection(address, protocol, connection, deadline);
    try {
      await deadline.race(Promise.resolve(connection.connect(host, port)), what, () => opened.#destroy());
    } catch (error) {
      opened.#destroy();
      throw opened.#translated(error);
    }
    return opened;
  }

  /**
   * Sends one request. Error codes inside the response do not reject: the caller reads them.
   * @param what the request's name, for messages: `Metadata`.
   * @throws KafkaUnreachable, WaitTimedOut, WaitAborted.
   */
  async request<Arguments extends unknown[], Response>(
    what: string,
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    try {
      return await this.#deadline.race(
        api.async(this.#connection, ...args),
        `the broker at ${this.address} to respond to ${what}`,
        () => this.#destroy(),
      );
    } catch (error) {
      if (error instanceof this.protocol.ResponseError) return error.response;
      throw this.#translated(error);
    }
  }

  /** The name of an error code in Kafka's protocol, `LEADER_NOT_AVAILABLE`. */
  errorName(code: number): string {
    const names: Readonly<Record<number, string>> = this.protocol.protocolErrorsCodesById;
    return names[code] ?? `error ${code}`;
  }

  /** Whether Kafka's own clients would ask again after this error code. */
  isRetriable(code: number): boolean {
    const errors: Readonly<Record<string, { readonly canRetry: boolean }>> = this.protocol.protocolErrors;
    return errors[this.errorName(code)]?.canRetry ?? false;
  }

  /** Closes the socket. Resolves once it is closed. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #destroy(): void {
    // There is no socket if the host name could not be resolved.
    this.#connection.socket?.destroy();
  }

  #translated(error: unknown): unknown {
    const { GenericError, MultipleErrors } = this.protocol;
    if (!(error instanceof GenericError || error instanceof MultipleErrors)) return error;
    return new KafkaUnreachable(`The broker at ${this.address} does not respond: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Does the work with the first broker that can be reached, and starts again with the next one if the connection
 * breaks. The connection is always closed afterwards.
 * @param what what the work is for, as a noun: "the topics' metadata".
 * @param isRetriable failures, besides an unreachable broker, after which the next broker is tried.
 * @throws WaitTimedOut that names the addresses, WaitAborted, UsageError, or what the work is rejected with.
 */
export async function withAnyBroker<T>(
  bootstrapServers: readonly string[],
  deadline: Deadline,
  what: string,
  work: (connection: KafkaConnection) => Promise<T>,
  isRetriable: (error: unknown) => boolean = () => false,
): Promise<T> {
  const endpoints = bootstrapServers.map(parseEndpoint);
  if (endpoints.length === 0) throw new UsageError(`No bootstrap server was given to read ${what} from.`);
  let attempt = 0;
  return deadline.retry(
    `${what} from ${bootstrapServers.join(', ')}`,
    async () => {
      const failures: unknown[] = [];
      for (let i = 0; i < endpoints.length; i++) {
        const endpoint = endpoints[attempt++ % endpoints.length];
        if (endpoint === undefined) continue;
        try {
          return await withBroker(endpoint, deadline, work);
        } catch (error) {
          if (!(error instanceof KafkaUnreachable || isRetriable(error))) throw error;
          failures.push(error);
        }
      }
      throw new NoBrokerAnswered(failures);
    },
    (error) => error instanceof NoBrokerAnswered,
  );
}

/** Does the work with this broker. The connection is always closed afterwards. */
export async function withBroker<T>(
  endpoint: Endpoint,
  deadline: Deadline,
  work: (connection: KafkaConnection) => Promise<T>,
): Promise<T> {
  const connection = await KafkaConnection.open(endpoint, deadline);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

class NoBrokerAnswered extends Error {
  override readonly name = 'NoBrokerAnswered';

  constructor(failures: readonly unknown[]) {
    super(failures.map(messageOf).join('; '), { cause: failures[0] });
  }
}
