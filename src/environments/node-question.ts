import { connect } from 'node:net';
import { WaitTimedOut } from '../errors.js';
import { parseEndpoint } from '../metadata/kafka/connection.js';
import type { NodeRole } from '../strimzi/migration-state.js';
import { Deadline } from '../waiting/deadline.js';

/** Long enough for a node on an overloaded machine: it only has to answer, not to do anything. */
const ANSWER_DEADLINE_MS = 10_000;

const CLIENT_ID = 'remigrate';
const API_VERSIONS = 18;

/** A question that a node of each kind answers at any time, whatever it is doing. */
interface Question {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Kafka's brokers and controllers answer ApiVersions v0 without knowing anything about the cluster. */
const APIS: Question = { name: 'ApiVersions', bytes: apiVersionsRequest() };
const QUESTIONS: Readonly<Record<NodeRole, Question>> = {
  // Strimzi allows every four-letter word: `4lw.commands.whitelist=*` (0.45.1 zookeeper_config_generator.sh).
  zookeeper: { name: 'ruok', bytes: Buffer.from('ruok') },
  broker: APIS,
  controller: APIS,
};

/**
 * Asks a node whether it responds. One that refuses or closes the connection responds, too: only silence counts.
 * @param address `host:port`, in plain text.
 * @returns undefined when it responds; otherwise what was asked, and for how long it was silent.
 * @throws WaitAborted when the signal is aborted.
 */
export async function askNode(
  role: NodeRole,
  address: string,
  signal: AbortSignal,
  deadlineMs: number = ANSWER_DEADLINE_MS,
): Promise<string | undefined> {
  const { name, bytes } = QUESTIONS[role];
  const deadline = new Deadline({ deadlineMs, signal });
  const { host, port } = parseEndpoint(address);
  const socket = connect({ host, port });
  // The request leaves as soon as the connection is open.
  socket.write(bytes);
  const answered = new Promise<void>((resolve) => {
    socket.once('data', () => resolve());
    socket.once('error', () => resolve());
    socket.once('close', () => resolve());
  });
  try {
    await deadline.race(answered, `an answer to ${name}`, () => socket.destroy());
    return undefined;
  } catch (error) {
    if (!(error instanceof WaitTimedOut)) throw error;
    return `no answer to ${name} at ${address} within ${deadlineMs / 1000} s`;
  } finally {
    socket.destroy();
  }
}

/** ApiVersions v0: length, API key, version, correlation id, client id. */
function apiVersionsRequest(): Buffer {
  const client = Buffer.from(CLIENT_ID);
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(API_VERSIONS, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(client.length, 12);
  client.copy(request, 14);
  return request;
}
