import { connect, type Socket } from 'node:net';
import { Kafka, type LogEntry, logLevel } from 'kafkajs';
import { EnvironmentError, messageOf } from '../../errors.js';
import type { Deadline } from '../../waiting/deadline.js';
import type { BrokerAccess } from './connection.js';

export interface KafkaJsOptions extends BrokerAccess {
  /** Where the library's warnings and errors go. Default: nowhere. */
  readonly log?: ((line: string) => void) | undefined;
}

/** Thrown by work that is not finished and must be repeated. */
export class WorkUnfinished extends Error {
  override readonly name = 'WorkUnfinished';
}

/** What kafkajs' admin and producer have in common. */
interface KafkaJsClient {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

const CLIENT_ID = 'remigrate';
const LONGEST_CONNECT_MS = 3000;
/** The broker's own time limit for a request, in milliseconds: kafkajs' default. */
const LONGEST_REQUEST_MS = 5000;

/**
 * Does the work with a kafkajs client, and again with a new one after a retriable failure. A client is never
 * reused: kafkajs 2.2.4 keeps the addresses and connections of brokers that were restarted.
 * @param what what is to be done, as an infinitive: "to create topic a".
 * @throws WaitTimedOut with the last failure, WaitAborted, EnvironmentError when Kafka refuses it permanently.
 */
export async function withKafkaJs<Client extends KafkaJsClient, T>(
  options: KafkaJsOptions,
  deadline: Deadline,
  what: string,
  open: (kafka: Kafka) => Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const waitedFor = `Kafka ${what}`;
  try {
    return await deadline.retry(waitedFor, () => attempt(options, deadline, waitedFor, open, work), isRetriable);
  } catch (error) {
    if (!isKafkaJsError(error)) throw error;
    throw new EnvironmentError(`Kafka refused ${what}: ${failureText(error)}`, { cause: error });
  }
}

/** For requests with a time limit on the broker. */
export function brokerTimeoutMs(deadline: Deadline): number {
  return Math.ceil(Math.min(deadline.remainingMs(), LONGEST_REQUEST_MS));
}

async function attempt<Client extends KafkaJsClient, T>(
  { bootstrapServers, reach, log }: KafkaJsOptions,
  deadline: Deadline,
  what: string,
  open: (kafka: Kafka) => Client,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  const client = open(
    new Kafka({
      clientId: CLIENT_ID,
      brokers: [...bootstrapServers],
      // Neither expires first at the deadline: the deadline's own error says more.
      connectionTimeout: Math.ceil(Math.min(deadline.remainingMs() + 100, LONGEST_CONNECT_MS)),
      requestTimeout: Math.ceil(deadline.remainingMs()) + 1000,
      retry: { retries: 0 },
      logLevel: log === undefined ? logLevel.NOTHING : logLevel.WARN,
      logCreator: () => (entry) => log?.(logLine(entry)),
      socketFactory: ({ host, port, onConnect }) => {
        const endpoint = reach?.({ host, port }) ?? { host, port };
        const socket = connect({ ...endpoint, noDelay: true }, onConnect);
        sockets.add(socket);
        return socket;
      },
    }),
  );
  // kafkajs' disconnect waits for the responses to all requests. It handles a socket's error, but not its close.
  const abandon = () => {
    for (const socket of sockets) socket.destroy(new Error('the request was aborted'));
  };
  try {
    return await deadline.race(
      client.connect().then(() => work(client)),
      what,
      abandon,
    );
  } finally {
    await client.disconnect();
  }
}

/**
 * The error types of Kafka's protocol in a failure of kafkajs, for example `TOPIC_ALREADY_EXISTS`, with the topic if
 * the error concerns one.
 */
export function protocolErrorsOf(error: unknown): readonly { readonly type: string; readonly topic?: string }[] {
  if (!isRecord(error)) return [];
  if (Array.isArray(error.errors)) return error.errors.flatMap(protocolErrorsOf);
  const { type, topic, cause } = error;
  if (typeof type === 'string') return [typeof topic === 'string' ? { type, topic } : { type }];
  return protocolErrorsOf(cause);
}

/** Whether the failure is retriable in Kafka's protocol. Several failures are retriable if all of them are. */
export function isRetriable(error: unknown): boolean {
  if (error instanceof WorkUnfinished) return true;
  if (!isKafkaJsError(error)) return false;
  const { errors, name, retriable } = error;
  if (Array.isArray(errors)) return errors.every(isRetriable);
  // kafkajs wraps every retriable failure in this error, because no retries are allowed here.
  return name === 'KafkaJSNumberOfRetriesExceeded' || retriable === true;
}

function isKafkaJsError(error: unknown): error is Record<string, unknown> {
  return isRecord(error) && typeof error.name === 'string' && error.name.startsWith('KafkaJS');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function failureText(error: Readonly<Record<string, unknown>>): string {
  const parts = protocolErrorsOf(error).map(({ type, topic }) => (topic === undefined ? type : `${topic}: ${type}`));
  return [...parts, messageOf(error)].join(', ');
}

function logLine({ namespace, label, log }: LogEntry): string {
  const error = log.error;
  return `${label} ${namespace}: ${log.message}${typeof error === 'string' ? `: ${error}` : ''}`;
}
