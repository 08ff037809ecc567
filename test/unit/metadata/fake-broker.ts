import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createRecord, Writer } from '@platformatic/kafka';

/**
 * Creates the body of the response to the n-th request of its kind. undefined: no response; `close`: the connection is
 * closed instead.
 */
export type Answer = (writer: Writer, count: number) => Writer | 'close' | undefined;

export const API = {
  FETCH: 1,
  LIST_OFFSETS: 2,
  METADATA: 3,
  DESCRIBE_CONFIGS: 32,
  INCREMENTAL_ALTER_CONFIGS: 44,
} as const;

/** Speaks just enough of Kafka's protocol to send scripted responses from one port of this machine. */
export class FakeBroker {
  /** API keys of all requests, in order. */
  readonly requests: number[] = [];
  /** The last request of each kind, from its header on. */
  readonly last = new Map<number, Buffer>();
  readonly answers = new Map<number, Answer>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(): Promise<FakeBroker> {
    const server = createServer();
    const broker = new FakeBroker(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get openConnections(): number {
    return [...this.#sockets].filter((socket) => !socket.destroyed && !socket.readableEnded).length;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const size = received.readInt32BE(0);
        this.#answer(socket, received.subarray(4, 4 + size));
        received = received.subarray(4 + size);
      }
    });
  }

  #answer(socket: Socket, request: Buffer): void {
    const key = request.readInt16BE(0);
    const count = this.requests.filter((earlier) => earlier === key).length;
    this.requests.push(key);
    this.last.set(key, request);
    const body = this.answers.get(key)?.(Writer.create(), count);
    if (body === undefined) return;
    if (body === 'close') {
      socket.destroy();
      return;
    }
    const header = Buffer.alloc(9);
    header.writeInt32BE(5 + body.buffer.length, 0);
    header.writeInt32BE(request.readInt32BE(4), 4);
    socket.write(Buffer.concat([header, body.buffer]));
  }
}

export interface AnsweredPartition {
  readonly partition: number;
  readonly leader: number;
  readonly error?: number;
}

export interface AnsweredTopic {
  readonly name: string;
  readonly uuid: string;
  readonly error?: number;
  readonly partitions: readonly AnsweredPartition[];
}

/** Metadata v12. Every partition has the replicas 1, 0 and the ISR 0. */
export function metadata(
  brokers: readonly (readonly [id: number, port: number])[],
  topics: readonly AnsweredTopic[],
): Answer {
  return (writer) =>
    writer
      .appendInt32(0)
      .appendArray([...brokers], (w, [id, port]) =>
        w.appendInt32(id).appendString('127.0.0.1').appendInt32(port).appendString(null),
      )
      .appendString('cluster')
      .appendInt32(brokers[0]?.[0] ?? -1)
      .appendArray([...topics], (w, topic) =>
        w
          .appendInt16(topic.error ?? 0)
          .appendString(topic.name)
          .appendUUID(topic.uuid)
          .appendBoolean(false)
          .appendArray([...topic.partitions], (p, { partition, leader, error = 0 }) =>
            p
              .appendInt16(error)
              .appendInt32(partition)
              .appendInt32(leader)
              .appendInt32(7)
              .appendArray([1, 0], (n, id) => n.appendInt32(id), true, false)
              .appendArray([0], (n, id) => n.appendInt32(id), true, false)
              .appendArray([], (n, id: number) => n.appendInt32(id), true, false),
          )
          .appendInt32(0),
      )
      .appendTaggedFields();
}

/** DescribeConfigs v4: by topic, an error code or `[name, value, source]` of each configuration. */
export function configs(
  topics: Readonly<Record<string, number | readonly (readonly [name: string, value: string, source: number])[]>>,
): Answer {
  return (writer) =>
    writer
      .appendInt32(0)
      .appendArray(Object.entries(topics), (w, [name, answer]) =>
        w
          .appendInt16(typeof answer === 'number' ? answer : 0)
          .appendString(null)
          .appendInt8(2)
          .appendString(name)
          .appendArray(typeof answer === 'number' ? [] : [...answer], (c, [key, value, source]) =>
            c
              .appendString(key)
              .appendString(value)
              .appendBoolean(false)
              .appendInt8(source)
              .appendBoolean(false)
              .appendArray([], (s) => s)
              .appendInt8(2)
              .appendString(null),
          ),
      )
      .appendTaggedFields();
}

/** IncrementalAlterConfigs v1 for one resource. */
export function altered(error: number, message: string | null): Answer {
  return (writer) =>
    writer
      .appendInt32(0)
      .appendArray([0], (w) => w.appendInt16(error).appendString(message).appendInt8(4).appendString('0'))
      .appendTaggedFields();
}

export interface FetchedRecord {
  readonly key: string;
  readonly value: string;
  /** Relative to its batch. Default: its position in the batch. */
  readonly delta?: number;
}

/** A batch of records as it is in a log. */
export interface FetchedBatch {
  readonly firstOffset: bigint;
  readonly records: readonly FetchedRecord[];
  readonly gzip?: boolean;
  /** Whether it holds the markers of a transaction, and no records of a client. */
  readonly control?: boolean;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly error?: number;
  readonly highWatermark: bigint;
  /** Default: 0. */
  readonly logStart?: bigint;
  readonly batches?: readonly FetchedBatch[];
}

/** Fetch v15 for one topic. */
export function fetched(uuid: string, partitions: readonly FetchedPartition[]): Answer {
  return (writer) =>
    writer
      .appendInt32(0)
      .appendInt16(0)
      .appendInt32(0)
      .appendArray([uuid], (w, id) =>
        w
          .appendUUID(id)
          .appendArray([...partitions], (p, { partition, error = 0, highWatermark, logStart = 0n, batches = [] }) => {
            p.appendInt32(partition)
              .appendInt16(error)
              .appendInt64(highWatermark)
              .appendInt64(highWatermark)
              .appendInt64(logStart)
              .appendArray([], (a) => a)
              .appendInt32(-1);
            const log = Buffer.concat(batches.map(batch));
            return p.appendUnsignedVarInt(log.length + 1).append(log);
          }),
      )
      .appendTaggedFields();
}

/** A record batch of version 2, without a checksum. */
function batch({ firstOffset, records, gzip = false, control = false }: FetchedBatch): Buffer {
  const contents = Buffer.concat(
    records.map(({ key, value, delta }, i) => {
      const message = { topic: '', key: Buffer.from(key), value: Buffer.from(value), timestamp: 0n };
      return createRecord(message, delta ?? i, 0n).buffer;
    }),
  );
  const last = records.at(-1)?.delta ?? records.length - 1;
  const body = Writer.create()
    .appendInt32(0)
    .appendInt8(2)
    .appendUnsignedInt32(0)
    .appendInt16((gzip ? 1 : 0) | (control ? 1 << 5 : 0))
    .appendInt32(last)
    .appendInt64(0n)
    .appendInt64(0n)
    .appendInt64(-1n)
    .appendInt16(-1)
    .appendInt32(-1)
    .appendInt32(records.length)
    .append(gzip ? gzipSync(contents) : contents).buffer;
  return Writer.create().appendInt64(firstOffset).appendInt32(body.length).append(body).buffer;
}

/** ListOffsets v8 for one partition. */
export function listedOffset(topic: string, partition: number, offset: bigint): Answer {
  return (writer) =>
    writer
      .appendInt32(0)
      .appendArray([topic], (w, name) =>
        w
          .appendString(name)
          .appendArray([partition], (p, index) =>
            p.appendInt32(index).appendInt16(0).appendInt64(-1n).appendInt64(offset).appendInt32(0),
          ),
      )
      .appendTaggedFields();
}
