import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readKRaftSnapshot } from '../../src/metadata/kraft/reader.js';
import { Ledger } from '../../src/metadata/ledger.js';
import { Clients } from '../../src/metadata/seeding.js';
import { readSnapshotFile } from '../../src/metadata/snapshot-file.js';
import { loadTopicSet } from '../../src/metadata/topic-sets.js';
import { connectZooKeeper, type ZooKeeperClient } from '../../src/metadata/zookeeper/client.js';
import { readZooKeeperSnapshot } from '../../src/metadata/zookeeper/reader.js';
import { expectNothingLeft, expectRefusal, makePlace, type Place, remigrate, removePlace } from './support/command.js';
import { mzxids } from './support/mzxids.js';
import { Servers } from './support/servers.js';

/** A first resolution of Kafka downloads 46 MB. */
const SETUP_TIMEOUT = 10 * 60_000;
const TIMEOUT = 60_000;

describe('inspect, snapshot and diff of a real cluster', () => {
  let servers: Servers;
  let zookeeper: ZooKeeperClient;
  let place: Place;

  beforeAll(async () => {
    servers = await Servers.prepare();
    await servers.startZooKeeper();
    await servers.startBroker();
    await servers.startKraft();
    const { before } = await loadTopicSet('default', 1);
    for (const address of [servers.broker, servers.kraft]) {
      await readKRaftSnapshot({ bootstrapServers: [address], deadlineMs: TIMEOUT });
      await new Clients({ bootstrapServers: [address], ledger: new Ledger(), deadlineMs: TIMEOUT }).createTopics(
        before,
      );
    }
    zookeeper = await connectZooKeeper({
      connectString: servers.zookeeper,
      sessionTimeoutMs: 6000,
      deadlineMs: 30_000,
    });
  }, SETUP_TIMEOUT);
  afterAll(async () => {
    await zookeeper?.close();
    await servers?.stop();
  }, TIMEOUT);
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  async function snapshotOf(...from: readonly string[]): Promise<string> {
    const file = join(place.folder, `${randomUUID()}.json`);
    const { exitCode, all } = await remigrate(place, ['snapshot', ...from, '--out', file]);
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${all}`);
    return file;
  }

  it(
    'reports no loss if nothing was lost, and writes nothing to ZooKeeper',
    async () => {
      const before = await mzxids(zookeeper, '/brokers/topics');
      const [first, second] = [
        await snapshotOf('--zookeeper', servers.zookeeper),
        await snapshotOf('--zookeeper', servers.zookeeper),
      ];
      expect(await mzxids(zookeeper, '/brokers/topics')).toEqual(before);
      const { topics, source, from } = readSnapshotFile(first);
      expect(topics.map(({ name }) => name)).toContain('before-1');
      expect({ source, from }).toEqual({ source: 'zookeeper', from: `ZooKeeper at ${servers.zookeeper}` });
      const result = await remigrate(place, ['diff', first, second]);
      expect(result.all).toContain(`${topics.length} topics, ZooKeeper, from ZooKeeper at ${servers.zookeeper}`);
      expect(result.all).toContain(
        'Nothing was lost: topics, ids, partitions, replicas and configurations are the same.',
      );
      expect(result.exitCode).toBe(0);
      await expectNothingLeft(place);
    },
    TIMEOUT,
  );

  it(
    'reports what was lost, with exit code 1, and what is new',
    async () => {
      const clients = new Clients({ bootstrapServers: [servers.broker], ledger: new Ledger(), deadlineMs: TIMEOUT });
      const { before, during } = await loadTopicSet('default', 1);
      const again = before.filter(({ name }) => name === 'before-2');
      const first = await snapshotOf('--zookeeper', servers.zookeeper);
      await clients.deleteTopic('before-1');
      await clients.deleteTopic('before-2');
      await clients.createTopics([...again, ...during]);
      const second = await snapshotOf('--zookeeper', servers.zookeeper);

      const result = await remigrate(place, ['diff', first, second]);
      expect(result.all).toMatch(/^LOST {2}missing {2}before-1$/m);
      expect(result.all).toMatch(/^LOST {2}changed {2}before-2: created again, its id changed from/m);
      expect(result.all).toMatch(/^ {6}new {6}during$/m);
      expect(result.exitCode).toBe(1);
      const json = await remigrate(place, ['diff', first, second, '--json']);
      expect(JSON.parse(json.all)).toMatchObject({
        lost: true,
        differences: expect.arrayContaining([{ kind: 'missing', loss: true, text: 'before-1' }]) as unknown,
      });
    },
    TIMEOUT,
  );

  it(
    'warns of a znode that nobody can read, reads the others, and reports what it held as lost',
    async () => {
      const path = '/brokers/topics/before-durable';
      const content = (await zookeeper.get(path))?.data ?? '';
      const first = await snapshotOf('--zookeeper', servers.zookeeper);
      const file = join(place.folder, 'damaged.json');
      await zookeeper.set(path, 'damaged');
      try {
        const { all, exitCode } = await remigrate(place, ['snapshot', '--zookeeper', servers.zookeeper, '--out', file]);
        expect(all).toContain(
          `Warning: ${path} does not hold what Kafka writes there: "damaged" (it is not JSON). The snapshot lists it`,
        );
        expect(exitCode).toBe(0);
      } finally {
        await zookeeper.set(path, content);
      }
      expect(readSnapshotFile(file)).toMatchObject({
        unreadable: [{ path, topic: 'before-durable', content: 'damaged' }],
      });
      const result = await remigrate(place, ['diff', first, file]);
      expect(result.all).toMatch(/^LOST {2}missing {2}before-durable: .*"damaged" \(it is not JSON\)$/m);
      expect(result.all).toContain('1 lost, 0 other differences.');
      expect(result.exitCode).toBe(1);
    },
    TIMEOUT,
  );

  it(
    'omits a topic that is deleted after it was listed',
    async () => {
      const clients = new Clients({ bootstrapServers: [servers.broker], ledger: new Ledger(), deadlineMs: TIMEOUT });
      const topic = { name: 'vanishing', partitions: 3, replicationFactor: 1, configs: { 'retention.ms': '1000' } };
      await clients.createTopics([{ ...topic, records: 0 }]);
      let listed: readonly string[] | undefined;
      const { topics, operational } = await readZooKeeperSnapshot({
        get: (path) => zookeeper.get(path),
        children: async (path) => {
          const names = await zookeeper.children(path);
          if (path !== '/brokers/topics') return names;
          await clients.deleteTopic(topic.name);
          listed = names;
          return names;
        },
      });
      expect(listed).toContain(topic.name);
      expect(await zookeeper.get(`/brokers/topics/${topic.name}`)).toBeUndefined();
      expect(topics.map(({ name }) => name).sort()).toEqual(listed?.filter((name) => name !== topic.name).sort());
      expect(Object.keys(operational.partitions).filter((key) => key.startsWith(topic.name))).toEqual([]);
    },
    TIMEOUT,
  );

  it(
    'reads brokers in KRaft mode, and distinguishes another cluster from this one',
    async () => {
      const kraft = await snapshotOf('--kafka', servers.kraft);
      expect(readSnapshotFile(kraft)).toMatchObject({ source: 'kraft', from: `brokers ${servers.kraft}` });
      const result = await remigrate(place, ['diff', kraft, await snapshotOf('--zookeeper', servers.zookeeper)]);
      expect(result.all).toContain('The snapshots are of different clusters: the first of ');
      expect(result.exitCode).toBe(2);
    },
    TIMEOUT,
  );

  it(
    'refuses a ZooKeeper without Kafka at that path, and snapshots in the wrong order',
    async () => {
      const args = ['snapshot', '--zookeeper', `${servers.zookeeper}/nowhere`];
      await expectRefusal(place, args, { exitCode: 3, sentences: ['There is no Kafka in this ZooKeeper'], env: {} });
      const first = await snapshotOf('--zookeeper', servers.zookeeper);
      const second = await snapshotOf('--zookeeper', servers.zookeeper);
      const result = await remigrate(place, ['diff', second, first]);
      expect(result.all).toContain('Give the earlier one first');
      expect(result.exitCode).toBe(2);
    },
    TIMEOUT,
  );

  it(
    'prints the snapshot if no file is given',
    async () => {
      const { stdout, exitCode } = await remigrate(place, ['snapshot', '--zookeeper', servers.zookeeper]);
      expect(JSON.parse(stdout)).toMatchObject({ snapshotVersion: 1, source: 'zookeeper' });
      expect(exitCode).toBe(0);
    },
    TIMEOUT,
  );

  it(
    'inspect reports a leftover /migration, what it would do and how to delete it, and is read-only',
    async () => {
      const inspect = () => remigrate(place, ['inspect', '--zookeeper', servers.zookeeper]);
      const clean = await inspect();
      expect(clean.all).toMatch(/^UNKNOWN {2}ZooKeeper at \S+ {2}\/migration absent {2}claims \?: /m);
      expect(clean.exitCode).toBe(3);

      const migration = { version: 0, kraft_metadata_offset: 566, kraft_controller_id: 1, kraft_metadata_epoch: 1 };
      await zookeeper.create('/migration', JSON.stringify({ ...migration, kraft_controller_epoch: 1 }));
      try {
        const before = await mzxids(zookeeper, '/');
        const result = await inspect();
        expect(await mzxids(zookeeper, '/')).toEqual(before);
        expect(result.all).toMatch(/^UNSAFE .*offset 566 .*: a migration skips the copy and wipes ZooKeeper$/m);
        expect(result.all).toContain(`zookeeper-shell.sh ${servers.zookeeper} delete /migration`);
        expect(result.exitCode).toBe(1);
      } finally {
        await zookeeper.delete('/migration');
      }
    },
    TIMEOUT,
  );

  it.each([
    ['nothing to read', ['snapshot'], 2, ['--zookeeper HOST:PORT', '--kafka HOST:PORT']],
    ['a snapshot of a context without a namespace', ['snapshot', '--context', 'lab'], 2, ['needs --namespace NAME']],
    ['commands for no cluster', ['inspect', '--print-commands', '--namespace', 'kafka'], 2, ['--cluster NAME']],
    ['a file that does not exist', ['inspect', '--from', 'nowhere.txt'], 2, ['nowhere.txt cannot be read']],
    ['two clusters', ['snapshot', '--zookeeper', 'a:1', '--kafka', 'b:1'], 2, ['Say what to read']],
    ['an invalid address', ['snapshot', '--zookeeper', 'localhost'], 2, ['is not a ZooKeeper address']],
    [
      'inspecting nothing',
      ['inspect'],
      2,
      ['Say what to inspect: --context NAME, --zookeeper HOST:PORT, or --from FILE'],
    ],
    ['a context without a namespace', ['inspect', '--context', 'lab'], 2, ['--namespace NAME, or --all-namespaces']],
    [
      'a file that is not a snapshot',
      ['diff', 'nowhere.json', 'nowhere.json'],
      2,
      ['nowhere.json cannot be read as a snapshot'],
    ],
  ] as const)(
    'refuses %s',
    async (_, args, exitCode, sentences) => {
      await expectRefusal(place, args, { exitCode, sentences, env: {} });
    },
    TIMEOUT,
  );

  it(
    'reports that it cannot write the given file',
    async () => {
      const args = ['snapshot', '--zookeeper', servers.zookeeper, '--out', 'no/such/folder.json'];
      await expectRefusal(place, args, { exitCode: 2, sentences: ['no/such/folder.json cannot be written'], env: {} });
    },
    TIMEOUT,
  );

  it(
    'reports a ZooKeeper that does not respond',
    async () => {
      // Side by side, because each waits for its whole deadline.
      const [refused, both] = await Promise.all([
        remigrate(place, ['snapshot', '--zookeeper', '127.0.0.1:1']),
        remigrate(place, ['inspect', '--zookeeper', '127.0.0.1:1', '--zookeeper', servers.zookeeper]),
      ]);
      expect(refused.exitCode).toBe(3);
      expect(refused.all).toContain('ZooKeeper at 127.0.0.1:1');
      expect(refused.all).not.toMatch(/^\s+at .*\.js:\d+/m);
      expect(both.all).toMatch(/^UNKNOWN {2}ZooKeeper at 127\.0\.0\.1:1: could not be inspected$/m);
      expect(both.all).toContain(`ZooKeeper at ${servers.zookeeper}  /migration absent`);
    },
    3 * TIMEOUT,
  );
});
