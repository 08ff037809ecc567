import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubernetesCluster } from '../../../../src/environments/kubernetes/kubernetes-cluster.js';
import { EnvironmentError, UsageError } from '../../../../src/errors.js';
import { Journal } from '../../../../src/journal/journal.js';
import type { Pod } from '../../../../src/kubernetes/core-objects.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import type { KafkaNodePool, KafkaResource } from '../../../../src/strimzi/resources.js';
import { waitUntil } from '../../../../src/waiting/wait.js';
import { type Folder, makeFolder } from '../../distribution/fakes.js';
import { StubCluster } from './stub-cluster.js';

const RESOURCES = '/apis/kafka.strimzi.io/v1beta2/namespaces/demo';
const KAFKA = `${RESOURCES}/kafkas/my-cluster`;
const CORE = '/api/v1/namespaces/demo';
const OPERATOR: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace: 'demo' } };
const LABEL = { 'strimzi.io/cluster': 'my-cluster' };

let stub: StubCluster;
let api: KubeApi;
let folder: Folder;
let run: AbortController;
let journal: Journal;
let cluster: KubernetesCluster;
let failures: Error[];
let operatorRestarts: number;

beforeEach(async () => {
  stub = await StubCluster.start();
  api = await stub.connect();
  folder = await makeFolder();
  run = new AbortController();
  journal = new Journal();
  failures = [];
  operatorRestarts = 0;
  stub.put(KAFKA, { metadata: { annotations: { 'strimzi.io/kraft': 'disabled' } } });
  stub.put(`${RESOURCES}/kafkanodepools/broker`, { spec: { replicas: 1 } });
});

afterEach(async () => {
  run.abort();
  await cluster.close({ hurry: true });
  api.close();
  await stub.stop();
  await folder.delete();
  expect(failures).toEqual([]);
});

async function start(): Promise<void> {
  cluster = await KubernetesCluster.start(
    {
      api,
      objects: { name: 'my-cluster', namespace: 'demo', run: 'a-run' },
      progress: () => undefined,
      upgrade: async () => OPERATOR,
      restartOperator: async () => {
        operatorRestarts += 1;
        return { ...OPERATOR, metadata: { ...OPERATOR.metadata, name: 'another-operator', uid: 'u2' } };
      },
      tearDown: async () => undefined,
      run: 'a-run',
      workspace: { folder: folder.path, results: folder.path, mark: 'a-mark' },
      operatorVersion: '0.45.1',
      kafkaVersion: '3.9.0',
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      journal,
      signal: run.signal,
      stateTimeoutMs: 5000,
      failed: (error) => failures.push(error),
    },
    OPERATOR,
  );
}

type Role = 'zookeeper' | 'broker' | 'controller';

interface Look {
  readonly uid?: string;
  readonly ready?: boolean;
  readonly storage?: 'claim' | 'ephemeral';
  readonly restarts?: number;
}

/** A pod with the labels and the volume of Strimzi 0.45.1. */
function putPod(role: Role, id: number, { uid = 'u1', ready = true, storage = 'claim', restarts = 0 }: Look = {}) {
  const name = `my-cluster-${role}-${id}`;
  const component = role === 'zookeeper' ? 'zookeeper' : 'kafka';
  stub.put(`${CORE}/pods/${name}`, {
    metadata: {
      uid,
      labels: {
        ...LABEL,
        'strimzi.io/component-type': component,
        'strimzi.io/broker-role': String(role === 'broker'),
        'strimzi.io/controller-role': String(role === 'controller'),
      },
    },
    spec: {
      containers: [{ name: component }],
      volumes: [
        { name: role === 'zookeeper' ? 'data' : 'data-0', ...(storage === 'claim' ? claimVolume : { emptyDir: {} }) },
      ],
    },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...(restarts === 0 ? {} : { containerStatuses: [{ name: component, restartCount: restarts, ...ENDED }] }),
    },
  });
}
const claimVolume = { persistentVolumeClaim: {} };
const ENDED = { lastState: { terminated: { exitCode: 137 } } };

function claimPath(role: Role, id: number): string {
  return `${CORE}/persistentvolumeclaims/data-${role === 'zookeeper' ? '' : '0-'}my-cluster-${role}-${id}`;
}

function putClaim(role: Role, id: number, uid = 'c1'): void {
  stub.put(claimPath(role, id), { metadata: { uid, labels: LABEL } });
}

/** A node with its ConfigMap and claim. */
function putNode(role: Role, id: number, look: Look = {}): void {
  if (role !== 'zookeeper') {
    const ofController = { 'metadata.state': '1', 'metadata.version': '3.9', 'cluster.id': 'abc' };
    const data = role === 'broker' ? { 'metadata.state': '0' } : ofController;
    stub.put(`${CORE}/configmaps/my-cluster-${role}-${id}`, { data });
  }
  if (look.storage !== 'ephemeral') putClaim(role, id);
  putPod(role, id, look);
}

/** Does what the operator and Kubernetes do after the deletion of an object. */
function afterDeletion(name: string, next: () => void): void {
  const { before } = stub;
  stub.before = (request) => {
    before(request);
    if (request.method === 'DELETE' && request.url.pathname.endsWith(`/${name}`)) setImmediate(next);
  };
}

const deletions = (): readonly string[] =>
  stub.server.received.filter(({ method }) => method === 'DELETE').map(({ url }) => url.pathname.replace(/.*\//, ''));
const gestures = (): readonly string[] => journal.ofType('gesture').map(({ gesture }) => gesture);

/** The events of nodes, in short. */
async function nodeEvents(): Promise<readonly string[]> {
  await cluster.observed();
  return journal.events().flatMap((event) => {
    if (!/^(node|volume)-/.test(event.type) || !('pod' in event)) return [];
    const pod = event.pod.replace('my-cluster-', '');
    if (event.type === 'node-started') return [`${pod} started on ${event.volume} volume`];
    return [event.type === 'node-stopped' ? `${pod} stopped ${event.reason}` : `${pod} ${event.type}`];
  });
}

it('annotate sets a value that Strimzi does not know only on purpose, and as it is', async () => {
  const value = () => stub.get<KafkaResource>(KAFKA)?.metadata.annotations?.['strimzi.io/kraft'];
  await start();
  await expect(cluster.annotate('kraft-now')).rejects.toBeInstanceOf(UsageError);
  expect(value()).toBe('disabled');
  await cluster.annotate('Kraft-Now', { unknown: true });
  expect(value()).toBe('Kraft-Now');
  expect(journal.ofType('gesture')).toMatchObject([{ gesture: 'annotate', value: 'Kraft-Now' }]);
});

describe('a restart', () => {
  it.each([
    ['broker', (id: number) => cluster.restartBroker(id), 'Broker'],
    ['controller', (id: number) => cluster.restartController(id), 'Controller'],
    ['zookeeper', (id: number) => cluster.restartZooKeeper(id), 'ZooKeeper node'],
  ] as const)('of a node deletes its pod, and waits for the replacement: %s', async (role, restart, name) => {
    putNode(role, 1);
    await start();
    await expect(restart(0)).rejects.toThrow(new EnvironmentError(`${name} 0 does not exist and cannot be restarted.`));
    expect(gestures()).toEqual([]);
    afterDeletion(`my-cluster-${role}-1`, () => {
      putPod(role, 1, { uid: 'u2', ready: false });
      putPod(role, 1, { uid: 'u2' });
    });
    await restart(1);
    expect(journal.ofType('gesture')).toMatchObject([{ gesture: `restart-${role}`, nodeId: 1 }]);
    expect(await nodeEvents()).toEqual([
      `${role}-1 started on empty volume`,
      `${role}-1 node-ready`,
      `${role}-1 stopped user`,
      `${role}-1 started on used volume`,
      `${role}-1 node-ready`,
    ]);
  });

  it('of the operator: the journal says that another one of the same version has taken over', async () => {
    await start();
    await cluster.restartOperator();
    expect(operatorRestarts).toBe(1);
    expect(journal.events().map(({ type }) => type)).toEqual(['gesture', 'operator-restarted']);
    expect(cluster.operatorVersion()).toBe('0.45.1');
  });
});

describe('a pause of the reconciliation', () => {
  const withState = (kafkaMetadataState?: string) =>
    stub.put(KAFKA, {
      metadata: { annotations: { 'strimzi.io/kraft': 'rollback' } },
      status: kafkaMetadataState === undefined ? {} : { kafkaMetadataState },
    });

  it('is waited for until the status has no state; the next state is journalled as the first one', async () => {
    withState('KRaftDualWriting');
    await start();
    let paused = false;
    const pausing = cluster.pauseReconciliation().then(() => {
      paused = true;
    });
    await nextTurn();
    expect(paused).toBe(false);
    const annotation = () => stub.get<KafkaResource>(KAFKA)?.metadata.annotations?.['strimzi.io/pause-reconciliation'];
    await waitUntil(
      { what: 'the annotation', timeoutMs: 5000, signal: run.signal },
      (wake) => {
        const timer = setInterval(wake, 5);
        return () => clearInterval(timer);
      },
      () => (annotation() === 'true' ? true : undefined),
    );
    withState();
    await pausing;
    await cluster.resumeReconciliation();
    // A merge patch with null removes it; the stub keeps the null.
    expect(annotation() ?? null).toBeNull();
    withState('ZooKeeper');
    await waitUntil(
      { what: 'the state', timeoutMs: 5000, signal: run.signal },
      (wake) => journal.listen(wake),
      () => (journal.ofType('state-changed').length > 1 ? true : undefined),
    );
    expect(journal.ofType('state-changed').map(({ from, to }) => [from, to])).toEqual([
      [null, 'KRaftDualWriting'],
      [null, 'ZooKeeper'],
    ]);
    expect(gestures()).toEqual(['pause-reconciliation', 'pause-reconciliation']);
  });
});

describe('scaleBrokers', () => {
  it('scales the pool, waits for every broker, and gives clients a way to the new ones', async () => {
    putNode('broker', 0);
    putNode('controller', 1);
    await start();
    expect(cluster.topology).toEqual({ brokers: 1, controllers: 1, zookeepers: 1 });
    const access = cluster.kafka();
    const pool = () => stub.get<KafkaNodePool & { spec: { replicas: number } }>(`${RESOURCES}/kafkanodepools/broker`);
    stub.before = ({ method, url }) => {
      if (method === 'PATCH' && url.pathname.endsWith('/kafkanodepools/broker')) {
        setImmediate(() => putNode('broker', 2, { ready: false }));
      }
    };
    let scaled = false;
    const scaling = cluster.scaleBrokers(2).then(() => {
      scaled = true;
    });
    await waitUntil(
      { what: 'the start of broker 2', timeoutMs: 5000, signal: run.signal },
      (wake) => journal.listen(wake),
      () => (journal.ofType('node-started').some(({ nodeId }) => nodeId === 2) ? true : undefined),
    );
    expect(scaled).toBe(false);
    putPod('broker', 2);
    await scaling;
    expect(pool()?.spec.replicas).toBe(2);
    expect(cluster.topology).toEqual({ brokers: 2, controllers: 1, zookeepers: 1 });
    expect(journal.ofType('gesture')).toMatchObject([{ gesture: 'scale-broker-pool', replicas: 2 }]);
    const [, added] = cluster.kafka().bootstrapServers;
    // Clients that were connected before reach it, too.
    const reached = access.reach?.({ host: 'my-cluster-broker-2.my-cluster-kafka-brokers.demo.svc', port: 9092 });
    expect(`${reached?.host}:${reached?.port}`).toBe(added);
  });

  it.each([0, 1.5, Number.NaN])('refuses fewer brokers, and numbers that are none: %p', async (replicas) => {
    await start();
    await expect(cluster.scaleBrokers(replicas)).rejects.toThrow(
      new EnvironmentError(
        `The broker pool has 1 brokers and cannot be scaled to ${replicas}: it can only be scaled up.`,
      ),
    );
    expect(gestures()).toEqual([]);
  });
});

describe('replaceBrokerVolume', () => {
  it('deletes claim and pod: the next pod waits for another claim, and starts on an empty volume', async () => {
    putNode('broker', 0);
    await start();
    afterDeletion('my-cluster-broker-0', () => {
      putPod('broker', 0, { uid: 'u2', ready: false });
      // The operator makes the claim again in its next pass.
      putClaim('broker', 0, 'c2');
      putPod('broker', 0, { uid: 'u2' });
    });
    await cluster.replaceBrokerVolume(0);
    expect(deletions()).toEqual(expect.arrayContaining(['data-0-my-cluster-broker-0', 'my-cluster-broker-0']));
    expect(deletions().at(-1)).toBe('my-cluster-broker-0');
    expect(journal.ofType('gesture')).toMatchObject([{ gesture: 'replace-broker-volume', nodeId: 0 }]);
    const [, , ...events] = await nodeEvents();
    expect(events).toEqual([
      'broker-0 stopped user',
      'broker-0 volume-wiped',
      'broker-0 started on empty volume',
      'broker-0 node-ready',
    ]);
  });

  it('needs the broker', async () => {
    await start();
    await expect(cluster.replaceBrokerVolume(3)).rejects.toThrow(
      new EnvironmentError('Broker 3 does not exist and cannot be replaced.'),
    );
    expect(deletions()).toEqual([]);
  });
});

describe('the pool of the controllers', () => {
  const POOL = `${RESOURCES}/kafkanodepools/controller`;

  it('on ephemeral storage loses its data with its pods, and its deletion waits for nothing else', async () => {
    putNode('controller', 1, { storage: 'ephemeral' });
    // A claim of an earlier pool, which was kept.
    putClaim('controller', 1);
    await start();
    await cluster.createControllerPool({ storage: 'ephemeral' });
    expect(stub.get<KafkaNodePool>(POOL)?.spec).toMatchObject({ storage: { volumes: [{ type: 'ephemeral' }] } });
    afterDeletion('controller', () => stub.delete(`${CORE}/pods/my-cluster-controller-1`));
    await cluster.deleteControllerPool();
    expect(journal.ofType('gesture')).toMatchObject([
      { gesture: 'create-controller-pool', deleteClaim: true, storage: 'ephemeral' },
      { gesture: 'delete-controller-pool', deleteClaim: true },
    ]);
    expect(await nodeEvents()).toEqual([
      'controller-1 started on empty volume',
      'controller-1 node-ready',
      'controller-1 stopped deleted',
      'controller-1 node-gone',
      'controller-1 volume-wiped',
    ]);
  });

  it('has the claims that are deleted with its volumes, whatever their ids are', async () => {
    for (const id of [1, 3]) putClaim('controller', id);
    putNode('broker', 2);
    await start();
    await cluster.deleteControllerVolumes();
    expect(deletions().toSorted()).toEqual(['data-0-my-cluster-controller-1', 'data-0-my-cluster-controller-3']);
    expect((await nodeEvents()).filter((event) => event.endsWith('wiped')).toSorted()).toEqual([
      'controller-1 volume-wiped',
      'controller-3 volume-wiped',
    ]);
  });
});

describe('waits for what passes', () => {
  it('reached resolves for a state that has passed since the annotation, and not for one before it', async () => {
    await start();
    const changed = (to: 'KRaftMigration' | 'KRaftDualWriting') =>
      journal.write({ type: 'state-changed', from: 'ZooKeeper', to, annotation: 'migration' });
    changed('KRaftDualWriting');
    await cluster.annotate('migration');
    let reached = false;
    const waiting = cluster.reached('KRaftDualWriting').then(() => {
      reached = true;
    });
    changed('KRaftMigration');
    await cluster.observed();
    expect(reached).toBe(false);
    changed('KRaftDualWriting');
    await waiting;
  });

  it('crashed resolves when the container of a node was restarted', async () => {
    putNode('broker', 0);
    await start();
    let crashed = false;
    const waiting = cluster.crashed('broker-0').then(() => {
      crashed = true;
    });
    await cluster.observed();
    expect(crashed).toBe(false);
    putPod('broker', 0, { restarts: 1, ready: false });
    await waiting;
  });
});
