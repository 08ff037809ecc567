import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { EnvironmentError, UsageError } from '../../errors.js';
import { Deadline, type DeadlineOptions } from '../../waiting/deadline.js';

/*
 * ZooKeeper distinguishes a znode without data (length -1, null in Java) from one with empty data (length 0). Java tools
 * create the former, `zookeeper-shell.sh ... create PATH` and Kafka's zookeeper-security-migration.sh for example, but the
 * C client, and so the npm package zookeeper, can only create the latter. These are the three requests that it takes, in
 * ZooKeeper's own protocol (3.8.4 `zookeeper.jute`: ConnectRequest, CreateRequest, closeSession).
 */

const CREATE = 1;
const CLOSE_SESSION = -11;
const NODE_EXISTS = -110;
const SESSION_TIMEOUT_MS = 10_000;
const ALL_PERMISSIONS = 31;
const NO_DATA = -1;

export interface CreateWithoutDataOptions extends DeadlineOptions {
  /** `host:port[,host:port]`: the first server is used. */
  readonly connectString: string;
  readonly path: string;
  /** Called with the id of the session, `0x1000123abcd0001`, before the znode is created. */
  readonly opened: (session: string) => void;
}

/**
 * Creates a znode that has no data.
 * @returns `exists` if there is such a znode already; it is left as it is.
 * @throws EnvironmentError if ZooKeeper refuses it, WaitTimedOut, WaitAborted, UsageError for a bad address.
 */
export async function createWithoutData(options: CreateWithoutDataOptions): Promise<'created' | 'exists'> {
  const { connectString, path, opened } = options;
  const [server = ''] = connectString.split(',');
  const [, host, port] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(server) ?? [];
  if (host === undefined) throw new UsageError(`"${connectString}" is not a ZooKeeper address. Use host:port.`);
  const socket = connect(Number(port), host);
  try {
    return await new Deadline(options).race(
      create(socket, path, opened),
      `ZooKeeper at ${server} to create ${path}`,
      () => socket.destroy(),
    );
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new EnvironmentError(`ZooKeeper at ${server} cannot create ${path}: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    socket.destroy();
  }
}

async function create(socket: Socket, path: string, opened: (session: string) => void): Promise<'created' | 'exists'> {
  await once(socket, 'connect');
  const frames = readFrames(socket);
  const next = async (): Promise<Buffer> => {
    const { value } = await frames.next();
    if (value === undefined) throw new EnvironmentError(`ZooKeeper closed the connection before ${path} was created`);
    return value;
  };
  socket.write(frame(int(0), long(0n), int(SESSION_TIMEOUT_MS), long(0n), buffer(Buffer.alloc(16)), Buffer.from([0])));
  const connected = await next();
  opened(`0x${connected.readBigInt64BE(8).toString(16)}`);
  const acl = Buffer.concat([int(1), int(ALL_PERMISSIONS), string('world'), string('anyone')]);
  socket.write(frame(int(1), int(CREATE), string(path), int(NO_DATA), acl, int(0)));
  const error = (await next()).readInt32BE(12);
  socket.write(frame(int(2), int(CLOSE_SESSION)));
  if (error !== 0 && error !== NODE_EXISTS)
    throw new EnvironmentError(`ZooKeeper refused to create ${path}: error ${error}`);
  return error === 0 ? 'created' : 'exists';
}

/** The responses, without their lengths. */
async function* readFrames(socket: Socket): AsyncGenerator<Buffer, undefined> {
  let pending = Buffer.alloc(0);
  for await (const chunk of socket) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const end = 4 + pending.readInt32BE(0);
      yield pending.subarray(4, end);
      pending = pending.subarray(end);
    }
  }
  return undefined;
}

function frame(...parts: readonly Buffer[]): Buffer {
  return buffer(Buffer.concat(parts));
}

function buffer(content: Buffer): Buffer {
  return Buffer.concat([int(content.length), content]);
}

function string(text: string): Buffer {
  return buffer(Buffer.from(text));
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
