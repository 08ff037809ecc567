import { open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZooKeeperClient } from '../../src/metadata/zookeeper/client.js';
import { ALL_MOMENTS, momentsBetween } from './moments.js';
import type { Role, RunningCluster } from './running-cluster.js';
import type { Outcome, OutsideDamage } from './sort.js';

/** Topics of `fixtures/metadata/default.yaml` that exist from the first step on and that nobody deletes. */
const TOPICS = ['before-1', 'before-2', 'before-durable'] as const;
/**
 * Moments at which damage to ZooKeeper stays. In the others, the KRaft controller may still be in its full metadata sync
 * (Kafka 3.9.0 `KRaftMigrationZkWriter.handleSnapshot`), which writes what is missing or different again.
 */
const WITH_ZOOKEEPER = ALL_MOMENTS.filter((moment) => moment !== 'dualWriting');
/** Moments at which a later step restarts the broker. */
const BEFORE_A_ROLL = momentsBetween('deployed', 'secondPool');
const LOST: readonly Outcome[] = ['lost'];
const OUTSIDE: readonly Outcome[] = ['inconclusive'];

function topicOf(choice: number): string {
  return TOPICS[choice % TOPICS.length] ?? TOPICS[0];
}

async function deleteTree(client: ZooKeeperClient, path: string): Promise<void> {
  for (const child of (await client.children(path)) ?? []) await deleteTree(client, `${path}/${child}`);
  await client.delete(path);
}

function signal(role: Role, name: NodeJS.Signals): OutsideDamage['damage'] {
  return async (cluster) => {
    process.kill((await cluster.node(role)).pid, name);
  };
}

/** Changes the JSON of a znode. */
function edit(path: (topic: string) => string, change: (value: Record<string, unknown>) => Record<string, unknown>) {
  return (cluster: RunningCluster, choice: number): Promise<void> =>
    cluster.withZooKeeper(async (client) => {
      const where = path(topicOf(choice));
      const znode = await client.get(where);
      if (znode === undefined) throw new Error(`${where} does not exist`);
      await client.set(where, JSON.stringify(change(JSON.parse(znode.data) as Record<string, unknown>)));
    });
}

const topicZnode = (topic: string): string => `/brokers/topics/${topic}`;
const configZnode = (topic: string): string => `/config/topics/${topic}`;

async function segmentsOf(cluster: RunningCluster, topic: string): Promise<readonly string[]> {
  const folder = join(await cluster.logFolder('broker'), `${topic}-0`);
  return (await readdir(folder)).filter((name) => name.endsWith('.log')).map((name) => join(folder, name));
}

const NODES = ['broker', 'controller', 'zookeeper'] as const;
/** Moments at which a node of this role runs. */
const RUNNING = {
  broker: ALL_MOMENTS,
  zookeeper: ALL_MOMENTS,
  controller: momentsBetween('migration', 'rolledBack'),
} as const;

/** What another process does to a cluster while a run goes on. */
export const OUTSIDE_DAMAGE: readonly OutsideDamage[] = [
  ...NODES.map(
    (role): OutsideDamage => ({
      name: `kills-${role}`,
      what: `SIGKILL to a ${role}`,
      right: OUTSIDE,
      names: new RegExp(`${role}-\\d+.*(SIGKILL|killed)`),
      moments: RUNNING[role],
      damage: signal(role, 'SIGKILL'),
    }),
  ),
  ...NODES.map(
    (role): OutsideDamage => ({
      name: `freezes-${role}`,
      what: `SIGSTOP to a ${role}, for good`,
      right: OUTSIDE,
      names: new RegExp(`${role}-\\d+`),
      moments: RUNNING[role],
      damage: signal(role, 'SIGSTOP'),
    }),
  ),
  {
    name: 'pauses-broker',
    what: 'SIGSTOP to a broker, and SIGCONT after it was seen to have stopped',
    right: ['survived', 'inconclusive'],
    moments: ALL_MOMENTS,
    damage: async (cluster) => {
      const { pid } = await cluster.node('broker');
      process.kill(pid, 'SIGSTOP');
      await cluster.processes();
      process.kill(pid, 'SIGCONT');
    },
  },
  {
    name: 'terminates-broker',
    what: 'SIGTERM to a broker',
    right: OUTSIDE,
    names: /broker-\d+/,
    moments: ALL_MOMENTS,
    damage: signal('broker', 'SIGTERM'),
  },
  {
    name: 'kills-guardian',
    what: 'SIGKILL to the guardian process of the harness',
    right: ['survived'],
    moments: ALL_MOMENTS,
    damage: async (cluster) => {
      const guardian = (await cluster.processes()).find(({ args }) => /guardian/.test(args));
      if (guardian === undefined) throw new Error('no guardian is running');
      process.kill(guardian.pid, 'SIGKILL');
    },
  },
  {
    name: 'deletes-topic-znode',
    what: "deletes a topic's znode in ZooKeeper",
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: (cluster, choice) => cluster.withZooKeeper((client) => deleteTree(client, topicZnode(topicOf(choice)))),
  },
  {
    name: 'deletes-all-topic-znodes',
    what: "deletes all topics' znodes in ZooKeeper",
    right: LOST,
    names: /topics vanished|before-/,
    moments: WITH_ZOOKEEPER,
    damage: (cluster) =>
      cluster.withZooKeeper(async (client) => {
        for (const topic of (await client.children('/brokers/topics')) ?? []) {
          if (!topic.startsWith('__')) await deleteTree(client, topicZnode(topic));
        }
      }),
  },
  {
    name: 'empties-topic-znode',
    what: "empties a topic's znode",
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: (cluster, choice) => cluster.withZooKeeper((client) => client.set(topicZnode(topicOf(choice)), '')),
  },
  {
    name: 'garbles-topic-znode',
    what: "writes what is not JSON to a topic's znode",
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: (cluster, choice) =>
      cluster.withZooKeeper((client) => client.set(topicZnode(topicOf(choice)), '{"version":')),
  },
  {
    name: 'changes-topic-id',
    what: "changes a topic's id in ZooKeeper",
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: edit(topicZnode, (value) => ({ ...value, topic_id: 'AAAAAAAAQACAAAAAAAAAAQ' })),
  },
  {
    name: 'removes-partitions',
    what: 'removes the partitions of a topic from its znode',
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: edit(topicZnode, (value) => ({ ...value, partitions: {} })),
  },
  {
    name: 'changes-topic-config',
    what: "changes a topic's configuration in ZooKeeper",
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: edit(configZnode, (value) => ({ ...value, config: { 'retention.ms': '1000000000' } })),
  },
  {
    name: 'garbles-topic-config',
    what: "writes what is not JSON to the znode of a topic's configuration",
    right: LOST,
    names: /before-/,
    moments: WITH_ZOOKEEPER,
    damage: (cluster, choice) =>
      cluster.withZooKeeper((client) => client.set(configZnode(topicOf(choice)), 'nonsense')),
  },
  {
    name: 'revives-topic',
    what: 'writes the znode of a topic that the user has deleted',
    right: LOST,
    names: /short-lived/,
    moments: ['rollback', 'rolledBack', 'zookeeper', 'secondPool'],
    damage: (cluster) =>
      cluster.withZooKeeper(async (client) => {
        const model = await client.get(topicZnode('before-1'));
        if (model === undefined) throw new Error('before-1 does not exist');
        const value = JSON.parse(model.data) as Record<string, unknown>;
        await client.create(
          topicZnode('short-lived'),
          JSON.stringify({ ...value, topic_id: 'AAAAAAAAQACAAAAAAAAAAg' }),
        );
      }),
  },
  {
    name: 'adds-foreign-znode',
    what: 'creates a znode below /brokers/topics that is no topic',
    right: ['survived'],
    moments: ['deployed', 'zookeeper'],
    damage: (cluster) =>
      cluster.withZooKeeper((client) => client.create('/brokers/topics/not a topic!', 'nonsense', { ephemeral: true })),
  },
  {
    name: 'deletes-cluster-id',
    what: 'deletes /cluster/id',
    right: ['broken'],
    names: /broker-\d+/,
    moments: momentsBetween('deployed', 'rolledBack'),
    damage: (cluster) => cluster.withZooKeeper((client) => client.delete('/cluster/id')),
  },
  {
    name: 'deletes-topic',
    what: 'a client deletes a topic',
    right: LOST,
    names: /before-/,
    moments: ALL_MOMENTS,
    damage: (cluster, choice) => cluster.withAdmin((admin) => admin.deleteTopics({ topics: [topicOf(choice)] })),
  },
  {
    name: 'deletes-records',
    what: 'a client deletes the first half of the records of a topic',
    right: LOST,
    names: /before-1/,
    moments: ALL_MOMENTS,
    damage: (cluster) =>
      cluster.withAdmin((admin) =>
        admin.deleteTopicRecords({ topic: 'before-1', partitions: [{ partition: 0, offset: '50' }] }),
      ),
  },
  {
    name: 'adds-topic',
    what: 'another client creates a topic of its own',
    right: ['survived'],
    moments: ['deployed', 'postMigration', 'zookeeper'],
    damage: (cluster) =>
      cluster.withAdmin(async (admin) => {
        await admin.createTopics({ topics: [{ topic: 'somebody-elses', numPartitions: 1, replicationFactor: 1 }] });
      }),
  },
  {
    name: 'adds-records',
    what: 'another client writes more records to a topic',
    right: ['survived'],
    moments: ['deployed', 'postMigration', 'zookeeper'],
    damage: (cluster, choice) =>
      cluster.withAdmin(async (_admin, kafka) => {
        const producer = kafka.producer();
        await producer.connect();
        await producer.send({ topic: topicOf(choice), messages: [{ key: 'other', value: 'record' }] });
        await producer.disconnect();
      }),
  },
  {
    name: 'deletes-segments',
    what: "deletes the files of a partition's log",
    right: LOST,
    names: /before-/,
    moments: BEFORE_A_ROLL,
    damage: async (cluster, choice) => {
      for (const file of await segmentsOf(cluster, topicOf(choice))) await rm(file);
    },
  },
  {
    name: 'truncates-segment',
    what: "cuts a partition's log in half",
    right: LOST,
    names: /before-/,
    moments: BEFORE_A_ROLL,
    damage: async (cluster) => {
      for (const file of await segmentsOf(cluster, 'before-1')) await truncate(file, 1000);
    },
  },
  {
    name: 'flips-byte',
    what: "changes one byte of a record in a partition's log",
    right: LOST,
    names: /before-/,
    moments: ALL_MOMENTS,
    damage: async (cluster) => {
      for (const file of await segmentsOf(cluster, 'before-1')) {
        const handle = await open(file, 'r+');
        try {
          await handle.write(Buffer.from([0xff]), 0, 1, 300);
        } finally {
          await handle.close();
        }
      }
    },
  },
  {
    name: 'changes-meta-properties',
    what: "gives a broker's volume another cluster id in meta.properties",
    right: ['broken'],
    names: /broker-\d+/,
    moments: BEFORE_A_ROLL,
    damage: async (cluster) => {
      const file = join(await cluster.logFolder('broker'), 'meta.properties');
      await writeFile(file, 'version=0\nbroker.id=0\ncluster.id=AAAAAAAAQACAAAAAAAAAAA\n');
    },
  },
];
