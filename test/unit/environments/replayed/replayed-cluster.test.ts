import { describe, expect, it } from '@jest/globals';
import { NodeEvents } from '../../../../src/environments/replayed/node-events.js';
import { clusterNodes, ReplayedCluster } from '../../../../src/environments/replayed/replayed-cluster.js';
import { EnvironmentError, UsageError, WaitAborted } from '../../../../src/errors.js';
import { Journal } from '../../../../src/journal/journal.js';
import { loadKafkaProtocol } from '../../../../src/metadata/kafka/connection.js';
import { loadProfiles, shippedProfilesFolder } from '../../../../src/operator/profile.js';
import { FakeRuntime } from './fake-runtime.js';

const NAMES = { name: 'my-cluster', namespace: 'remigrate', clusterDomain: 'cluster.local' };

describe('clusterNodes', () => {
  it('gives the controllers the lowest ids that no broker has, as the recordings show', () => {
    const one = clusterNodes(NAMES, { brokers: 1, controllers: 1, zookeepers: 1 });
    expect(
      Object.values(one)
        .flat()
        .map(({ pod }) => pod),
    ).toEqual(['my-cluster-zookeeper-0', 'my-cluster-broker-0', 'my-cluster-controller-1']);
    const three = clusterNodes(NAMES, { brokers: 3, controllers: 3, zookeepers: 3 });
    expect(three.brokers.map(({ nodeId }) => nodeId)).toEqual([0, 1, 2]);
    expect(three.controllers).toEqual([
      { role: 'controller', nodeId: 3, pod: 'my-cluster-controller-3' },
      { role: 'controller', nodeId: 4, pod: 'my-cluster-controller-4' },
      { role: 'controller', nodeId: 5, pod: 'my-cluster-controller-5' },
    ]);
    expect(three.zookeepers.map(({ pod }) => pod)).toContain('my-cluster-zookeeper-2');
  });
});

const TOPOLOGY = { brokers: 1, controllers: 1, zookeepers: 1 };

/** A cluster whose operator does nothing until `deploy`, and whose nodes never run. */
async function setUp() {
  // The cluster begins to load it, and does not wait for it: it would be loaded when the test has ended.
  await loadKafkaProtocol();
  const run = new AbortController();
  const journal = new Journal();
  const runtime = new FakeRuntime();
  const cluster = new ReplayedCluster({
    run: 'a-run',
    workspace: { folder: '/nowhere', results: '/nowhere', mark: 'a-mark' },
    operatorVersion: '0.45.1',
    kafkaVersion: '3.9.0',
    topology: TOPOLOGY,
    names: NAMES,
    profiles: loadProfiles([shippedProfilesFolder()]),
    runtime,
    nodes: clusterNodes(NAMES, TOPOLOGY),
    events: new NodeEvents(),
    journal,
    signal: run.signal,
    stateTimeoutMs: 60_000,
    reconciliationIntervalMs: 1000,
    failed: () => undefined,
    tearDown: async () => undefined,
  });
  const gestures = () => journal.ofType('gesture').map(({ t: _t, type: _type, ...gesture }) => gesture);
  const added = () => runtime.calls.filter((call) => call.startsWith('add '));
  const end = async (): Promise<void> => {
    run.abort();
    await cluster.close({ hurry: true });
  };
  return { cluster, journal, run, runtime, gestures, added, end };
}

describe('a value of strimzi.io/kraft that Strimzi does not know', () => {
  it('is set only on purpose, and journalled as it is', async () => {
    const { cluster, journal, end } = await setUp();
    await expect(cluster.annotate('kraft-now')).rejects.toBeInstanceOf(UsageError);
    await expect(cluster.annotate('migration', { unknown: true })).rejects.toBeInstanceOf(UsageError);
    expect(journal.events()).toEqual([]);
    await cluster.annotate('Kraft-Now', { unknown: true });
    expect(journal.events()).toMatchObject([{ type: 'gesture', gesture: 'annotate', value: 'Kraft-Now' }]);
    await end();
  });
});

describe('scaling the broker pool', () => {
  async function scaledTo(cluster: ReplayedCluster, brokers: number): Promise<void> {
    while (cluster.topology.brokers < brokers) await Promise.resolve();
  }

  it('before there are controllers gives them the ids after those of the brokers', async () => {
    const { cluster, gestures, added, end } = await setUp();
    const scaled = cluster.scaleBrokers(2);
    await scaledTo(cluster, 2);
    await cluster.createControllerPool({ deleteClaim: true });
    expect(added()).toEqual(['add my-cluster-broker-1', 'add my-cluster-controller-2']);
    expect(gestures()[0]).toEqual({ gesture: 'scale-broker-pool', replicas: 2 });
    expect(cluster.topology).toEqual({ ...TOPOLOGY, brokers: 2 });
    expect(cluster.kafka().bootstrapServers).toHaveLength(2);
    await end();
    await expect(scaled).rejects.toBeInstanceOf(WaitAborted);
  });

  it('beside controllers gives the brokers the ids after theirs, and again when they are gone', async () => {
    const { cluster, added, end } = await setUp();
    await cluster.createControllerPool({ deleteClaim: true });
    const waits = [cluster.scaleBrokers(2)];
    await scaledTo(cluster, 2);
    await cluster.deleteControllerPool();
    waits.push(cluster.scaleBrokers(3));
    await scaledTo(cluster, 3);
    await cluster.createControllerPool({ deleteClaim: true });
    // Controller 1 had an address from the start.
    expect(added()).toEqual(['add my-cluster-broker-2', 'add my-cluster-broker-1', 'add my-cluster-controller-3']);
    await end();
    for (const wait of waits) await expect(wait).rejects.toBeInstanceOf(WaitAborted);
  });

  it.each([0, 1.5, Number.NaN, -1])('to %s brokers is refused, and is no gesture', async (replicas) => {
    const { cluster, gestures, end } = await setUp();
    await expect(cluster.scaleBrokers(replicas)).rejects.toThrow('it can only be scaled up');
    expect(gestures()).toEqual([]);
    expect(cluster.topology.brokers).toBe(1);
    await end();
  });
});

describe('a gesture at a node that does not exist', () => {
  it.each<[string, (cluster: ReplayedCluster) => Promise<void>, string]>([
    ['restartBroker', (cluster) => cluster.restartBroker(7), 'Broker 7 does not exist and cannot be restarted.'],
    ['restartController', (cluster) => cluster.restartController(1), 'Controller 1 does not exist'],
    ['restartZooKeeper', (cluster) => cluster.restartZooKeeper(3), 'ZooKeeper node 3 does not exist'],
    ['replaceBrokerVolume', (cluster) => cluster.replaceBrokerVolume(7), 'Broker 7 does not exist'],
    ['rewriteMetaProperties', (cluster) => cluster.rewriteMetaProperties(7), 'Broker 7 does not exist'],
  ])('is refused, and not journalled (%s)', async (_name, gesture, message) => {
    const { cluster, gestures, end } = await setUp();
    await expect(gesture(cluster)).rejects.toBeInstanceOf(EnvironmentError);
    await expect(gesture(cluster)).rejects.toThrow(message);
    expect(gestures()).toEqual([]);
    await end();
  });

  it('as a restart of the operator before the deployment, is refused', async () => {
    const { cluster, end } = await setUp();
    await expect(cluster.restartOperator()).rejects.toThrow('before the deployment');
    await end();
  });
});

describe('controllers on ephemeral storage', () => {
  it('have no claims that are deleted with their pool, or by hand', async () => {
    const { cluster, journal, gestures, end } = await setUp();
    await cluster.createControllerPool({ storage: 'ephemeral' });
    await cluster.deleteControllerPool();
    await cluster.deleteControllerVolumes();
    expect(gestures()).toEqual([
      { gesture: 'create-controller-pool', deleteClaim: true, storage: 'ephemeral' },
      { gesture: 'delete-controller-pool', deleteClaim: true },
      { gesture: 'delete-controller-volumes' },
    ]);
    expect(journal.ofType('volume-wiped')).toEqual([]);
    await end();
  });

  it('are followed by a pool with claims, which are deleted', async () => {
    const { cluster, journal, gestures, end } = await setUp();
    await cluster.createControllerPool({ storage: 'ephemeral' });
    await cluster.deleteControllerPool();
    await cluster.createControllerPool({ deleteClaim: true });
    await cluster.deleteControllerPool();
    expect(journal.ofType('volume-wiped').map(({ pod }) => pod)).toEqual(['my-cluster-controller-1']);
    await cluster.createControllerPool({ deleteClaim: false });
    await cluster.deleteControllerPool();
    expect(journal.ofType('volume-wiped')).toHaveLength(1);
    expect(gestures().at(-1)).toEqual({ gesture: 'delete-controller-pool', deleteClaim: false });
    await end();
  });
});

describe('waits for the journal', () => {
  it('reached, reachedEpoch and crashed resolve for what it shows, by the names of this cluster', async () => {
    const { cluster, journal, end } = await setUp();
    journal.write({ type: 'state-changed', from: 'ZooKeeper', to: 'KRaftMigration', annotation: 'migration' });
    journal.write({ type: 'quorum-epoch', pod: 'my-cluster-controller-1', epoch: 7 });
    journal.write({ type: 'container-restarted', pod: 'my-cluster-broker-0', how: 'exit code 1', backOff: 0 });
    await cluster.reached('KRaftMigration');
    await cluster.reachedEpoch(6);
    await cluster.crashed('broker-0');
    const waits = [cluster.reached('KRaft'), cluster.reachedEpoch(8), cluster.crashed('controller-1')];
    await end();
    for (const wait of waits) await expect(wait).rejects.toBeInstanceOf(WaitAborted);
  });
});
