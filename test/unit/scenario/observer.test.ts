import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Observation } from '../../../src/invariants/invariant.js';
import { Journal } from '../../../src/journal/journal.js';
import { loadKafkaProtocol } from '../../../src/metadata/kafka/connection.js';
import { Observer } from '../../../src/scenario/observer.js';
import type { RunTopics } from '../../../src/scenario/run-topics.js';
import { ONE_OF_EACH } from '../../../src/strimzi/topology.js';
import { deadlinesOf } from '../../../src/waiting/deadlines.js';
import { API, configs, FakeBroker, metadata } from '../metadata/fake-broker.js';

const UUID = 'bf7dc681-daf4-4b88-8746-fb07ac69c9bc';

beforeAll(loadKafkaProtocol);

let broker: FakeBroker;
let readBacks: number;
beforeEach(async () => {
  broker = await FakeBroker.start();
  broker.answers.set(API.DESCRIBE_CONFIGS, configs({ orders: [] }));
  readBacks = 0;
});
afterEach(async () => {
  await broker.stop();
});

/** What is observed of a cluster in KRaft mode with one topic, and its partition's leader. */
async function observed(leader: number, moment: Observation['moment'] = 'ended'): Promise<Observation> {
  broker.answers.set(
    API.METADATA,
    metadata([[0, 1]], [{ name: 'orders', uuid: UUID, partitions: [{ partition: 0, leader }] }]),
  );
  const cluster = {
    topology: ONE_OF_EACH,
    state: () => 'KRaft',
    kafka: () => ({ bootstrapServers: [broker.address] }),
    zookeeper: () => undefined,
    observed: async () => undefined,
  } as unknown as Cluster;
  const ledger = {
    topics: () => {
      readBacks += 1;
      return [];
    },
  };
  const topics = { expected: () => [], deleted: () => [], ledger } as unknown as RunTopics;
  const deadlines = { ...deadlinesOf(0), electMs: 1000 };
  const observer = new Observer(cluster, new Journal(), new AbortController().signal, deadlines);
  try {
    return await observer.observe('a step', moment, topics);
  } finally {
    await observer.close();
  }
}

it('after a step the brokers are asked for the leaders of all partitions, and records are read back', async () => {
  const seen = await observed(0);
  expect(seen.leaders).toEqual({ partitions: 1, leaderless: [] });
  expect([seen.records, readBacks]).toEqual([[], 1]);
});

it('records are not read back if partitions have no leader: that would never end', async () => {
  const seen = await observed(-1);
  expect(seen.leaders).toMatchObject({ partitions: 1, leaderless: [{ topic: 'orders', partition: 0, leader: -1 }] });
  expect([seen.records, readBacks]).toEqual([undefined, 0]);
});

it('a step that did not end well does not wait for leaders', async () => {
  const seen = await observed(-1, 'timed-out');
  expect([seen.leaders, seen.records, readBacks]).toEqual([undefined, undefined, 0]);
  expect(broker.requests).toEqual([]);
});
