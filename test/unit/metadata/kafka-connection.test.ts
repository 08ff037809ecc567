import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnvironmentError, UsageError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { KafkaUnreachable, parseEndpoint, withAnyBroker, withBroker } from '../../../src/metadata/kafka/connection.js';
import { describeTopics, idFromUuid, uuidFromId } from '../../../src/metadata/kafka/topics.js';
import { Deadline } from '../../../src/waiting/deadline.js';
import { API, FakeBroker, metadata } from './fake-broker.js';

const UUID = 'bf7dc681-daf4-4b88-8746-fb07ac69c9bc';
const LONG = { deadlineMs: 60_000 };

/** A port of this machine on which no process listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let broker: FakeBroker;
beforeEach(async () => {
  broker = await FakeBroker.start();
});
afterEach(async () => {
  await broker.stop();
});

describe('parseEndpoint', () => {
  it.each([
    ['localhost:9092', { host: 'localhost', port: 9092 }],
    ['[::1]:1', { host: '::1', port: 1 }],
  ])('accepts %p', (address, endpoint) => {
    expect(parseEndpoint(address)).toEqual(endpoint);
  });

  it.each([
    '',
    'localhost',
    ':9092',
    'localhost:0',
    'localhost:65536',
    'localhost:9092,b:1',
    '::1:9092',
    'PLAINTEXT://a:1',
  ])('rejects %p', (address) => {
    expect(() => parseEndpoint(address)).toThrow(UsageError);
  });
});

describe('withAnyBroker', () => {
  it('asks the next broker when one is down', async () => {
    const down = `127.0.0.1:${await freePort()}`;
    const asked = await withAnyBroker([down, broker.address], new Deadline(LONG), 'it', async ({ address }) => address);
    expect(asked).toBe(broker.address);
  });

  it('asks the next broker when one breaks the connection', async () => {
    const fragile = createServer((socket) => socket.once('data', () => socket.destroy()));
    await new Promise<void>((resolve) => fragile.listen(0, '127.0.0.1', resolve));
    broker.answers.set(API.METADATA, metadata([[0, broker.port]], []));
    const first = `127.0.0.1:${(fragile.address() as AddressInfo).port}`;
    const described = await withAnyBroker([first, broker.address], new Deadline(LONG), 'topics', (connection) =>
      describeTopics(connection, undefined),
    );
    await new Promise((resolve) => fragile.close(resolve));
    expect(described.topics).toEqual([]);
  });

  it('names what it waited for, all addresses and the reason when no broker can be reached', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const asking = withAnyBroker([address], new Deadline({ deadlineMs: 1000 }), "the topics' metadata", async () => 1);
    await expect(asking).rejects.toThrow(WaitTimedOut);
    await expect(asking).rejects.toThrow(
      new RegExp(
        `timed out after 1 s waiting for the topics' metadata from ${address}; .*${address} does not respond.*ECONNREFUSED`,
      ),
    );
  });

  it('does not ask another broker after any other failure', async () => {
    const asking = withAnyBroker([broker.address], new Deadline(LONG), 'it', async () => {
      throw new TypeError('a mistake');
    });
    await expect(asking).rejects.toThrow(TypeError);
  });

  it('rejects an empty list of brokers', async () => {
    await expect(withAnyBroker([], new Deadline(LONG), 'it', async () => 1)).rejects.toThrow(UsageError);
  });

  it('times out on a broker that accepts the connection and never responds, and closes the connection', async () => {
    const asking = withAnyBroker([broker.address], new Deadline({ deadlineMs: 100 }), 'topics', (connection) =>
      describeTopics(connection, undefined),
    );
    await expect(asking).rejects.toThrow(
      `timed out after 0.1 s waiting for the broker at ${broker.address} to respond to Metadata`,
    );
    await expectNoConnection(broker);
  });

  it('ends with WaitAborted when the signal is aborted, and closes the connection', async () => {
    const controller = new AbortController();
    broker.answers.set(API.METADATA, () => {
      controller.abort();
      return undefined;
    });
    const deadline = new Deadline({ ...LONG, signal: controller.signal });
    const asking = withAnyBroker([broker.address], deadline, 'topics', (connection) =>
      describeTopics(connection, undefined),
    );
    await expect(asking).rejects.toThrow(WaitAborted);
    await expectNoConnection(broker);
  });
});

describe('withBroker', () => {
  it('says that the broker cannot be reached', async () => {
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    await expect(withBroker(endpoint, new Deadline(LONG), async () => 1)).rejects.toThrow(KafkaUnreachable);
  });

  it('closes the connection when the work is done', async () => {
    await withBroker({ host: '127.0.0.1', port: broker.port }, new Deadline(LONG), async () => 1);
    await expectNoConnection(broker);
  });
});

describe('describeTopics', () => {
  const describeWith = (topics: Parameters<typeof metadata>[1]) => {
    broker.answers.set(API.METADATA, metadata([[0, broker.port]], topics));
    return withBroker({ host: '127.0.0.1', port: broker.port }, new Deadline(LONG), (connection) =>
      describeTopics(connection, ['a', 'b']),
    );
  };

  it('returns ids as Kafka prints them, sorts partitions, and omits topics that the broker does not know', async () => {
    const described = await describeWith([
      {
        name: 'a',
        uuid: UUID,
        partitions: [
          { partition: 1, leader: -1, error: 5 },
          { partition: 0, leader: 0 },
        ],
      },
      { name: 'b', uuid: UUID, error: 3, partitions: [] },
    ]);
    expect(described.brokers).toEqual(new Map([[0, { host: '127.0.0.1', port: broker.port }]]));
    expect(described.topics).toEqual([
      {
        name: 'a',
        id: 'v33Ggdr0S4iHRvsHrGnJvA',
        internal: false,
        partitions: [
          { partition: 0, leader: 0, leaderEpoch: 7, replicas: [1, 0], isr: [0], offline: [] },
          { partition: 1, leader: -1, leaderEpoch: 7, replicas: [1, 0], isr: [0], offline: [] },
        ],
      },
    ]);
  });

  it('rejects when the broker refuses', async () => {
    const describing = describeWith([{ name: 'a', uuid: UUID, error: 29, partitions: [] }]);
    await expect(describing).rejects.toThrow(EnvironmentError);
    await expect(describing).rejects.toThrow('refuses to describe topic a: TOPIC_AUTHORIZATION_FAILED');
  });
});

describe('topic ids', () => {
  it('are converted both ways', () => {
    expect(idFromUuid(UUID)).toBe('v33Ggdr0S4iHRvsHrGnJvA');
    expect(uuidFromId('v33Ggdr0S4iHRvsHrGnJvA')).toBe(UUID);
  });
});

async function expectNoConnection(of: FakeBroker): Promise<void> {
  // The other end notices a closed socket a moment later.
  await new Deadline({ deadlineMs: 5000 }).retry(
    'all connections to be closed',
    async () => expect(of.openConnections).toBe(0),
    () => true,
  );
}
