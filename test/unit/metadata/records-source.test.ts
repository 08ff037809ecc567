import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnvironmentError } from '../../../src/errors.js';
import type { BrokerAccess } from '../../../src/metadata/kafka/connection.js';
import { FetchSource } from '../../../src/metadata/kafka/records-source.js';
import { Deadline } from '../../../src/waiting/deadline.js';
import {
  type Answer,
  type AnsweredPartition,
  API,
  FakeBroker,
  type FetchedPartition,
  fetched,
  listedOffset,
  metadata,
} from './fake-broker.js';

const UUID = 'bf7dc681-daf4-4b88-8746-fb07ac69c9bc';
const ID = 'v33Ggdr0S4iHRvsHrGnJvA';
const UNUSED_PORT = 1;

let broker: FakeBroker;
beforeEach(async () => {
  broker = await FakeBroker.start();
});
afterEach(async () => {
  await broker.stop();
});

/** Reads partitions 0 and 1 of topic `a`, from their beginning unless an offset is given; broker 0 is the fake one, broker 1 is down. */
async function read(
  located: readonly AnsweredPartition[],
  answers: readonly FetchedPartition[] = [],
  uuid = UUID,
  reach?: BrokerAccess['reach'],
  offset = 0n,
) {
  const brokers = [[0, broker.port] as const, [1, UNUSED_PORT] as const];
  broker.answers.set(API.METADATA, metadata(brokers, [{ name: 'a', uuid, partitions: located }]));
  broker.answers.set(API.FETCH, fetched(UUID, answers));
  const source = new FetchSource({ bootstrapServers: [broker.address], reach }, new Deadline({ deadlineMs: 60_000 }));
  return source.read([0, 1].map((partition) => ({ topic: 'a', topicId: ID, partition, offset })));
}

const LED = [
  { partition: 0, leader: 0 },
  { partition: 1, leader: 0 },
];
const EMPTY = { kind: 'records', records: [], nextOffset: 0n, highWatermark: 0n, logStartOffset: 0n };

describe('FetchSource', () => {
  it('reads all partitions of a leader with one request', async () => {
    const records = [
      { key: '0', value: 'x' },
      { key: '1', value: 'y' },
    ];
    const outcomes = await read(LED, [
      { partition: 1, highWatermark: 0n },
      { partition: 0, highWatermark: 5n, batches: [{ firstOffset: 0n, records }] },
    ]);
    expect(outcomes).toEqual([
      { kind: 'records', records, nextOffset: 2n, highWatermark: 5n, logStartOffset: 0n },
      EMPTY,
    ]);
    expect(broker.requests).toEqual([API.METADATA, API.FETCH]);
  });

  it('connects to a leader at another address than the advertised one', async () => {
    const answers = [0, 1].map((partition) => ({ partition, highWatermark: 0n }));
    const located = [
      { partition: 0, leader: 0 },
      { partition: 1, leader: 1 },
    ];
    const advertised: number[] = [];
    const outcomes = await read(located, answers, UUID, ({ host, port }) => {
      advertised.push(port);
      return { host, port: broker.port };
    });
    expect(outcomes).toEqual([EMPTY, EMPTY]);
    expect(advertised.toSorted((a, b) => a - b)).toEqual([broker.port, UNUSED_PORT].toSorted((a, b) => a - b));
  });

  it('reports the topic as absent if its name now belongs to another topic', async () => {
    const outcomes = await read(LED, [], 'bf7dc681-daf4-4b88-8746-fb07ac69c9bd');
    const reason = `the topic now has the id v33Ggdr0S4iHRvsHrGnJvQ, not ${ID}`;
    expect(outcomes).toEqual([
      { kind: 'absent', reason },
      { kind: 'absent', reason },
    ]);
    expect(broker.requests).toEqual([API.METADATA]);
  });

  it('distinguishes a partition that does not exist from one without a leader', async () => {
    expect(await read([{ partition: 0, leader: -1 }])).toEqual([
      { kind: 'unavailable', reason: `the broker at ${broker.address} reports no leader` },
      { kind: 'absent', reason: `the broker at ${broker.address} does not know the partition` },
    ]);
  });

  it('reads what it can when one leader is down', async () => {
    const outcomes = await read(
      [LED[0] ?? { partition: 0, leader: 0 }, { partition: 1, leader: 1 }],
      [{ partition: 0, highWatermark: 0n }],
    );
    expect(outcomes[0]).toEqual(EMPTY);
    expect(outcomes[1]).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('127.0.0.1:1 does not respond'),
    });
  });

  it.each([
    ['NOT_LEADER_OR_FOLLOWER', 6, 'unavailable'],
    ['UNKNOWN_TOPIC_ID', 100, 'absent'],
    ['INCONSISTENT_TOPIC_ID', 103, 'absent'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 3, 'absent'],
  ])('treats %s (%d) as %s', async (name, error, kind) => {
    const outcomes = await read(LED, [
      { partition: 0, error, highWatermark: -1n },
      { partition: 1, highWatermark: 0n },
    ]);
    expect(outcomes).toEqual([{ kind, reason: `${broker.address} responds with ${name}` }, EMPTY]);
  });

  it('rejects when an error is not retriable', async () => {
    const reading = read(LED, [{ partition: 0, error: 29, highWatermark: -1n }]);
    await expect(reading).rejects.toThrow(EnvironmentError);
    await expect(reading).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
  });

  it('continues at the start of the log when the log does not contain the offset', async () => {
    broker.answers.set(API.LIST_OFFSETS, listedOffset('a', 0, 17n));
    const outcomes = await read(LED, [
      { partition: 0, error: 1, highWatermark: 20n },
      { partition: 1, highWatermark: 0n },
    ]);
    expect(outcomes).toEqual([
      { kind: 'records', records: [], nextOffset: 17n, highWatermark: 20n, logStartOffset: 17n },
      EMPTY,
    ]);
  });

  it.each([
    ['a batch', false],
    ['a compressed batch', true],
  ])('drops the records of %s that lie before the requested offset', async (_, gzip) => {
    const records = ['0', '1', '2', '3'].map((key) => ({ key, value: `value ${key}` }));
    const outcomes = await read(
      LED,
      [
        { partition: 0, highWatermark: 14n, logStart: 12n, batches: [{ firstOffset: 10n, records, gzip }] },
        { partition: 1, highWatermark: 14n, logStart: 14n, batches: [{ firstOffset: 8n, records, gzip }] },
      ],
      UUID,
      undefined,
      12n,
    );
    expect(outcomes).toEqual([
      { kind: 'records', records: records.slice(2), nextOffset: 14n, highWatermark: 14n, logStartOffset: 12n },
      { kind: 'records', records: [], nextOffset: 12n, highWatermark: 14n, logStartOffset: 14n },
    ]);
  });

  it('knows the offsets of the records in a batch that compaction has thinned out', async () => {
    const records = [
      { key: '0', value: 'a', delta: 0 },
      { key: '7', value: 'b', delta: 7 },
    ];
    const batches = [{ firstOffset: 100n, records }];
    const outcomes = await read(
      LED,
      [
        { partition: 0, highWatermark: 108n, batches },
        { partition: 1, highWatermark: 108n, batches },
      ],
      UUID,
      undefined,
      105n,
    );
    const kept = [{ key: '7', value: 'b' }];
    expect(outcomes[0]).toMatchObject({ records: kept, nextOffset: 108n });
  });

  it('passes over the markers of transactions', async () => {
    const marker = [{ key: '0', value: 'marker' }];
    const records = [{ key: '0', value: 'a' }];
    const outcomes = await read(LED, [
      {
        partition: 0,
        highWatermark: 3n,
        batches: [
          { firstOffset: 0n, records: marker, control: true },
          { firstOffset: 1n, records },
          { firstOffset: 2n, records: marker, control: true },
        ],
      },
      { partition: 1, highWatermark: 0n },
    ]);
    expect(outcomes[0]).toMatchObject({ records, nextOffset: 3n });
  });

  describe('when the broker closes the connection instead of serving the records', () => {
    const requests = [0, 1].map((partition) => ({ topic: 'a', topicId: ID, partition, offset: 0n }));
    const served = fetched(UUID, [{ partition: 0, highWatermark: 0n }]);
    const located: Answer = (writer, count) =>
      metadata([[0, broker.port]], [{ name: 'a', uuid: UUID, partitions: LED }])(writer, count);

    it('reads every partition but the damaged one, whose records are absent', async () => {
      broker.answers.set(API.METADATA, located);
      broker.answers.set(API.FETCH, (writer, count) => (count === 1 ? served(writer, count) : 'close'));
      const source = new FetchSource({ bootstrapServers: [broker.address] }, new Deadline({ deadlineMs: 60_000 }));
      expect(await source.read(requests)).toEqual([
        EMPTY,
        { kind: 'absent', reason: expect.stringMatching(/^The broker at .* \(but it responds to other requests\)$/) },
      ]);
    });

    it('reports all partitions as unavailable if it does not respond to anything else either', async () => {
      broker.answers.set(API.METADATA, (writer, count) => (count === 0 ? located(writer, count) : 'close'));
      broker.answers.set(API.FETCH, () => 'close');
      const source = new FetchSource({ bootstrapServers: [broker.address] }, new Deadline({ deadlineMs: 60_000 }));
      expect(await source.read(requests)).toMatchObject([{ kind: 'unavailable' }, { kind: 'unavailable' }]);
    });
  });

  it('reports a partition as unavailable when the leader omits it from the response', async () => {
    const outcomes = await read(LED, [{ partition: 0, highWatermark: 0n }]);
    expect(outcomes[1]).toMatchObject({ kind: 'unavailable' });
  });
});
