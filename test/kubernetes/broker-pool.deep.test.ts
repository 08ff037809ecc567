import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { OPERATOR_POD_LABELS } from '../../src/environments/kubernetes/operator-installation.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { CLAIM, type Claim, POD, type Pod } from '../../src/kubernetes/core-objects.js';
import type { KubeObject } from '../../src/kubernetes/kube-object.js';
import type { KafkaAccess } from '../../src/metadata/access.js';
import { Ledger } from '../../src/metadata/ledger.js';
import { Clients } from '../../src/metadata/seeding.js';
import { KAFKA_NODE_POOL } from '../../src/strimzi/resources.js';
import { ofType } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { stages } from './support/stages.js';
import { StartedCluster } from './support/started-cluster.js';

jest.setTimeout(900_000);

const { REMIGRATE_TEST_MANIFESTS: manifests = '' } = process.env;
const DEADLINE_MS = 60_000;

const ZOOKEEPER = 'my-cluster-zookeeper-0';
const CONTROLLER = 'my-cluster-controller-1';
/** The id after that of the controller. */
const ADDED = 'my-cluster-broker-2';

interface NodePool extends KubeObject {
  readonly spec: { readonly replicas: number; readonly storage: { readonly volumes: readonly object[] } };
  readonly status: { readonly nodeIds: readonly number[] };
}

/** One deployment, gesture by gesture: each test continues where the one before it ended. */
describeOnCluster('Gestures on brokers’ volumes and pools, ZooKeeper and the operator, with the stand-in', () => {
  const { signal } = new AbortController();
  let started: StartedCluster;
  /** Clients that are connected from the beginning. */
  let access: KafkaAccess;
  let clients: Clients;

  beforeAll(async () => {
    started = await StartedCluster.start({ operatorVersion: '0.45.1', manifests });
  });

  afterAll(() => started?.close());

  const gesture = stages(() => started.failures);

  const place = (name: string) => ({ namespace: started.namespace, name });
  const claim = (pod: string) => started.api.get<Claim>({ ...CLAIM, ...place(`data-0-${pod}`) }, { signal });
  const pool = (name: string) => started.api.get<NodePool>({ ...KAFKA_NODE_POOL, ...place(name) }, { signal });

  const node = (events: readonly JournalEvent[], name: string): readonly JournalEvent[] =>
    events.filter((event) => /^(node|volume)-/.test(event.type) && 'pod' in event && event.pod === name);

  gesture('deploy; write a znode by hand, which is created and then changed', async () => {
    await started.cluster.deploy();
    access = started.cluster.kafka();
    clients = new Clients({ ...access, ledger: new Ledger(), deadlineMs: DEADLINE_MS, signal });
    await started.cluster.writeZnode('/by-hand', 'one');
    await started.cluster.writeZnode('/by-hand', 'two');
    expect(await started.cluster.deleteZnode('/by-hand')).toBe('deleted');
    expect(ofType(await started.journalled(), 'gesture')).toMatchObject([
      { gesture: 'deploy' },
      { gesture: 'write-znode', path: '/by-hand', value: 'one' },
      { gesture: 'write-znode', path: '/by-hand', value: 'two' },
      { gesture: 'delete-znode', path: '/by-hand' },
    ]);
  });

  gesture('restart a ZooKeeper node', async () => {
    await started.cluster.restartZooKeeper(0);
    const events = await started.journalled();
    expect(ofType(events, 'gesture')).toMatchObject([{ gesture: 'restart-zookeeper', nodeId: 0 }]);
    expect(node(events, ZOOKEEPER)).toMatchObject([
      { type: 'node-stopping' },
      { type: 'node-stopped', reason: 'user' },
      { type: 'node-started', volume: 'used' },
      { type: 'node-ready' },
    ]);
  });

  gesture('migrate with a controller on ephemeral storage: KRaftDualWriting passes, and has been reached', async () => {
    await started.cluster.createControllerPool({ storage: 'ephemeral' });
    expect((await pool('controller'))?.spec.storage.volumes).toEqual([
      { id: 0, type: 'ephemeral', kraftMetadata: 'shared' },
    ]);
    await started.cluster.annotate('migration');
    await started.cluster.reached('KRaftDualWriting');
    await started.cluster.waitForState('KRaftPostMigration');
    await started.cluster.reached('KRaftDualWriting');
    expect(await claim(CONTROLLER)).toBeUndefined();
    const events = await started.journalled();
    expect(ofType(events, 'gesture')).toMatchObject([
      { gesture: 'create-controller-pool', deleteClaim: true, storage: 'ephemeral' },
      { gesture: 'annotate' },
    ]);
    expect(node(events, CONTROLLER)).toMatchObject([{ type: 'node-started', volume: 'empty' }, { type: 'node-ready' }]);
  });

  gesture('scale the broker pool: the new broker has the next free id, and connected clients reach it', async () => {
    await started.cluster.scaleBrokers(2);
    expect(started.cluster.topology).toEqual({ brokers: 2, controllers: 1, zookeepers: 1 });
    expect(await pool('broker')).toMatchObject({ spec: { replicas: 2 }, status: { nodeIds: [0, 2] } });
    const events = await started.journalled();
    expect(ofType(events, 'gesture')).toMatchObject([{ gesture: 'scale-broker-pool', replicas: 2 }]);
    expect(node(events, ADDED)).toMatchObject([
      { type: 'node-started', configurationState: 'POST_MIGRATION', mode: 'kraft', volume: 'empty' },
      { type: 'node-ready' },
    ]);
    await started.cluster.waitForState('KRaftPostMigration');
    // With a replica on each broker.
    const topic = { name: 'on-both', partitions: 2, replicationFactor: 2, configs: {}, records: 10 };
    await clients.createTopics([topic]);
    await clients.produceAll([topic]);
  });

  gesture('fewer brokers are an error', async () => {
    await expect(started.cluster.scaleBrokers(1)).rejects.toThrow(
      'The broker pool has 2 brokers and cannot be scaled to 1: it can only be scaled up.',
    );
    expect((await pool('broker'))?.spec.replicas).toBe(2);
  });

  gesture('replace the volume of a broker: it starts when the operator has made its claim again', async () => {
    const before = await claim(ADDED);
    await started.journalled();
    await started.cluster.replaceBrokerVolume(2);
    const after = await claim(ADDED);
    expect(after?.metadata.deletionTimestamp).toBeUndefined();
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    const events = await started.journalled();
    expect(ofType(events, 'gesture')).toMatchObject([{ gesture: 'replace-broker-volume', nodeId: 2 }]);
    expect(node(events, ADDED)).toMatchObject([
      { type: 'node-stopping' },
      { type: 'node-stopped', reason: 'user' },
      { type: 'volume-wiped' },
      { type: 'node-started', mode: 'kraft', volume: 'empty' },
      { type: 'node-ready' },
    ]);
  });

  gesture('restart the operator: another pod takes over, and its passes are awaited', async () => {
    const [old] = await operatorPods();
    await started.cluster.restartOperator();
    const running = await operatorPods();
    expect(running).toHaveLength(1);
    expect(running[0]?.metadata.uid).not.toBe(old?.metadata.uid);
    expect(started.cluster.operatorVersion()).toBe('0.45.1');
    await started.cluster.waitForState('KRaftPostMigration');
    const events = await started.journalled();
    const restarted = events.findIndex(({ type }) => type === 'operator-restarted');
    expect(events.slice(0, restarted)).toContainEqual(expect.objectContaining({ gesture: 'restart-operator' }));
    expect(ofType(events.slice(restarted), 'pass-ended')).toContainEqual(
      expect.objectContaining({ outcome: 'reconciled' }),
    );
  });

  gesture('delete the pool of the controllers: its data ends with its pods', async () => {
    await started.cluster.annotate('rollback');
    await started.cluster.waitForState('KRaftDualWriting');
    await started.cluster.deleteControllerPool();
    const events = await started.journalled();
    expect(ofType(events, 'gesture').at(-1)).toMatchObject({ gesture: 'delete-controller-pool', deleteClaim: true });
    expect(node(events, CONTROLLER)).toMatchObject([
      { type: 'node-stopping' },
      { type: 'node-stopped', reason: 'deleted' },
      { type: 'node-gone' },
      { type: 'volume-wiped' },
    ]);
  });

  /** KAFKA-20762: meta.properties on a volume that was formatted in KRaft mode has version 1. */
  gesture('annotate "disabled": the broker whose volume is new ends at its start', async () => {
    await started.cluster.annotate('disabled');
    await started.cluster.crashed('broker-2');
    const [crash] = ofType(await started.journalled(), 'container-restarted');
    expect(crash?.pod).toBe(ADDED);
    expect(crash?.error).toMatch(/Found unexpected version in .*meta\.properties/);
  });

  async function operatorPods(): Promise<readonly Pod[]> {
    const labelSelector = OPERATOR_POD_LABELS;
    const { items } = await started.api.list<Pod>({ ...POD, namespace: started.namespace, labelSelector }, { signal });
    return items;
  }
});
