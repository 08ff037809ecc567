import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { WaitTimedOut } from '../../../src/errors.js';
import { Ledger } from '../../../src/metadata/ledger.js';
import { Clients } from '../../../src/metadata/seeding.js';

const API_VERSIONS = 18;
const METADATA = 3;
const CREATE_TOPICS = 19;
/** Of Metadata that kafkajs sends, because the broker supports no other; the harness's own requests have version 12. */
const METADATA_VERSION = 1;

const int16 = (value: number): Buffer => {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
};
const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const text = (value: string): Buffer => Buffer.concat([int16(value.length), Buffer.from(value)]);

/** The body of a broker that creates topics, and does not answer when it is asked whether it knows them. */
function answerOf(api: number, version: number, port: number): Buffer | undefined {
  if (api === API_VERSIONS) {
    const supported = [
      [API_VERSIONS, 0, 2],
      [METADATA, METADATA_VERSION, METADATA_VERSION],
      [CREATE_TOPICS, 0, 0],
    ];
    return Buffer.concat([int16(0), int32(supported.length), ...supported.flat().map(int16), int32(0)]);
  }
  if (api === METADATA && version === METADATA_VERSION) {
    const broker = [int32(0), text('127.0.0.1'), int32(port), int16(-1)];
    return Buffer.concat([int32(1), ...broker, int32(0), int32(0)]);
  }
  return api === CREATE_TOPICS ? Buffer.concat([int32(1), text('orders'), int16(0)]) : undefined;
}

it('a time-out of a new topic says how long each part of its creation took', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      const body = answerOf(request.readInt16BE(4), request.readInt16BE(6), port);
      const correlation = request.subarray(8, 12);
      if (body !== undefined) socket.write(Buffer.concat([int32(4 + body.length), correlation, body]));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const clients = new Clients({
      bootstrapServers: [`127.0.0.1:${port}`],
      ledger: new Ledger(),
      deadlineMs: 3_000,
      signal: new AbortController().signal,
    });
    const orders = { name: 'orders', partitions: 1, replicationFactor: 1, configs: {}, records: 1 };
    const failure: unknown = await clients.seed([orders]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WaitTimedOut);
    expect(String(failure)).toMatch(
      /timed out after 3 s waiting for .*topic orders.* \(time spent: creating the topics \d\.\d s, waiting for every broker and leader to know them \d\.\d s\)$/,
    );
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
