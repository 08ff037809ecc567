import { describe, expect, it } from '@jest/globals';
import { readZooKeeperSnapshot } from '../../../src/metadata/zookeeper/reader.js';
import { FakeZooKeeper } from './fake-zookeeper.js';

/** Contents as Kafka 3.9.0 writes them (read from a real ZooKeeper 3.8.4). */
const TREE: Readonly<Record<string, string>> = {
  '/brokers/ids/0': '{"port":9092}',
  '/brokers/topics/orders':
    '{"removing_replicas":{"0":[2]},"partitions":{"1":[1,0],"0":[0,1,2]},"topic_id":"v23gdr2RS4iHRvsHrGnJvA","adding_replicas":{},"version":3}',
  '/brokers/topics/orders/partitions/0/state':
    '{"controller_epoch":1,"leader":0,"version":1,"leader_epoch":2,"isr":[1,0]}',
  '/config/topics/orders': '{"version":1,"config":{"retention.ms":"1000"}}',
  '/brokers/topics/__consumer_offsets':
    '{"removing_replicas":{},"partitions":{"0":[0]},"topic_id":"nFydKJ9tTJ2HWcDXgbUNUg","adding_replicas":{},"version":3}',
  '/brokers/topics/old': '{"version":1,"partitions":{"0":[0]}}',
};

describe('readZooKeeperSnapshot', () => {
  it('reads ids, partitions, replicas and overrides, and separately the operational state', async () => {
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper(TREE));
    expect(snapshot).toEqual({
      source: 'zookeeper',
      topics: [
        { name: 'old', id: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: [{ partition: 0, replicas: [0] }], configs: {} },
        {
          name: 'orders',
          id: 'v23gdr2RS4iHRvsHrGnJvA',
          partitions: [
            { partition: 0, replicas: [0, 1, 2] },
            { partition: 1, replicas: [1, 0] },
          ],
          configs: { 'retention.ms': '1000' },
        },
      ],
      operational: { liveBrokers: [0], partitions: { 'orders-0': { leader: 0, leaderEpoch: 2, isr: [0, 1] } } },
    });
  });

  it('names the topics whose deletion has not finished', async () => {
    const pending = { '/admin/delete_topics/orders': '', '/admin/delete_topics/gone': '' };
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper({ ...TREE, ...pending }));
    expect(snapshot.pendingDeletions).toEqual(['gone', 'orders']);
    expect(snapshot.topics.map(({ name }) => name)).toEqual(['old', 'orders']);
  });

  it('reads internal topics if requested', async () => {
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper(TREE), { internalTopics: true });
    expect(snapshot.topics.map(({ name }) => name)).toContain('__consumer_offsets');
  });

  it('treats a missing /brokers/topics as no topics', async () => {
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper({}));
    expect(snapshot).toMatchObject({ topics: [], operational: { liveBrokers: [], partitions: {} } });
  });

  it('treats a topic that disappears while it is read as absent', async () => {
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper(TREE, ['/brokers/topics/orders']));
    expect(snapshot.topics.map(({ name }) => name)).toEqual(['old']);
    expect(snapshot.operational.partitions).toEqual({});
  });

  it("continues if a topic's overrides and its partitions' states disappear after the topic was read", async () => {
    const vanishing = ['/config/topics/orders', '/brokers/topics/orders/partitions/0/state'];
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper(TREE, vanishing));
    expect(snapshot.topics).toMatchObject([{ name: 'old' }, { name: 'orders', configs: {} }]);
    expect(snapshot.topics[1]?.partitions).toHaveLength(2);
    expect(snapshot.operational.partitions).toEqual({});
  });

  it('reads many znodes at the same time, but not all', async () => {
    const topics = Array.from({ length: 200 }, (_, i) => [`/brokers/topics/t${i}`, '{"partitions":{"0":[0]}}']);
    const zookeeper = new FakeZooKeeper(Object.fromEntries(topics));
    const snapshot = await readZooKeeperSnapshot(zookeeper);
    expect(snapshot.topics).toHaveLength(200);
    expect(zookeeper.mostInFlight).toBeGreaterThan(8);
    expect(zookeeper.mostInFlight).toBeLessThan(100);
  });

  it.each([
    ['is empty', '', 'it is empty'],
    ['is not JSON', 'x', 'it is not JSON'],
    ['has no partitions', '{"version":3}', 'partitions: Invalid input: expected record, received undefined'],
    ['has replicas that are no numbers', '{"partitions":{"0":["a"]}}', /^partitions\.0\.0: Invalid input/],
  ])('lists a topic whose content %s as unreadable, and reads the others', async (_, content, problem) => {
    const snapshot = await readZooKeeperSnapshot(new FakeZooKeeper({ ...TREE, '/brokers/topics/orders': content }));
    expect(snapshot.topics.map(({ name }) => name)).toEqual(['old']);
    expect(snapshot.unreadable).toEqual([
      {
        path: '/brokers/topics/orders',
        holds: 'topic',
        topic: 'orders',
        problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
        content,
      },
    ]);
  });

  it('lists every other znode whose content Kafka does not write, and reads the rest of the topic', async () => {
    const [config, state] = ['/config/topics/orders', '/brokers/topics/orders/partitions/0/state'];
    const zookeeper = new FakeZooKeeper({
      ...TREE,
      [config]: '{"config":{"a":1}}',
      [state]: '{"isr":[]}',
      '/cluster/id': '7',
      '/brokers/ids/nobody': '{}',
    });
    const snapshot = await readZooKeeperSnapshot(zookeeper);
    expect(snapshot).toMatchObject({
      topics: [{ name: 'old' }, { name: 'orders', configs: {} }],
      operational: { partitions: {}, liveBrokers: [0] },
    });
    expect(snapshot.clusterId).toBeUndefined();
    expect(snapshot.unreadable?.map(({ path, holds, topic, content }) => [path, holds, topic, content])).toEqual([
      ['/brokers/ids/nobody', 'broker', undefined, ''],
      [state, 'partition-state', 'orders', '{"isr":[]}'],
      ['/cluster/id', 'cluster-id', undefined, '7'],
      [config, 'topic-configs', 'orders', '{"config":{"a":1}}'],
    ]);
  });

  it('keeps the first 1000 characters of an unreadable znode', async () => {
    const zookeeper = new FakeZooKeeper({ '/brokers/topics/foreign name': 'x'.repeat(5000) });
    const [znode] = (await readZooKeeperSnapshot(zookeeper)).unreadable ?? [];
    expect(znode?.content).toBe(`${'x'.repeat(1000)}...`);
  });
});
