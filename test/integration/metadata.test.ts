import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CacheFolder } from '../../src/distribution/cache.js';
import { findJava } from '../../src/distribution/java.js';
import { resolveKafka } from '../../src/distribution/kafka.js';
import { runTied } from '../../src/distribution/tied-process.js';
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
import { readZooKeeperSnapshot } from '../../src/metadata/zookeeper/reader.js';

/** A first resolution of Kafka downloads 46 MB. */
const SETUP_TIMEOUT = 10 * 60_000;
const TIMEOUT = 60_000;
const LONG = { deadlineMs: 30_000 };
const KAFKA_VERSION = '3.9.0';
const JVM_FLAGS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx384m'];

interface JavaProgram {
  /** Resolves when the program is gone. */
  stop(): Promise<void>;
}

/** One ZooKeeper, one broker that uses it, and one node that is broker and controller in KRaft mode. */
class Servers {
  readonly folder: string;
  readonly ports: { zookeeper: number; broker: number; kraft: number; controller: number };
  readonly #java: string;
  readonly #classpath: string;
  readonly #running = new Set<JavaProgram>();

  private constructor(folder: string, java: string, classpath: string, ports: Servers['ports']) {
    this.folder = folder;
    this.#java = java;
    this.#classpath = classpath;
    this.ports = ports;
  }

  static async prepare(): Promise<Servers> {
    const { env } = process;
    const java = await findJava({ env });
    const cache = await CacheFolder.open(env);
    const kafka = await resolveKafka({ version: KAFKA_VERSION, env, cache, progress: () => undefined });
    const ports = new Ports();
    const [zookeeper, broker, kraft, controller] = [
      await ports.next(),
      await ports.next(),
      await ports.next(),
      await ports.next(),
    ];
    // The servers of this test are all started at once, and bind them.
    await ports.letGo([zookeeper, broker, kraft, controller]);
    const folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
    return new Servers(folder, java.executable, kafka.classpath.join(':'), { zookeeper, broker, kraft, controller });
  }

  get zookeeper(): string {
    return `127.0.0.1:${this.ports.zookeeper}`;
  }
  get broker(): string {
    return `127.0.0.1:${this.ports.broker}`;
  }
  get kraft(): string {
    return `127.0.0.1:${this.ports.kraft}`;
  }

  startZooKeeper(): Promise<JavaProgram> {
    return this.#start('zookeeper', 'org.apache.zookeeper.server.quorum.QuorumPeerMain', {
      dataDir: join(this.folder, 'zookeeper-data'),
      clientPort: String(this.ports.zookeeper),
      clientPortAddress: '127.0.0.1',
      tickTime: '500',
      'admin.enableServer': 'false',
    });
  }

  startBroker(): Promise<JavaProgram> {
    return this.#start('broker', 'kafka.Kafka', {
      'broker.id': '0',
      'zookeeper.connect': this.zookeeper,
      listeners: `PLAINTEXT://${this.broker}`,
      'log.dirs': join(this.folder, 'broker-data'),
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
    });
  }

  async startKraft(): Promise<JavaProgram> {
    const configuration = {
      'process.roles': 'broker,controller',
      'node.id': '5',
      'controller.quorum.voters': `5@127.0.0.1:${this.ports.controller}`,
      listeners: `PLAINTEXT://${this.kraft},CONTROLLER://127.0.0.1:${this.ports.controller}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(this.folder, 'kraft-data'),
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
    };
    const file = await this.#write('kraft.properties', configuration);
    const format = ['kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', file];
    const { exitCode, output } = await runTied(this.#java, [...JVM_FLAGS, '-cp', this.#classpath, ...format], {
      env: process.env,
    });
    if (exitCode !== 0) throw new Error(`StorageTool ended with ${exitCode}: ${output.join('\n')}`);
    return this.#start('kraft', 'kafka.Kafka', configuration);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running].map((program) => program.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  async #start(name: string, main: string, configuration: Readonly<Record<string, string>>): Promise<JavaProgram> {
    const file = await this.#write(`${name}.properties`, configuration);
    const log4j = await this.#write('log4j.properties', { 'log4j.rootLogger': 'OFF' });
    const stopping = new AbortController();
    const flags = [...JVM_FLAGS, `-Dlog4j.configuration=file:${log4j}`, '-cp', this.#classpath];
    const ended = runTied(this.#java, [...flags, main, file], { env: process.env, signal: stopping.signal });
    const program: JavaProgram = {
      stop: async () => {
        stopping.abort();
        await ended;
        this.#running.delete(program);
      },
    };
    this.#running.add(program);
    return program;
  }

  async #write(name: string, configuration: Readonly<Record<string, string>>): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    const file = join(this.folder, name);
    const lines = Object.entries(configuration).map(([key, value]) => `${key}=${value}`);
    await writeFile(file, `${lines.join('\n')}\n`);
    return file;
  }
}

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

  it('wakes up when a znode becomes what is waited for', async () => {
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
    'tells that it has expired, and does not hang',
    async () => {
      const client = await connect(1000);
      // No heartbeat leaves this process while it is blocked: ZooKeeper ends the session, and tells it at the reconnection.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
      const reading = client.get('/');
      await expect(reading).rejects.toThrow(EnvironmentError);
      await expect(client.get('/')).rejects.toThrow(/expired/);
      await client.close();
    },
    TIMEOUT,
  );

  it('names the address where no ZooKeeper is', async () => {
    const ports = new Ports();
    const port = await ports.next();
    await ports.letGo([port]);
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

  it('gives every acknowledged record back', async () => {
    const result = await readBack(ledger, options());
    const acknowledged = topics
      .filter(({ records }) => records > 0)
      .map(({ name, records }) => [name, records, records]);
    expect(result.map((topic) => [topic.topic, topic.acknowledged, topic.readBack]).sort()).toEqual(
      acknowledged.sort(),
    );
    expect(result.flatMap(({ missing }) => missing)).toEqual([]);
  });

  it('takes an empty dynamic update for itself, and refuses one for another', async () => {
    const bootstrapServer = address();
    expect(await updateBrokerDynamically({ bootstrapServer, nodeId, ...LONG })).toBe('updated');
    expect(await updateBrokerDynamically({ bootstrapServer, nodeId: 77, ...LONG })).toMatchObject({
      refused: expect.stringMatching(/^INVALID_REQUEST: /),
    });
  });

  it('refuses what exists, what is invalid and what is unknown, in words', async () => {
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
    'has lost the records of a topic that was created again, whoever did it',
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
    'is waited for, and gives every record back',
    async () => {
      const ledger = new Ledger();
      const options = { bootstrapServers: [servers.broker], ...LONG };
      const restarted: TopicSpec = { name: 'restarted', partitions: 3, replicationFactor: 1, configs: {}, records: 30 };
      await new Clients({ ...options, ledger }).seed([restarted]);
      await broker.stop();
      const reading = readBack(ledger, options);
      const snapshot = readKRaftSnapshot(options);
      broker = await servers.startBroker();
      expect(await reading).toEqual([{ topic: 'restarted', acknowledged: 30, readBack: 30, missing: [] }]);
      await snapshot;
      const late = new Clients({ ...options, ledger });
      await late.produce('restarted', 3);
      expect(await readBack(ledger, options)).toMatchObject([{ acknowledged: 33, readBack: 33 }]);
    },
    TIMEOUT,
  );
});
