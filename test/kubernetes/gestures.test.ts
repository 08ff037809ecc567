import { connect } from 'node:net';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { OPERATOR_POD_LABELS } from '../../src/environments/kubernetes/operator-installation.js';
import { EnvironmentError } from '../../src/errors.js';
import type { JournalEvent } from '../../src/journal/events.js';
import type { Claim, ConfigMap, Pod, Volume } from '../../src/kubernetes/core-objects.js';
import { CLAIM, CONFIG_MAP, POD, VOLUME } from '../../src/kubernetes/core-objects.js';
import type { KubeObject } from '../../src/kubernetes/kube-object.js';
import { Watched } from '../../src/kubernetes/watched.js';
import type { KafkaAccess } from '../../src/metadata/access.js';
import { Ledger } from '../../src/metadata/ledger.js';
import { readBack } from '../../src/metadata/records.js';
import { Clients } from '../../src/metadata/seeding.js';
import { connectZooKeeper, type ZooKeeperClient } from '../../src/metadata/zookeeper/client.js';
import type { KafkaResource } from '../../src/strimzi/resources.js';
import { KAFKA, KAFKA_NODE_POOL } from '../../src/strimzi/resources.js';
import { ofType } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { evict } from './support/eviction.js';
import { leftovers } from './support/inventory.js';
import { stages } from './support/stages.js';
import { StartedCluster } from './support/started-cluster.js';

jest.setTimeout(900_000);

const { REMIGRATE_TEST_MANIFESTS: manifests = '' } = process.env;
const DEADLINE_MS = 60_000;
const TOPIC = { name: 'kept', partitions: 2, replicationFactor: 1, configs: {}, records: 10 };

const ZOOKEEPER = 'my-cluster-zookeeper-0';
const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-1';
const CONTROLLER_CLAIM = `data-0-${CONTROLLER}`;

interface NodePool extends KubeObject {
  readonly spec: { readonly roles: readonly string[]; readonly storage: { readonly volumes: readonly object[] } };
}

/** One deployment, gesture by gesture: each test continues where the one before it ended. */
describeOnCluster('The gestures on a cluster with the stand-in of 0.45.0', () => {
  const { signal } = new AbortController();
  let started: StartedCluster;
  /** Clients that are connected from the beginning. */
  let access: KafkaAccess;
  let clients: Clients;
  let ledger: Ledger;
  let session: ZooKeeperClient;

  beforeAll(async () => {
    started = await StartedCluster.start({ operatorVersion: '0.45.0', upgrades: ['0.45.1'], manifests });
  });

  afterAll(async () => {
    await session?.close();
    await started?.close();
  });

  const gesture = stages(() => started.failures);

  const place = (name: string) => ({ namespace: started.namespace, name });
  const pod = (name: string) => started.api.get<Pod>({ ...POD, ...place(name) }, { signal });
  const claim = (name: string) => started.api.get<Claim>({ ...CLAIM, ...place(name) }, { signal });
  const kafka = () => started.api.get<KafkaResource>({ ...KAFKA, ...place('my-cluster') }, { signal });
  const pool = () => started.api.get<NodePool>({ ...KAFKA_NODE_POOL, ...place('controller') }, { signal });

  async function metadataState(name: string): Promise<string | undefined> {
    return (await started.api.get<ConfigMap>({ ...CONFIG_MAP, ...place(name) }, { signal }))?.data?.['metadata.state'];
  }

  /** The volumes of the namespace's claims, by claim. */
  async function volumes(): Promise<ReadonlyMap<string, string>> {
    const { items } = await started.api.list<Volume>(VOLUME, { signal });
    return new Map(
      items.flatMap(({ metadata, spec }) => {
        const { namespace, name = '' } = spec?.claimRef ?? {};
        return namespace === started.namespace ? [[name, metadata.name]] : [];
      }),
    );
  }

  /** A provisioner deletes a volume some time after its claim. */
  async function untilGone(volume: string): Promise<void> {
    const selection = { ...VOLUME, fieldSelector: `metadata.name=${volume}` };
    const watched = await Watched.start(started.api, selection, { signal });
    try {
      const none = (all: ReadonlyMap<string, unknown>) => (all.size === 0 ? true : undefined);
      await watched.waitFor(`the volume ${volume} to be gone`, none, DEADLINE_MS, signal);
    } finally {
      await watched.close();
    }
  }

  /** Waits until the pod that replaces the one with this uid is ready. */
  async function successor(name: string, uid: string | undefined): Promise<void> {
    const selection = { ...POD, namespace: started.namespace, fieldSelector: `metadata.name=${name}` };
    const watched = await Watched.start<Pod>(started.api, selection, { signal });
    try {
      await watched.waitFor(
        `the replacement of ${name} to be ready`,
        (all) => {
          const now = all.get(name);
          const ready = now?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
          return now?.metadata.uid !== uid && ready === true ? true : undefined;
        },
        DEADLINE_MS,
        signal,
      );
    } finally {
      await watched.close();
    }
  }

  /** The events of one node: its starts and stops. */
  const node = (events: readonly JournalEvent[], name: string): readonly JournalEvent[] =>
    events.filter((event) => /^(node|volume|container)-/.test(event.type) && 'pod' in event && event.pod === name);
  const gestures = (events: readonly JournalEvent[]) => ofType(events, 'gesture').map(({ gesture }) => gesture);

  /** Every acknowledged record can be read, with the clients that were connected at the beginning. */
  async function expectRecords(): Promise<void> {
    const [topic] = await readBack(ledger, { ...access, deadlineMs: DEADLINE_MS, signal });
    expect(topic).toMatchObject({ topic: TOPIC.name, missing: [] });
    expect(topic?.readBack).toBe(topic?.acknowledged);
  }

  gesture(
    'deploy: a cluster of one ZooKeeper and one broker, Ready, and the journal says how they started',
    async () => {
      await started.cluster.deploy();
      expect((await kafka())?.status?.kafkaMetadataState).toBe('ZooKeeper');
      expect(started.cluster.state()).toBe('ZooKeeper');
      expect((await kafka())?.metadata.annotations).toMatchObject({ 'strimzi.io/kraft': 'disabled' });
      expect([...(await volumes()).keys()].sort()).toEqual([`data-0-${BROKER}`, `data-${ZOOKEEPER}`]);
      const events = await started.journalled();
      expect(gestures(events)).toEqual(['deploy']);
      expect(node(events, BROKER)).toMatchObject([
        { type: 'node-started', configurationState: 'ZK', mode: 'zookeeper-based', volume: 'empty' },
        { type: 'node-ready' },
      ]);
      expect(node(events, ZOOKEEPER)).toMatchObject([
        { type: 'node-started', mode: 'zookeeper' },
        { type: 'node-ready' },
      ]);
    },
  );

  gesture('create a topic and write its records through the port-forwards', async () => {
    ledger = new Ledger();
    access = started.cluster.kafka();
    clients = new Clients({ ...access, ledger, deadlineMs: DEADLINE_MS, signal });
    session = await connectZooKeeper({
      connectString: started.cluster.zookeeper()?.connectString ?? '',
      sessionTimeoutMs: 20_000,
      deadlineMs: DEADLINE_MS,
      signal,
    });
    await clients.createTopics([TOPIC]);
    await clients.produceAll([TOPIC]);
    await expectRecords();
    expect(await session.children('/brokers/topics')).toEqual([TOPIC.name]);
    expect(ofType(await started.journalled(), 'topics-changed')).toMatchObject([{ created: [TOPIC.name] }]);
  });

  gesture('restart a broker: existing clients and sessions continue through the same port-forwards', async () => {
    const before = await pod(BROKER);
    const id = session.sessionId();
    await started.cluster.restartBroker(0);
    const after = await pod(BROKER);
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    await clients.produce(TOPIC.name, 5);
    await expectRecords();
    expect(await session.children('/brokers/ids')).toEqual(['0']);
    expect(session.sessionId()).toBe(id);
    const events = await started.journalled();
    expect(ofType(events, 'gesture')).toMatchObject([{ gesture: 'restart-broker', nodeId: 0 }]);
    expect(node(events, BROKER)).toMatchObject([
      { type: 'node-stopping' },
      { type: 'node-stopped', reason: 'user' },
      { type: 'node-started', configurationState: 'ZK', volume: 'used' },
      { type: 'node-ready' },
    ]);
  });

  gesture("a roll of ZooKeeper's pod: the session continues, and new ones use the same connect string", async () => {
    const before = await pod(ZOOKEEPER);
    const id = session.sessionId();
    const connectString = started.cluster.zookeeper()?.connectString ?? '';
    await started.api.delete({ ...POD, ...place(ZOOKEEPER) }, { signal });
    await successor(ZOOKEEPER, before?.metadata.uid);
    const fresh = await connectZooKeeper({ connectString, sessionTimeoutMs: 20_000, deadlineMs: DEADLINE_MS, signal });
    expect(await fresh.children('/brokers/topics')).toEqual([TOPIC.name]);
    await fresh.close();
    expect(started.cluster.zookeeper()).toEqual({ connectString });
    await session.create('/of-a-test', 'written after the roll');
    expect(await started.cluster.deleteZnode('/of-a-test')).toBe('deleted');
    expect(await session.exists('/of-a-test')).toBeUndefined();
    expect(session.sessionId()).toBe(id);
    const events = await started.journalled();
    expect(node(events, ZOOKEEPER).slice(-2)).toMatchObject([
      { type: 'node-started', volume: 'used' },
      { type: 'node-ready' },
    ]);
  });

  gesture('a broker or a pool that does not exist is an error', async () => {
    await expect(started.cluster.restartBroker(7)).rejects.toThrow(
      new EnvironmentError('Broker 7 does not exist and cannot be restarted.'),
    );
    await expect(started.cluster.deleteControllerPool()).rejects.toThrow(
      new EnvironmentError('there is no controller pool to delete'),
    );
    expect(gestures(await started.journalled())).toEqual([]);
  });

  gesture(
    'create the pool of the controllers, and annotate: a migration, which continues although a broker is evicted',
    async () => {
      await started.cluster.createControllerPool({ deleteClaim: false });
      expect((await pool())?.spec).toMatchObject({
        replicas: 1,
        roles: ['controller'],
        storage: { volumes: [{ deleteClaim: false }] },
      });
      await started.cluster.annotate('migration');
      expect((await kafka())?.metadata.annotations).toMatchObject({ 'strimzi.io/kraft': 'migration' });
      const evicted = await pod(BROKER);
      await evict(started.api, started.namespace, BROKER);
      await successor(BROKER, evicted?.metadata.uid);
      await started.cluster.waitForState('KRaftPostMigration');

      expect((await kafka())?.status?.kafkaMetadataState).toBe('KRaftPostMigration');
      expect(await metadataState(BROKER)).toBe('3');
      expect((await volumes()).has(CONTROLLER_CLAIM)).toBe(true);
      expect(JSON.parse((await session.get('/migration'))?.data ?? '{}')).toMatchObject({ kraft_controller_id: 1 });
      await clients.produce(TOPIC.name, 5);
      await expectRecords();
      const events = await started.journalled();
      expect(gestures(events)).toEqual(['create-controller-pool', 'annotate']);
      expect(ofType(events, 'state-changed').map(({ to }) => to)).toEqual([
        'KRaftMigration',
        'KRaftDualWriting',
        'KRaftPostMigration',
      ]);
      expect(ofType(events, 'node-stopped')).toMatchObject([
        // The eviction, and then the operator's rolls into MIGRATION and POST_MIGRATION.
        { pod: BROKER, reason: 'died' },
        { pod: BROKER, reason: 'rolled' },
        { pod: BROKER, reason: 'rolled' },
      ]);
      expect(node(events, CONTROLLER)).toMatchObject([
        { type: 'node-started', configurationState: 'PRE_MIGRATION', mode: 'kraft', volume: 'empty' },
        { type: 'node-ready' },
      ]);
    },
  );

  gesture("deleting the controllers' volumes while their pods run is an error", async () => {
    await expect(started.cluster.deleteControllerVolumes()).rejects.toThrow(
      new EnvironmentError("the controllers' volumes are in use: delete the controller pool first"),
    );
    expect((await claim(CONTROLLER_CLAIM))?.metadata.deletionTimestamp).toBeUndefined();
    expect(gestures(await started.journalled())).toEqual([]);
  });

  gesture(
    'delete the pool of the controllers: their pods are deleted, and claims without deleteClaim stay',
    async () => {
      await started.cluster.annotate('rollback');
      await started.cluster.waitForState('KRaftDualWriting');
      expect(await metadataState(BROKER)).toBe('2');
      await started.cluster.deleteControllerPool();
      expect(await pool()).toBeUndefined();
      expect(await pod(CONTROLLER)).toBeUndefined();
      expect((await claim(CONTROLLER_CLAIM))?.metadata.deletionTimestamp).toBeUndefined();
      const events = await started.journalled();
      expect(ofType(events, 'gesture')).toMatchObject([
        { gesture: 'annotate', value: 'rollback' },
        { gesture: 'delete-controller-pool', deleteClaim: false },
      ]);
      expect(node(events, CONTROLLER)).toMatchObject([
        { type: 'node-stopping' },
        { type: 'node-stopped', reason: 'deleted' },
        { type: 'node-gone' },
      ]);
    },
  );

  gesture("delete the controllers' volumes: claim and volume are gone, even a volume that is retained", async () => {
    const volume = (await volumes()).get(CONTROLLER_CLAIM) ?? '';
    const retained = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    await started.api.mergePatch({ ...VOLUME, name: volume }, retained, { signal });
    await started.cluster.deleteControllerVolumes();
    expect(await claim(CONTROLLER_CLAIM)).toBeUndefined();
    await untilGone(volume);
    const events = await started.journalled();
    expect(gestures(events)).toEqual(['delete-controller-volumes']);
    expect(node(events, CONTROLLER)).toMatchObject([{ type: 'volume-wiped' }]);
  });

  gesture('annotate "disabled": back in ZooKeeper; 0.45.0 leaves /migration, and the user deletes it', async () => {
    await started.cluster.annotate('disabled');
    await started.cluster.waitForState('ZooKeeper');
    expect(await metadataState(BROKER)).toBe('0');
    expect(await session.exists('/migration')).toBeDefined();
    expect(await started.cluster.deleteZnode('/migration')).toBe('deleted');
    expect(await session.exists('/migration')).toBeUndefined();
    expect(await started.cluster.deleteZnode('/migration')).toBe('absent');
    await clients.produce(TOPIC.name, 5);
    await expectRecords();
    const events = await started.journalled();
    expect(ofType(events, 'operator-deleted-znode')).toMatchObject([{ path: '/controller', outcome: 'deleted' }]);
    const [deleted] = ofType(events, 'znode-changed').filter(
      ({ path, change }) => path === '/migration' && change === 'deleted',
    );
    expect(deleted).toMatchObject({ phase: 'absent', writer: { who: 'user' } });
    expect(gestures(events)).toEqual(['annotate', 'delete-znode', 'delete-znode']);
  });

  gesture('upgrade the operator: a new pod takes over, and the log of the old one is complete', async () => {
    const [old] = await operatorPods();
    await started.cluster.upgradeOperator('0.45.1');
    expect(started.cluster.operatorVersion()).toBe('0.45.1');
    const running = await operatorPods();
    expect(running.map(({ spec }) => spec?.containers[0]?.image)).toEqual([expect.stringMatching(/:0\.45\.1$/)]);
    expect(running[0]?.metadata.uid).not.toBe(old?.metadata.uid);
    await started.cluster.waitForState('ZooKeeper');
    const events = await started.journalled();
    expect(ofType(events, 'gesture')).toMatchObject([{ gesture: 'upgrade-operator', version: '0.45.1' }]);
    expect(ofType(events, 'pass-ended').at(-1)).toMatchObject({ outcome: 'reconciled' });
    const lines = (await started.log(old?.metadata.name ?? '')).trimEnd().split('\n');
    expect(lines[0]).toContain('stand-in for the Strimzi Cluster Operator 0.45.0');
    expect(lines.at(-1)).toContain('Shutdown hook completed');
    expect(await started.log(running[0]?.metadata.name ?? '')).toContain('Operator 0.45.1');
  });

  gesture('migrate again, restart the controller, and delete a pool together with its claims', async () => {
    await started.cluster.createControllerPool({ deleteClaim: true });
    await started.cluster.annotate('migration');
    await started.cluster.waitForState('KRaftPostMigration');
    await expectRecords();
    await started.cluster.restartController(1);
    const volume = (await volumes()).get(CONTROLLER_CLAIM) ?? '';
    await started.cluster.annotate('rollback');
    await started.cluster.waitForState('KRaftDualWriting');
    await started.cluster.deleteControllerPool();
    expect(await claim(CONTROLLER_CLAIM)).toBeUndefined();
    await untilGone(volume);
    const events = await started.journalled();
    expect(node(events, CONTROLLER)).toMatchObject([
      { type: 'node-started', volume: 'empty' },
      { type: 'node-ready' },
      { type: 'node-stopping' },
      { type: 'node-stopped', reason: 'user' },
      { type: 'node-started', volume: 'used' },
      { type: 'node-ready' },
      { type: 'node-stopping' },
      { type: 'node-stopped', reason: 'deleted' },
      { type: 'node-gone' },
      { type: 'volume-wiped' },
    ]);
  });

  gesture('close: no port-forward is left open, and nothing of the run is left in the cluster', async () => {
    const { connectString } = started.cluster.zookeeper() ?? { connectString: '' };
    const ports = [...access.bootstrapServers, ...connectString.split(',')].map((address) =>
      Number(address.split(':')[1]),
    );
    await Promise.all(ports.map((port) => expect(answer(port)).resolves.toBe('connect')));
    await session.close();
    await started.end();
    await Promise.all(ports.map((port) => expect(answer(port)).resolves.toBe('ECONNREFUSED')));
    expect(await leftovers(started.api)).toEqual([]);
  });

  async function operatorPods(): Promise<readonly Pod[]> {
    const labelSelector = OPERATOR_POD_LABELS;
    const { items } = await started.api.list<Pod>({ ...POD, namespace: started.namespace, labelSelector }, { signal });
    return items;
  }
});

/** What happens when a client connects to a port of this machine. */
function answer(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve('connect');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
