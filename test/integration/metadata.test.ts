import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { Ports } from '../../src/environments/local/ports.js';
import { EnvironmentError, WaitTimedOut } from '../../src/errors.js';
import { diffSnapshots } from '../../src/metadata/diff.js';
import { updateBrokerDynamically } from '../../src/metadata/kraft/dynamic-update.js';
import { readKRaftSnapshot } from '../../src/metadata/kraft/reader.js';
import { Ledger } from '../../src/metadata/ledger.js';
import { readBack } from '../../src/metadata/records.js';
import { Clients } from '../../src/metadata/seeding.js';
import { loadTopicSet, type TopicSpec } from '../../src/metadata/topic-sets.js';
import { connectZooKeeper } from '../../src/metadata/zookeeper/client.js';
import { createWithoutData } from '../../src/metadata/zookeeper/create-without-data.js';
import { readZooKeeperSnapshot } from '../../src/metadata/zookeeper/reader.js';
import { type JavaProgram, Servers } from './support/servers.js';

/** A first resolution of Kafka downloads 46 MB. */
const SETUP_TIMEOUT = 10 * 60_000;
const TIMEOUT = 60_000;
const LONG = { deadlineMs: 30_000 };

let servers: Servers;
let broker: JavaProgram;
let topics: readonly TopicSpec[];

beforeAll(async () => {
  servers = await Servers.prepare();
  await servers.startZooKeeper();
  broker = await servers.startBroker();
  await servers.startKraft();
  const set = await loadTopicSet('default', 1);
  topics = [...set.before, ...set.during, ...set['after-rollback']];
  for (const address of [servers.broker, servers.kraft]) {
    await readKRaftSnapshot({ bootstrapServers: [address], deadlineMs: TIMEOUT });
  }
}, SETUP_TIMEOUT);

afterAll(() => servers?.stop(), TIMEOUT);

const connect = (sessionTimeoutMs = 6000) =>
  connectZooKeeper({ connectString: servers.zookeeper, sessionTimeoutMs, ...LONG });

describe('a session with a real ZooKeeper', () => {
  it('creates, reads, changes, lists and deletes znodes', async () => {
    const client = await connect();
    try {
      expect(await client.exists('/test')).toBeUndefined();
      await client.create('/test', '{"a":1}');
      await client.create('/test/é', '', { ephemeral: true });
      expect(await client.get('/test')).toMatchObject({ data: '{"a":1}', stat: { version: 0, numChildren: 1 } });
      expect(await client.children('/test')).toEqual(['é']);
      expect((await client.exists('/test/é'))?.ephemeralOwner).toBe(client.sessionId());
      expect(client.sessionId()).toMatch(/^0x[0-9a-f]{10,16}$/);
      await client.set('/test', 'ü');
      expect(await client.get('/test')).toMatchObject({ data: 'ü', stat: { version: 1, ephemeralOwner: undefined } });
      await expect(client.delete('/test')).rejects.toThrow(/could not delete \/test: not empty/);
      await expect(client.create('/test', '')).rejects.toThrow(/could not create \/test: node exists/);
      await client.delete('/test/é');
      await client.delete('/test');
      await expect(client.delete('/test')).rejects.toThrow(/could not delete \/test: no node/);
    } finally {
      await client.close();
    }
  });

  it('wakes up when a znode gets the content that it waits for', async () => {
    const [waiting, writing] = [await connect(), await connect()];
    try {
      const seen = waiting.waitFor('/awaited', '/awaited to be 2', (znode) => znode?.data === '2', LONG);
      await writing.create('/awaited', '1');
      await writing.set('/awaited', '2');
      await seen;
      const gone = waiting.waitFor('/awaited', '/awaited to go', (znode) => znode === undefined, LONG);
      await writing.delete('/awaited');
      await gone;
    } finally {
      await Promise.all([waiting.close(), writing.close()]);
    }
  });

  it(
    'reports that it has expired, and does not hang',
    async () => {
      const client = await connect(1000);
      // While this process is blocked it sends no heartbeats: ZooKeeper expires the session and says so on reconnect.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
      const reading = client.get('/');
      await expect(reading).rejects.toThrow(EnvironmentError);
      await expect(client.get('/')).rejects.toThrow(/expired/);
      await client.close();
    },
    TIMEOUT,
  );

  it('creates a znode without data, once, over a session of its own', async () => {
    const sessions: string[] = [];
    const options = { connectString: servers.zookeeper, ...LONG, opened: (session: string) => sessions.push(session) };
    await expect(createWithoutData({ ...options, path: '/without-data' })).resolves.toBe('created');
    await expect(createWithoutData({ ...options, path: '/without-data' })).resolves.toBe('exists');
    await expect(createWithoutData({ ...options, path: '/no/parent' })).rejects.toThrow(
      'ZooKeeper refused to create /no/parent: error -101',
    );
    expect(sessions).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^0x1[0-9a-f]+$/)));
    const client = await connect();
    try {
      expect(await client.get('/without-data')).toMatchObject({ data: '' });
      await client.delete('/without-data');
    } finally {
      await client.close();
    }
  });

  it('names an address without a ZooKeeper', async () => {
    const ports = new Ports();
    const port = await ports.next();
    await ports.unbind([port]);
    const connecting = connectZooKeeper({
      connectString: `127.0.0.1:${port}`,
      sessionTimeoutMs: 6000,
      deadlineMs: 300,
    });
    await expect(connecting).rejects.toThrow(WaitTimedOut);
    await expect(connecting).rejects.toThrow(`ZooKeeper at 127.0.0.1:${port}`);
  });
});

describe.each([
  ['ZooKeeper', () => servers.broker, 0],
  ['KRaft', () => servers.kraft, 5],
] as const)('a real broker in %s mode', (mode, address, nodeId) => {
  const ledger = new Ledger();
  const options = () => ({ bootstrapServers: [address()], ...LONG });
  const clients = () => new Clients({ ...options(), ledger });
  const snapshot = () => readKRaftSnapshot({ ...options(), internalTopics: true });

  it(
    'has the topics as they were created, and no others, in every way of reading them',
    async () => {
      await clients().seed(topics);
      const read = await snapshot();
      const expected = topics.map(({ name, partitions, configs }) => ({ name, partitions, configs }));
      const found = read.topics.map(({ name, partitions, configs }) => ({
        name,
        partitions: partitions.length,
        configs,
      }));
      expect(found).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
      for (const topic of read.topics) {
        expect(topic.id).toMatch(/^[\w-]{22}$/);
        for (const { replicas } of topic.partitions) expect(replicas).toEqual([nodeId]);
      }
      if (mode === 'KRaft') return;
      const client = await connect();
      try {
        expect(diffSnapshots(read, await readZooKeeperSnapshot(client, { internalTopics: true }))).toEqual({
          durable: [],
          operational: [],
        });
      } finally {
        await client.close();
      }
    },
    TIMEOUT,
  );

  it('returns every acknowledged record', async () => {
    const result = await readBack(ledger, options());
    const acknowledged = topics
      .filter(({ records }) => records > 0)
      .map(({ name, records }) => [name, records, records]);
    expect(result.map((topic) => [topic.topic, topic.acknowledged, topic.readBack]).sort()).toEqual(
      acknowledged.sort(),
    );
    expect(result.flatMap(({ missing }) => missing)).toEqual([]);
  });

  it('accepts an empty dynamic update of its own broker, and refuses one of another', async () => {
    const bootstrapServer = address();
    expect(await updateBrokerDynamically({ bootstrapServer, nodeId, ...LONG })).toBe('updated');
    expect(await updateBrokerDynamically({ bootstrapServer, nodeId: 77, ...LONG })).toMatchObject({
      refused: expect.stringMatching(/^INVALID_REQUEST: /),
    });
  });

  it('refuses a topic that exists, is invalid or is unknown, and says why', async () => {
    const [existing] = topics;
    if (existing === undefined) throw new Error('the default set has no topics');
    await expect(clients().createTopics([existing])).rejects.toThrow(`Cannot create topic ${existing.name}`);
    const invalid = { ...existing, name: 'invalid', configs: { 'retention.ms': 'x' } };
    await expect(clients().createTopics([invalid])).rejects.toThrow('Kafka refused to create topic invalid');
    await expect(clients().deleteTopic('unknown')).rejects.toThrow('Topic unknown cannot be deleted');
  });

  it('shows altered configurations and a deletion', async () => {
    await clients().alterConfigs('before-1', { 'retention.ms': '999999999' });
    await clients().deleteTopic('short-lived');
    const read = await snapshot();
    expect(read.topics.find(({ name }) => name === 'before-1')?.configs).toEqual({ 'retention.ms': '999999999' });
    expect(read.topics.map(({ name }) => name)).not.toContain('short-lived');
    expect(ledger.topics().map(({ name }) => name)).not.toContain('short-lived');
  });

  it(
    'has lost the records that another client deleted up to an offset inside a batch, and says where the log starts',
    async () => {
      const [topic, second] = ['cut', 'cut-compressed'];
      const own = new Ledger();
      const spec = { partitions: 1, replicationFactor: 1, records: 100 };
      await new Clients({ ...options(), ledger: own }).seed([
        { ...spec, name: topic, configs: {} },
        { ...spec, name: second, configs: { 'compression.type': 'gzip' } },
      ]);
      const admin = new Kafka({ brokers: [address()], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      try {
        for (const name of [topic, second]) {
          // kafkajs finds the leader only of topics that it has asked for before.
          await admin.fetchTopicOffsets(name);
          await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '50' }] });
        }
      } finally {
        await admin.disconnect();
      }
      const result = await readBack(own, { ...options(), absentAfterMs: 300 });
      const logs = [{ partition: 0, acknowledged: 100, start: 50, end: 100 }];
      expect(result).toMatchObject([
        { topic, acknowledged: 100, readBack: 50, logs },
        { topic: second, acknowledged: 100, readBack: 50, logs },
      ]);
      expect(result[0]?.missing[0]).toBe('partition 0, key 0: the log goes from offset 50 to 100 without it');
      for (const name of [topic, second]) await clients().deleteTopic(name);
    },
    TIMEOUT,
  );

  it(
    'has lost the records of a topic that another client created again',
    async () => {
      const strangers = new Clients({ ...options(), ledger: new Ledger() });
      await strangers.deleteTopic('before-2');
      await strangers.createTopics(topics.filter(({ name }) => name === 'before-2'));
      await strangers.produce('before-2', 90);
      const result = await readBack(ledger, { ...options(), absentAfterMs: 300 });
      expect(result.filter(({ missing }) => missing.length > 0)).toMatchObject([
        { topic: 'before-2', acknowledged: 90, readBack: 0 },
      ]);
    },
    TIMEOUT,
  );
});

describe('a broker that is restarted', () => {
  it(
    'is waited for, and returns every record',
    async () => {
      const ledger = new Ledger();
      const options = { bootstrapServers: [servers.broker], ...LONG };
      const restarted: TopicSpec = { name: 'restarted', partitions: 3, replicationFactor: 1, configs: {}, records: 30 };
      await new Clients({ ...options, ledger }).seed([restarted]);
      await broker.stop();
      const reading = readBack(ledger, options);
      const snapshot = readKRaftSnapshot(options);
      broker = await servers.startBroker();
      expect(await reading).toEqual([
        { topic: 'restarted', acknowledged: 30, readBack: 30, missing: [], logs: expect.anything() },
      ]);
      await snapshot;
      const late = new Clients({ ...options, ledger });
      await late.produce('restarted', 3);
      expect(await readBack(ledger, options)).toMatchObject([{ acknowledged: 33, readBack: 33 }]);
    },
    TIMEOUT,
  );
});
