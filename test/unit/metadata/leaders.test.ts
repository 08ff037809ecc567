import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WaitAborted } from '../../../src/errors.js';
import { loadKafkaProtocol } from '../../../src/metadata/kafka/connection.js';
import { awaitLeaders, combined } from '../../../src/metadata/kafka/leaders.js';
import type { DescribedCluster, TopicPartition } from '../../../src/metadata/kafka/topics.js';
import { API, FakeBroker, metadata } from './fake-broker.js';

const UUID = 'bf7dc681-daf4-4b88-8746-fb07ac69c9bc';

function partition(changes: Partial<TopicPartition> = {}): TopicPartition {
  return { partition: 0, leader: 1, leaderEpoch: 7, replicas: [1, 2], isr: [1, 2], offline: [], ...changes };
}

/** What one broker says: which brokers live, and the partitions of topic `orders`, or of others. */
function answer(
  live: readonly number[],
  partitions: readonly TopicPartition[],
  others: Readonly<Record<string, readonly TopicPartition[]>> = {},
): DescribedCluster {
  return {
    brokers: new Map(live.map((id) => [id, { host: 'localhost', port: 9092 + id }])),
    topics: Object.entries({ orders: partitions, ...others }).map(([name, all]) => ({
      name,
      id: name.padEnd(22, '_'),
      internal: name.startsWith('__'),
      partitions: all,
    })),
    clusterId: 'cluster',
  };
}

function leaderless(...answers: readonly DescribedCluster[]): readonly string[] | undefined {
  return combined(answers)?.leaderless.map(({ topic, partition: number, leader }) => `${topic}-${number}: ${leader}`);
}

describe('what brokers say of leaders', () => {
  it('is nothing without an answer', () => {
    expect(combined([])).toBeUndefined();
  });

  it('counts every partition once, internal topics included', () => {
    const one = answer([1, 2], [partition(), partition({ partition: 1 })], { __consumer_offsets: [partition()] });
    expect(combined([one, one])).toEqual({ partitions: 3, leaderless: [] });
  });

  it.each([
    ['there is none', partition({ leader: -1 }), [1, 2]],
    ['it is not among the live brokers of the response', partition({ leader: 2 }), [1]],
    ['it is not in the ISR', partition({ leader: 2, isr: [1] }), [1, 2]],
    ['it is offline, for example because of its disk', partition({ leader: 2, offline: [2] }), [1, 2]],
  ])('has no leader if %s', (_, found, live) => {
    expect(combined([answer(live, [partition({ partition: 1 }), found])])).toEqual({
      partitions: 2,
      leaderless: [
        {
          topic: 'orders',
          partition: 0,
          leader: found.leader,
          replicas: found.replicas,
          isr: found.isr,
          live,
        },
      ],
    });
  });

  it('lists partitions by topic and number', () => {
    const none = (number: number) => partition({ partition: number, leader: -1 });
    expect(leaderless(answer([1], [none(10), none(2)], { accounts: [none(0)] }))).toEqual([
      'accounts-0: -1',
      'orders-2: -1',
      'orders-10: -1',
    ]);
  });

  it('is what a broker says that knows a later election', () => {
    const before = answer([1], [partition({ leader: 2 })]);
    const after = answer([1], [partition({ leaderEpoch: 8 })]);
    expect([leaderless(before, after), leaderless(after, before)]).toEqual([[], []]);
    const worse = answer([1], [partition({ leader: -1, leaderEpoch: 8 })]);
    const fine = answer([1, 2], [partition()]);
    expect([leaderless(fine, worse), leaderless(worse, fine)]).toEqual([['orders-0: -1'], ['orders-0: -1']]);
  });

  it('has no leader of a partition that exists and that no broker knows', () => {
    const expected = [
      {
        name: 'orders',
        partitions: [
          { partition: 0, replicas: [2] },
          { partition: 1, replicas: [1] },
        ],
      },
    ];
    const known = partition({ partition: 1, leaderEpoch: -1 });
    expect(combined([answer([1], [known]), answer([2], [])], expected)).toEqual({
      partitions: 2,
      leaderless: [{ topic: 'orders', partition: 0, leader: -1, replicas: [2], isr: [], live: [1, 2] }],
    });
  });

  it('is the worse of two answers that know the same election: one broker was not told that another has died', () => {
    const untold = answer([1, 2], [partition({ leader: 2 })]);
    const told = answer([1], [partition({ leader: 2 })]);
    expect([leaderless(untold, told), leaderless(told, untold)]).toEqual([['orders-0: 2'], ['orders-0: 2']]);
  });
});

describe('awaitLeaders', () => {
  const EXPECTED = [{ name: 'orders', partitions: [{ partition: 0, replicas: [1, 0] }] }];
  const MINUTE = 60_000;
  /** Enough for an answer, also on a busy machine. */
  const SECOND = 1000;
  let brokers: readonly FakeBroker[];
  let bootstrapServers: readonly string[];
  beforeAll(loadKafkaProtocol);
  beforeEach(async () => {
    brokers = await Promise.all([FakeBroker.start(), FakeBroker.start()]);
    bootstrapServers = brokers.map(({ address }) => address);
  });
  afterEach(async () => {
    for (const broker of brokers) await broker.stop();
  });

  /** Every partition of the fake has the replicas 1 and 0, and the ISR 0. */
  const says = (leader: number) =>
    metadata([[0, 1]], [{ name: 'orders', uuid: UUID, partitions: [{ partition: 0, leader }] }]);
  const ask = (deadlineMs: number, signal = new AbortController().signal) =>
    awaitLeaders({ bootstrapServers, expected: EXPECTED, deadlineMs, signal });

  it('asks every broker, and all of them again until every partition has a leader', async () => {
    const [first, second] = brokers;
    first?.answers.set(API.METADATA, says(0));
    second?.answers.set(API.METADATA, (writer, count) => says(count < 2 ? -1 : 0)(writer, count));
    await expect(ask(MINUTE)).resolves.toEqual({ partitions: 1, leaderless: [] });
    expect(brokers.map(({ requests }) => requests)).toEqual([Array(3).fill(API.METADATA), Array(3).fill(API.METADATA)]);
  });

  it('asks again while no broker knows a partition that exists: the brokers may have just started', async () => {
    for (const broker of brokers) {
      broker.answers.set(API.METADATA, (writer, count) =>
        (count < 2 ? metadata([[0, 1]], []) : says(0))(writer, count),
      );
    }
    await expect(ask(MINUTE)).resolves.toEqual({ partitions: 1, leaderless: [] });
    expect(brokers[0]?.requests).toHaveLength(3);
  });

  it('returns what is left when the deadline is over', async () => {
    for (const broker of brokers) broker.answers.set(API.METADATA, says(-1));
    await expect(ask(SECOND)).resolves.toMatchObject({ partitions: 1, leaderless: [{ topic: 'orders', live: [0] }] });
  });

  it('needs only one broker that answers', async () => {
    const [first, second] = brokers;
    await first?.stop();
    second?.answers.set(API.METADATA, says(0));
    await expect(ask(MINUTE)).resolves.toEqual({ partitions: 1, leaderless: [] });
  });

  it('knows nothing if no broker answers', async () => {
    for (const broker of brokers) broker.answers.set(API.METADATA, () => 'close');
    await expect(ask(SECOND)).resolves.toBeUndefined();
    for (const broker of brokers) expect(broker.requests.length).toBeGreaterThan(0);
  });

  it('finds no leader if the brokers answer, and no controller has told them about the cluster', async () => {
    const [first, second] = brokers;
    first?.answers.set(API.METADATA, metadata([], []));
    second?.answers.set(API.METADATA, () => 'close');
    await expect(ask(SECOND)).resolves.toEqual({
      partitions: 1,
      leaderless: [expect.objectContaining({ topic: 'orders', partition: 0, leader: -1, live: [] })],
    });
  });

  it('ends with the signal', async () => {
    const run = new AbortController();
    for (const broker of brokers) {
      broker.answers.set(API.METADATA, (writer, count) => {
        run.abort();
        return says(-1)(writer, count);
      });
    }
    await expect(ask(MINUTE, run.signal)).rejects.toThrow(WaitAborted);
  });
});
