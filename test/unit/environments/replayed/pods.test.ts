import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PodContext, Pods } from '../../../../src/environments/replayed/pods.js';
import { clusterNodes } from '../../../../src/environments/replayed/replayed-cluster.js';
import { EnvironmentError, WaitAborted, WaitTimedOut } from '../../../../src/errors.js';
import { Journal } from '../../../../src/journal/journal.js';
import { PassFailed } from '../../../../src/operator/executor.js';
import { CONFIGURATION_STATE_ORDINALS, type ConfigurationState } from '../../../../src/strimzi/migration-state.js';
import { isSettled } from '../../../support/settled.js';
import { API, altered, FakeBroker } from '../../metadata/fake-broker.js';
import { NO_MEMORY, UNKNOWN_OPTION } from '../../witness/last-lines.js';
import { FakeRuntime } from './fake-runtime.js';

const NODES = clusterNodes(
  { name: 'my-cluster', namespace: 'remigrate', clusterDomain: 'cluster.local' },
  { brokers: 2, controllers: 2, zookeepers: 1 },
);
const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-2';
const ZOOKEEPER = 'my-cluster-zookeeper-0';
const READY = {
  [BROKER]: '[KafkaServer id=0] started',
  [CONTROLLER]: '[KafkaRaftServer nodeId=2] Kafka Server started',
  'my-cluster-controller-3': '[KafkaRaftServer nodeId=3] Kafka Server started',
  [ZOOKEEPER]: 'Peer state changed: leading - broadcast',
} as const;
const IMAGE = 'strimzi/kafka:0.45.1-kafka-3.9.0';
/** No pass is abandoned. */
const NEVER = new AbortController().signal;
const CLAIM = '[Controller id=0] Ready to serve as the new controller with epoch 3';

function setUp(changes: Partial<PodContext> = {}) {
  const runtime = new FakeRuntime();
  const journal = new Journal();
  const run = new AbortController();
  const failures: Error[] = [];
  const deleted: string[] = [];
  const pods = new Pods([...NODES.zookeepers, ...NODES.brokers, ...NODES.controllers], {
    runtime,
    journal,
    signal: run.signal,
    readyTimeoutMs: 60_000,
    render: async (node, configurationState) => ({
      serverConfig: { 'node.id': String(node.nodeId) },
      configMap: {
        'metadata.state': String(CONFIGURATION_STATE_ORDINALS[configurationState]),
        'cluster.id': 'an-id',
        'metadata.version': '3.9',
      },
    }),
    zooKeeperController: async () => ({ nodeId: 1, ephemeral: true }),
    deleteZnode: async (path) => {
      deleted.push(path);
      return 'deleted';
    },
    isEphemeral: () => false,
    failed: (error) => failures.push(error),
    ...changes,
  });
  const becomeReady = (pod: keyof typeof READY): void => pods.line(pod, READY[pod]);
  return { pods, runtime, journal, run, failures, deleted, becomeReady };
}

function revision(configurationState: ConfigurationState | null) {
  return { configurationState, image: IMAGE };
}

/** A broker that exists and is ready. */
async function withBroker(configurationState: ConfigurationState = 'ZK', changes?: Partial<PodContext>) {
  const world = setUp(changes);
  await world.pods.create('broker', 0, revision(configurationState));
  world.becomeReady(BROKER);
  return world;
}

describe('a pod that is created', () => {
  it('starts with the operator’s configuration and what its start script derives from it', async () => {
    const { pods, runtime, journal } = setUp();
    await pods.create('broker', 0, revision('POST_MIGRATION'));
    const serverConfig = { 'node.id': '0' };
    expect(runtime.launches).toEqual([
      {
        node: { role: 'broker', nodeId: 0, pod: BROKER },
        serverConfig,
        start: {
          mode: 'kraft',
          format: { clusterId: 'an-id', metadataVersion: '3.9' },
          deleteMetadataLog: false,
          deleteQuorumState: true,
        },
      },
    ]);
    const [started] = journal.ofType('node-started');
    expect(started).toMatchObject({
      role: 'broker',
      nodeId: 0,
      pod: BROKER,
      configurationState: 'POST_MIGRATION',
      mode: 'kraft',
      configuration: serverConfig,
      configMap: { 'metadata.state': '3' },
    });
    // Not reported for a broker: its volume is always in use after its first start.
    expect(started).not.toHaveProperty('volume');
  });

  it('knows the image of each pod, and which ZooKeeper node leads', async () => {
    const { pods, becomeReady } = await withBroker();
    expect(pods.zooKeeperLeader()).toBeUndefined();
    await pods.create('zookeeper', 0, revision(null));
    becomeReady(ZOOKEEPER);
    expect(pods.zooKeeperLeader()).toBe(0);
    const restarting = pods.restart(
      'zookeeper',
      0,
      { configurationState: null, image: 'another:image' },
      'rolled',
      NEVER,
    );
    while (pods.nodes().every(({ image }) => image === IMAGE)) await Promise.resolve();
    becomeReady(ZOOKEEPER);
    await restarting;
    expect(pods.nodes().map(({ role, image }) => [role, image])).toEqual([
      ['zookeeper', 'another:image'],
      ['broker', IMAGE],
    ]);
  });

  it('of ZooKeeper has no configuration from the operator', async () => {
    const { pods, runtime, journal } = setUp();
    await pods.create('zookeeper', 0, revision(null));
    expect(runtime.launches[0]?.start).toEqual({
      mode: 'zookeeper-based',
      format: undefined,
      deleteMetadataLog: false,
      deleteQuorumState: false,
    });
    expect(journal.ofType('node-started')).toEqual([
      expect.objectContaining({ mode: 'zookeeper', configurationState: null, configuration: {}, configMap: {} }),
    ]);
  });

  it.each([
    [{ formatted: false, metadataLog: false }, 'empty'],
    [{ formatted: true, metadataLog: false }, 'used'],
    [{ formatted: false, metadataLog: true }, 'used'],
  ] as const)('of a controller on a volume with %o reports it as %s', async (content, volume) => {
    const { pods, runtime, journal } = setUp();
    runtime.volumes.set(CONTROLLER, content);
    await pods.create('controller', 2, revision('PRE_MIGRATION'));
    expect(journal.ofType('node-started')[0]?.volume).toBe(volume);
  });

  it('is visible to the operator, and not ready until its log says so', async () => {
    const { pods, journal, becomeReady } = setUp();
    expect(pods.nodes()).toEqual([]);
    await pods.create('broker', 0, revision('ZK'));
    const node = { role: 'broker', nodeId: 0, configurationState: 'ZK', image: IMAGE, updatedSinceStart: false };
    expect(pods.nodes()).toEqual([{ ...node, ready: false }]);
    pods.line(BROKER, READY[ZOOKEEPER]);
    expect(pods.nodes()).toEqual([{ ...node, ready: false }]);
    becomeReady(BROKER);
    becomeReady(BROKER);
    expect(pods.nodes()).toEqual([{ ...node, ready: true }]);
    expect(journal.ofType('node-ready')).toEqual([expect.objectContaining({ pod: BROKER })]);
  });

  it('can be waited for', async () => {
    const { pods, becomeReady } = setUp();
    await pods.create('broker', 0, revision('ZK'));
    const ready = pods.waitUntilReady('broker', 0);
    pods.line(BROKER, 'Starting');
    expect(await isSettled(ready)).toBe(false);
    becomeReady(BROKER);
    await expect(ready).resolves.toBeUndefined();
  });

  it('can be waited for before the operator creates it', async () => {
    const { pods, becomeReady } = setUp();
    const ready = pods.waitUntilReady('broker', 0);
    expect(await isSettled(ready)).toBe(false);
    await pods.create('broker', 0, revision('ZK'));
    becomeReady(BROKER);
    await expect(ready).resolves.toBeUndefined();
  });

  it('is named when it does not become ready', async () => {
    const { pods } = setUp({ readyTimeoutMs: 1 });
    await pods.create('broker', 0, revision('ZK'));
    const error: unknown = await pods.waitUntilReady('broker', 0).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(WaitTimedOut);
    expect(error).toMatchObject({ message: `timed out after 0.001 s waiting for ${BROKER} to become ready` });
  });

  it('is not started after the end of the run', async () => {
    const { pods, runtime, run } = setUp();
    run.abort(new WaitAborted('the run is over'));
    await expect(pods.create('broker', 0, revision('ZK'))).rejects.toThrow('the run is over');
    expect(runtime.calls).toEqual([]);
  });

  it('must be one of the cluster', async () => {
    const { pods } = setUp();
    await expect(pods.create('broker', 7, revision('ZK'))).rejects.toThrow('the cluster has no broker 7');
  });
});

describe('a pod that is restarted', () => {
  it('stops with Kubernetes’ grace period, starts with the new configuration, and is awaited', async () => {
    const { pods, runtime, journal, becomeReady } = await withBroker('ZK');
    runtime.onStart = () => becomeReady(BROKER);
    await pods.restart('broker', 0, revision('MIGRATION'), 'rolled', NEVER);
    expect(runtime.calls).toEqual([`start ${BROKER}`, `stop ${BROKER}, 30000 ms`, `start ${BROKER}`]);
    expect(
      journal
        .events()
        .slice(2)
        .map(({ type }) => type),
    ).toEqual(['node-stopping', 'node-stopped', 'node-started', 'node-ready']);
    expect(journal.ofType('node-stopped')).toEqual([
      expect.objectContaining({ pod: BROKER, reason: 'rolled', signal: 'SIGTERM' }),
    ]);
    expect(pods.nodes()).toEqual([expect.objectContaining({ configurationState: 'MIGRATION', ready: true })]);
  });

  it('exists, but is not ready, while it is down', async () => {
    const { pods, becomeReady } = await withBroker();
    const restarting = pods.restartByUser('broker', 0);
    expect(pods.nodes()).toEqual([expect.objectContaining({ nodeId: 0, ready: false })]);
    expect(await isSettled(restarting)).toBe(false);
    becomeReady(BROKER);
    await restarting;
  });

  it('reports when the grace period was too short', async () => {
    const { pods, runtime, journal, becomeReady } = await withBroker();
    runtime.stopped = { signal: 'SIGKILL' };
    runtime.onStart = () => becomeReady(BROKER);
    await pods.restart('broker', 0, revision('ZK'), 'forced', NEVER);
    expect(journal.ofType('node-stopped')).toEqual([expect.objectContaining({ reason: 'forced', signal: 'SIGKILL' })]);
  });
});

describe('a pod that the user deletes', () => {
  it('comes back on its volume, as the operator last configured it', async () => {
    const { pods, runtime, journal, becomeReady } = await withBroker('MIGRATION');
    runtime.onStart = () => becomeReady(BROKER);
    await pods.restartByUser('broker', 0);
    expect(runtime.calls).toEqual([`start ${BROKER}`, `stop ${BROKER}, 30000 ms`, `start ${BROKER}`]);
    expect(journal.ofType('node-stopped')).toEqual([expect.objectContaining({ reason: 'user' })]);
    expect(pods.nodes()).toEqual([expect.objectContaining({ configurationState: 'MIGRATION', ready: true })]);
  });

  it('with its claim comes back on an empty volume', async () => {
    const { pods, runtime, journal, becomeReady } = await withBroker();
    runtime.onStart = () => becomeReady(BROKER);
    await pods.replaceVolume('broker', 0);
    expect(runtime.calls.slice(1)).toEqual([`stop ${BROKER}, 30000 ms`, `wipe ${BROKER}`, `start ${BROKER}`]);
    expect(journal.events().map(({ type }) => type)).toEqual([
      'node-started',
      'node-ready',
      'node-stopping',
      'node-stopped',
      'volume-wiped',
      'node-started',
      'node-ready',
    ]);
  });

  it.each([
    ['loses an ephemeral volume', true, [`wipe ${CONTROLLER}`]],
    ['keeps a persistent one', false, []],
  ])('%s', async (_what, ephemeral, wiped) => {
    const { pods, runtime, becomeReady } = setUp({ isEphemeral: ({ role }) => ephemeral && role === 'controller' });
    runtime.onStart = (pod) => becomeReady(pod === CONTROLLER ? CONTROLLER : BROKER);
    await pods.create('controller', 2, revision('MIGRATION'));
    await pods.create('broker', 0, revision('MIGRATION'));
    await pods.restartByUser('controller', 2);
    await pods.restartByUser('broker', 0);
    expect(runtime.calls.filter((call) => call.startsWith('wipe'))).toEqual(wiped);
  });

  it('with an ephemeral volume loses it once, also when it is removed', async () => {
    const { pods, runtime, journal } = setUp({ isEphemeral: () => true });
    await pods.create('controller', 2, revision('MIGRATION'));
    await pods.remove('controller', 2);
    expect(runtime.calls.slice(-2)).toEqual([`stop ${CONTROLLER}, 30000 ms`, `wipe ${CONTROLLER}`]);
    expect(journal.ofType('volume-wiped')).toHaveLength(1);
  });

  it('while the operator restarts it is deleted after that, with the operator’s new configuration', async () => {
    const { pods, runtime, journal, becomeReady } = await withBroker('ZK');
    runtime.onStart = () => becomeReady(BROKER);
    const rolled = pods.restart('broker', 0, revision('MIGRATION'), 'rolled', NEVER);
    const replaced = pods.replaceVolume('broker', 0);
    await Promise.all([rolled, replaced]);
    expect(runtime.calls.slice(1)).toEqual([
      `stop ${BROKER}, 30000 ms`,
      `start ${BROKER}`,
      `stop ${BROKER}, 30000 ms`,
      `wipe ${BROKER}`,
      `start ${BROKER}`,
    ]);
    expect(journal.ofType('node-started').map(({ configurationState }) => configurationState)).toEqual([
      'ZK',
      'MIGRATION',
      'MIGRATION',
    ]);
  });

  it('after the operator has deleted it does not come back', async () => {
    const { pods, runtime } = setUp();
    await pods.create('controller', 2, revision('MIGRATION'));
    const removed = pods.remove('controller', 2);
    await expect(pods.restartByUser('controller', 2)).rejects.toThrow('Controller 2 does not exist');
    await removed;
    expect(runtime.launches).toHaveLength(1);
  });

  it('is not followed by a restart of a pass that was abandoned meanwhile', async () => {
    const { pods, runtime, becomeReady } = await withBroker('ZK');
    runtime.onStart = () => becomeReady(BROKER);
    const pass = new AbortController();
    const byUser = pods.restartByUser('broker', 0);
    const rolled = pods.restart('broker', 0, revision('MIGRATION'), 'rolled', pass.signal);
    pass.abort(new Error('abandoned'));
    await expect(rolled).rejects.toThrow('abandoned');
    await byUser;
    expect(runtime.launches).toHaveLength(2);
  });
});

describe('a pass that is abandoned', () => {
  it('does not wait for the node that it has restarted, which starts all the same', async () => {
    const { pods, runtime, becomeReady } = await withBroker('ZK');
    const pass = new AbortController();
    const rolled = pods.restart('broker', 0, revision('MIGRATION'), 'rolled', pass.signal);
    expect(await isSettled(rolled)).toBe(false);
    pass.abort();
    await expect(rolled).rejects.toThrow(WaitAborted);
    expect(runtime.launches).toHaveLength(2);
    becomeReady(BROKER);
    expect(pods.nodes()).toEqual([expect.objectContaining({ configurationState: 'MIGRATION', ready: true })]);
  });

  it('does not wait for a ZooKeeper controller, or for a broker that it updates', async () => {
    const { pods } = await withBroker('MIGRATION');
    const pass = new AbortController();
    const claimed = pods.waitForZooKeeperController(pass.signal);
    pods.died(BROKER, 'exit code 0');
    const updated = pods.updateDynamically(0, pass.signal);
    expect([await isSettled(claimed), await isSettled(updated)]).toEqual([false, false]);
    pass.abort();
    await expect(claimed).rejects.toThrow(WaitAborted);
    await expect(updated).rejects.toThrow(WaitAborted);
  });

  it('fails if the node that it waits for is deleted', async () => {
    const { pods } = setUp();
    await pods.create('controller', 2, revision('MIGRATION'));
    const waiting = pods.waitUntilReady('controller', 2, NEVER).catch((error: unknown) => error);
    await pods.remove('controller', 2);
    expect(await waiting).toBeInstanceOf(PassFailed);
  });
});

describe('a pod that is removed', () => {
  it('is stopped and gone', async () => {
    const { pods, runtime, journal } = await withBroker();
    await pods.remove('broker', 0);
    expect(pods.nodes()).toEqual([]);
    expect(runtime.calls.at(-1)).toBe(`stop ${BROKER}, 30000 ms`);
    expect(journal.ofType('node-stopped')).toEqual([expect.objectContaining({ reason: 'deleted' })]);
    expect(journal.ofType('node-gone')).toEqual([expect.objectContaining({ pod: BROKER })]);
  });

  it('and never existed causes no event', async () => {
    const { pods, runtime, journal } = setUp();
    await pods.remove('controller', 2);
    expect(runtime.calls).toEqual([]);
    expect(journal.events()).toEqual([]);
  });

  it('loses its volume, or only seems to if a defect is planted', async () => {
    const { pods, runtime, journal } = setUp();
    await pods.wipe('controller', 2, 'wiped');
    await pods.wipe('controller', 3, 'kept');
    expect(runtime.calls).toEqual([`wipe ${CONTROLLER}`]);
    expect(journal.ofType('volume-wiped').map(({ pod }) => pod)).toEqual([CONTROLLER, 'my-cluster-controller-3']);
  });
});

describe('a process that exits without being stopped', () => {
  const NODE_EXISTS = [
    '2026-11-26 20:48:13,269 ERROR Error while creating ephemeral at /brokers/ids/0 (kafka.zk.KafkaZkClient) [main]',
    'org.apache.zookeeper.KeeperException$NodeExistsException: KeeperErrorCode = NodeExists',
  ];
  const CRASH = 'ERROR Exiting Kafka: java.lang.RuntimeException: a reason';
  const crashLog = (reason: string): readonly string[] => [
    '2026-11-26 20:48:13,291 ERROR Exiting Kafka. (kafka.Kafka$) [main]',
    `java.lang.RuntimeException: ${reason}`,
    '\tat kafka.Kafka.main(Kafka.scala)',
  ];
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Exits as soon as it runs again. */
  async function dies(
    { pods, runtime, run }: Pick<Awaited<ReturnType<typeof withBroker>>, 'pods' | 'runtime' | 'run'>,
    how: string,
  ): Promise<void> {
    const before = runtime.launches.length;
    pods.died(BROKER, how);
    await jest.advanceTimersByTimeAsync(0);
    expect(run.signal.aborted).toBe(false);
    expect(runtime.launches.length - before).toBeLessThanOrEqual(1);
  }

  it.each([
    ['SIGKILL', /broker-0 exited unexpectedly \(SIGKILL\)\. The run did not send this signal/],
    ['SIGABRT', /exited unexpectedly \(SIGABRT\)/],
    ['exit code 143', /exited unexpectedly \(exit code 143\), which stands for signal 15\. The run did not send/],
    ['exit code 127', /exited unexpectedly \(exit code 127\): its program cannot be executed/],
    ['its container was removed', /exited unexpectedly \(its container was removed\)\. Its last log line: the end$/],
  ])('because of something outside of the cluster (%s) ends the run, which says so', async (how, message) => {
    const { pods, runtime, journal, failures } = await withBroker();
    runtime.logs.set(BROKER, ['the beginning', 'the end']);
    pods.died(BROKER, how);
    expect(failures).toEqual([expect.any(EnvironmentError)]);
    expect(failures[0]?.message).toMatch(message);
    const [stopped] = journal.ofType('node-stopped');
    expect(stopped).toMatchObject({ pod: BROKER, reason: 'died', signal: how });
    // An error in its log did not end it.
    expect(stopped).not.toHaveProperty('error');
    expect(pods.nodes()).toEqual([expect.objectContaining({ ready: false })]);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(runtime.launches).toHaveLength(1);
  });

  it.each([
    ['java.net.BindException: Address already in use', /another process took one of its ports .*Run again\.$/],
    ['java.io.IOException: No space left on device', /broker-0 has no disk space \(exit code 1: ERROR .*Free space/],
    ['java.lang.OutOfMemoryError: Java heap space', /broker-0 has no memory .*Free memory/],
    ['java.net.SocketException: Too many open files', /may not open more files .*ulimit -n/],
  ])('because of the machine (%s) ends the run, which says what to do', async (cause, message) => {
    const { pods, runtime, failures } = await withBroker();
    runtime.logs.set(BROKER, ['2026-11-26 20:48:13,291 ERROR Fatal error. (kafka.Kafka$) [main]', cause]);
    pods.died(BROKER, 'exit code 1');
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(message);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(runtime.launches).toHaveLength(1);
  });

  it.each([
    ['no memory', NO_MEMORY, /has no memory \(exit code 1: # There is insufficient memory/],
    ['a bad option', UNKNOWN_OPTION, /The JVM of my-cluster-broker-0 could not start/],
  ])('before it logs anything (%s) ends the run', async (_why, log, message) => {
    const { pods, runtime, failures } = await withBroker();
    runtime.logs.set(BROKER, log);
    pods.died(BROKER, 'exit code 1');
    expect(failures[0]?.message).toMatch(message);
  });

  it('by itself is started again with the same launch, as by the kubelet, also after it was ready', async () => {
    const { pods, runtime, journal, failures, becomeReady } = await withBroker();
    runtime.logs.set(BROKER, crashLog('a reason'));
    pods.died(BROKER, 'exit code 1');
    expect(pods.nodes()).toEqual([expect.objectContaining({ ready: false })]);
    await jest.advanceTimersByTimeAsync(0);
    expect(runtime.launches[1]).toBe(runtime.launches[0]);
    expect(journal.ofType('container-restarted')).toEqual([
      expect.objectContaining({ pod: BROKER, how: 'exit code 1', backOff: 0, error: CRASH }),
    ]);
    becomeReady(BROKER);
    await pods.waitUntilReady('broker', 0);
    expect(journal.ofType('node-stopped')).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('with the same error three times is given up, with the error, and without failing the run', async () => {
    const world = await withBroker();
    const { runtime, journal, failures } = world;
    runtime.logs.set(BROKER, crashLog('offset 17, epoch 3'));
    await dies(world, 'exit code 1');
    expect(runtime.launches).toHaveLength(2);
    runtime.logs.set(BROKER, crashLog('offset 19, epoch 4'));
    await dies(world, 'exit code 1');
    await jest.advanceTimersByTimeAsync(9_999);
    expect(runtime.launches).toHaveLength(2);
    await jest.advanceTimersByTimeAsync(1);
    expect(runtime.launches).toHaveLength(3);
    await dies(world, 'exit code 1');
    expect(journal.ofType('container-restarted').map(({ backOff }) => backOff)).toEqual([0, 10]);
    expect(journal.ofType('node-stopped')).toEqual([
      expect.objectContaining({
        pod: BROKER,
        reason: 'died',
        signal: 'exit code 1',
        error: 'ERROR Exiting Kafka: java.lang.RuntimeException: offset 19, epoch 4',
      }),
    ]);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(runtime.launches).toHaveLength(3);
    expect(failures).toEqual([]);
  });

  it('with another error each time is started again, at growing intervals of at most five minutes', async () => {
    const world = await withBroker();
    for (const reason of 'abcdefgh') {
      world.runtime.logs.set(BROKER, crashLog(reason));
      await dies(world, 'exit code 1');
      await jest.advanceTimersByTimeAsync(300_000);
    }
    expect(world.journal.ofType('container-restarted').map(({ backOff }) => backOff)).toEqual([
      0, 10, 20, 40, 80, 160, 300, 300,
    ]);
    expect(world.runtime.launches).toHaveLength(9);
  });

  it('without an error counts by how it exited', async () => {
    const world = await withBroker();
    for (let death = 1; death <= 3; death++) {
      await dies(world, 'exit code 3');
      await jest.advanceTimersByTimeAsync(20_000);
    }
    expect(world.journal.ofType('node-stopped')).toEqual([expect.objectContaining({ signal: 'exit code 3' })]);
    // Nothing says why.
    expect(world.journal.ofType('node-stopped')[0]).not.toHaveProperty('error');
  });

  it('with exit code 0 is always started again', async () => {
    const world = await withBroker();
    for (let death = 1; death <= 4; death++) {
      await dies(world, 'exit code 0');
      await jest.advanceTimersByTimeAsync(40_000);
    }
    expect(world.runtime.launches).toHaveLength(5);
    expect(world.journal.ofType('node-stopped')).toEqual([]);
  });

  it('while its predecessor’s registration exists is started three more times: the session lives for 18 s', async () => {
    const world = await withBroker();
    world.runtime.logs.set(BROKER, NODE_EXISTS);
    for (let death = 1; death <= 3; death++) {
      await dies(world, 'exit code 1');
      await jest.advanceTimersByTimeAsync(20_000);
    }
    expect(world.journal.ofType('container-restarted').map(({ backOff }) => backOff)).toEqual([0, 10, 20]);
    expect(world.runtime.launches).toHaveLength(4);
    expect(world.journal.ofType('node-stopped')).toEqual([]);
    await dies(world, 'exit code 1');
    expect(world.journal.ofType('node-stopped')).toEqual([
      expect.objectContaining({ reason: 'died', error: expect.stringContaining('NodeExists') }),
    ]);
    expect(world.failures).toEqual([]);
  });

  it('is not started again once its pod is deleted', async () => {
    const world = await withBroker();
    world.runtime.logs.set(BROKER, crashLog('a reason'));
    await dies(world, 'exit code 1');
    await dies(world, 'exit code 1');
    await world.pods.remove('broker', 0);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(world.runtime.launches).toHaveLength(2);
    expect(world.failures).toEqual([]);
  });

  it('is stopped, if its pod is deleted while its container is started again', async () => {
    const { pods, runtime, failures } = await withBroker();
    runtime.logs.set(BROKER, crashLog('a reason'));
    let started: () => void = () => undefined;
    runtime.beforeStart = () =>
      new Promise((resolve) => {
        started = resolve;
      });
    pods.died(BROKER, 'exit code 1');
    await jest.advanceTimersByTimeAsync(0);
    const removed = pods.remove('broker', 0);
    await jest.advanceTimersByTimeAsync(0);
    expect(runtime.calls).not.toContain(`stop ${BROKER}, 30000 ms`);
    started();
    await removed;
    expect(runtime.calls.slice(-2)).toEqual([`start ${BROKER}`, `stop ${BROKER}, 30000 ms`]);
    expect(failures).toEqual([]);
  });

  it.each(['restartByUser', 'replaceVolume'] as const)(
    'is not started again by the kubelet once the user replaces its pod (%s)',
    async (gesture) => {
      const world = await withBroker();
      const { pods, runtime, journal, failures, becomeReady } = world;
      runtime.logs.set(BROKER, crashLog('a reason'));
      await dies(world, 'exit code 1');
      await dies(world, 'exit code 1');
      // The next restart comes after 10 s.
      runtime.onStart = () => becomeReady(BROKER);
      await pods[gesture]('broker', 0);
      await jest.advanceTimersByTimeAsync(60_000);
      expect(runtime.launches).toHaveLength(3);
      expect(failures).toEqual([]);
      // It begins anew: the back-off of the pod before it does not count.
      await dies(world, 'exit code 1');
      expect(journal.ofType('container-restarted').map(({ backOff }) => backOff)).toEqual([0, 10, 0]);
    },
  );

  it('while its pod is being stopped is not started again, and fails nothing', async () => {
    const { pods, runtime, journal, failures, becomeReady } = await withBroker();
    runtime.onStop = (pod) => pods.died(pod, 'SIGKILL');
    runtime.onStart = () => becomeReady(BROKER);
    await pods.restartByUser('broker', 0);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(runtime.launches).toHaveLength(2);
    expect(journal.ofType('container-restarted')).toEqual([]);
    expect(failures).toEqual([]);
    // After its next start an end counts again.
    pods.died(BROKER, 'exit code 0');
    expect(journal.ofType('container-restarted')).toHaveLength(1);
  });

  it('is not started again after the end of the run', async () => {
    const { pods, runtime, run, failures } = await withBroker();
    runtime.logs.set(BROKER, crashLog('a reason'));
    pods.died(BROKER, 'exit code 1');
    pods.died(BROKER, 'exit code 1');
    run.abort(new WaitAborted('the run is over'));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(runtime.launches.length).toBeLessThanOrEqual(2);
    expect(failures).toEqual([]);
  });

  it('forgets earlier exits when the operator starts it with another configuration', async () => {
    const world = await withBroker();
    world.runtime.logs.set(BROKER, crashLog('a reason'));
    await dies(world, 'exit code 1');
    await dies(world, 'exit code 1');
    world.runtime.onStart = () => world.becomeReady(BROKER);
    await world.pods.restart('broker', 0, revision('MIGRATION'), 'rolled', NEVER);
    await dies(world, 'exit code 1');
    expect(world.journal.ofType('container-restarted').map(({ backOff }) => backOff)).toEqual([0, 10, 0]);
  });

  it('because the scenario’s own fault killed it is started again, and counts as no error', async () => {
    const world = await withBroker();
    const { pods, runtime, journal, failures } = world;
    runtime.logs.set(BROKER, crashLog('of an hour ago'));
    for (let death = 1; death <= 3; death++) {
      await pods.kill(BROKER);
      await dies(world, 'SIGKILL');
      await jest.advanceTimersByTimeAsync(20_000);
    }
    expect(journal.ofType('container-restarted').map(({ backOff }) => backOff)).toEqual([0, 10, 20]);
    expect(journal.ofType('container-restarted')[0]).not.toHaveProperty('error');
    expect(journal.ofType('node-stopped')).toEqual([]);
    expect(failures).toEqual([]);
    // A signal that came later is not the fault's.
    pods.died(BROKER, 'SIGKILL');
    expect(failures).toHaveLength(1);
  });

  it('must be one of the cluster', () => {
    const { pods, journal, failures } = setUp();
    pods.died('not-of-this-run', 'SIGKILL');
    pods.line('not-of-this-run', READY[BROKER]);
    expect(failures).toEqual([]);
    expect(journal.events()).toEqual([]);
  });
});

describe('the nodes', () => {
  /** A listener that never answers, and one that closes every connection. */
  async function listener(accept: (socket: Socket) => void): Promise<{ readonly address: string; close(): void }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      accept(socket);
    });
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      address: `127.0.0.1:${port}`,
      close: () => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    };
  }

  it('that respond, or refuse to, are not named; one that is not ready is not asked', async () => {
    const server = await listener((socket) => socket.destroy());
    try {
      const { pods, runtime } = await withBroker();
      runtime.address = server.address;
      await pods.create('zookeeper', 0, revision(null));
      await expect(pods.unresponsive(new AbortController().signal)).resolves.toEqual([]);
    } finally {
      server.close();
    }
  });

  it('whose process is stopped are named, whether they are ready or not', async () => {
    const { pods, runtime } = await withBroker();
    await pods.create('zookeeper', 0, revision(null));
    runtime.stoppedStates.set(ZOOKEEPER, 'its process is stopped (state T)');
    await expect(pods.unresponsive(new AbortController().signal)).resolves.toEqual([
      { pod: ZOOKEEPER, detail: 'its process is stopped (state T)' },
    ]);
  });

  it('are frozen and thawed by the runtime, and only while they run', async () => {
    const { pods, runtime } = await withBroker();
    await pods.freeze(BROKER);
    await pods.thaw(BROKER);
    expect(runtime.calls.slice(-2)).toEqual([`freeze ${BROKER}`, `thaw ${BROKER}`]);
    await expect(pods.freeze(CONTROLLER)).rejects.toThrow(`${CONTROLLER} is not running: the fault cannot be injected`);
    await expect(pods.kill(CONTROLLER)).rejects.toThrow(EnvironmentError);
    // It was stopped meanwhile.
    await pods.thaw(CONTROLLER);
    expect(runtime.calls.at(-1)).toBe(`thaw ${BROKER}`);
  });
});

describe('the claim of /controller', () => {
  it('is waited for after /controller was deleted: an earlier claim does not count', async () => {
    const { pods, deleted } = await withBroker('MIGRATION');
    pods.line(BROKER, CLAIM);
    await pods.deleteZnode('/controller');
    const claimed = pods.waitForZooKeeperController(NEVER);
    expect(await isSettled(claimed)).toBe(false);
    pods.line(BROKER, CLAIM);
    await expect(claimed).resolves.toBeUndefined();
    expect(deleted).toEqual(['/controller']);
  });

  it('is not affected by the deletion of another znode', async () => {
    const { pods } = await withBroker('MIGRATION');
    await pods.deleteZnode('/controller');
    pods.line(BROKER, CLAIM);
    await expect(pods.deleteZnode('/migration')).resolves.toBe('deleted');
    await expect(pods.waitForZooKeeperController(NEVER)).resolves.toBeUndefined();
  });

  it('is no longer waited for when the run ends', async () => {
    const { pods, run } = await withBroker('MIGRATION');
    const claimed = pods.waitForZooKeeperController(run.signal);
    run.abort();
    await expect(claimed).rejects.toThrow(WaitAborted);
  });

  it('is reported as in ZooKeeper', async () => {
    await expect(setUp().pods.reportedController()).resolves.toBe(1);
    await expect(
      setUp({ zooKeeperController: async () => undefined }).pods.reportedController(),
    ).resolves.toBeUndefined();
  });
});

describe('the migration state', () => {
  async function withControllers() {
    const world = setUp();
    for (const nodeId of [2, 3]) await world.pods.create('controller', nodeId, revision('PRE_MIGRATION'));
    const replays = (pod: string, zkMigrationState: 'PRE_MIGRATION' | 'MIGRATION'): void => {
      world.journal.write({ type: 'controller-log', pod, level: 'INFO', text: 'A line', zkMigrationState });
    };
    return { ...world, replays };
  }

  it('is what the first controller that responds reports', async () => {
    const { pods, becomeReady, replays } = await withControllers();
    becomeReady(CONTROLLER);
    becomeReady('my-cluster-controller-3');
    replays(CONTROLLER, 'PRE_MIGRATION');
    replays('my-cluster-controller-3', 'MIGRATION');
    expect(pods.migrationState([2, 3])).toBe('PRE_MIGRATION');
    expect(pods.migrationState([3, 2])).toBe('MIGRATION');
  });

  it('is not asked of a controller that is not ready', async () => {
    const { pods, becomeReady, replays } = await withControllers();
    replays(CONTROLLER, 'PRE_MIGRATION');
    becomeReady('my-cluster-controller-3');
    replays('my-cluster-controller-3', 'MIGRATION');
    expect(pods.migrationState([2, 3])).toBe('MIGRATION');
  });

  it('is unknown when there is no controller', async () => {
    const { pods, becomeReady } = await withControllers();
    expect(pods.migrationState([2, 3])).toBeUndefined();
    becomeReady(CONTROLLER);
    expect(pods.migrationState([2, 3])).toBe('NONE');
    await pods.remove('controller', 2);
    expect(pods.migrationState([2])).toBeUndefined();
    expect(pods.migrationState([])).toBeUndefined();
  });
});

describe('a dynamic update', () => {
  const STALE_CONTROLLER_EPOCH = 11;
  const INVALID_CONFIG = 40;
  let broker: FakeBroker;
  beforeEach(async () => {
    broker = await FakeBroker.start();
  });
  afterEach(() => broker.stop());

  /** The broker's responses one after another; the last one is repeated. */
  async function answering(...answers: readonly ReturnType<typeof altered>[]) {
    broker.answers.set(API.INCREMENTAL_ALTER_CONFIGS, (writer, count) =>
      (answers[count] ?? answers.at(-1))?.(writer, count),
    );
    const world = await withBroker('MIGRATION');
    world.runtime.address = broker.address;
    return world;
  }

  it('that is accepted is remembered until the next start', async () => {
    const { pods, runtime, becomeReady } = await answering(altered(0, null));
    await expect(pods.updateDynamically(0, NEVER)).resolves.toBe('updated');
    expect(pods.nodes()[0]?.updatedSinceStart).toBe(true);
    runtime.onStart = () => becomeReady(BROKER);
    await pods.restart('broker', 0, revision('MIGRATION'), 'rolled', NEVER);
    expect(pods.nodes()[0]?.updatedSinceStart).toBe(false);
  });

  it('is sent again while the broker does not know the KRaft controller', async () => {
    const { pods } = await answering(altered(STALE_CONTROLLER_EPOCH, 'not yet'), altered(0, null));
    await expect(pods.updateDynamically(0, NEVER)).resolves.toBe('updated');
    expect(broker.requests.filter((key) => key === API.INCREMENTAL_ALTER_CONFIGS)).toHaveLength(2);
  });

  it('is refused immediately by a broker that will never know it', async () => {
    const { pods, journal } = await answering(altered(STALE_CONTROLLER_EPOCH, 'there is a KRaft controller'));
    for (const text of [
      '[KRaftMigrationDriver id=2] Initial migration of ZK metadata is done.',
      '[KRaftMigrationDriver id=2] Ignoring image. Staying in SYNC_KRAFT_TO_ZK until a newer image is loaded',
    ]) {
      journal.write({ type: 'controller-log', pod: CONTROLLER, level: 'INFO', text });
    }
    await expect(pods.updateDynamically(0, NEVER)).resolves.toEqual({
      refused: 'STALE_CONTROLLER_EPOCH: there is a KRaft controller',
    });
    expect(pods.nodes()[0]?.updatedSinceStart).toBe(false);
    expect(broker.requests.filter((key) => key === API.INCREMENTAL_ALTER_CONFIGS)).toHaveLength(1);
  });

  it('is refused immediately for any other reason', async () => {
    const { pods } = await answering(altered(INVALID_CONFIG, 'no such key'));
    await expect(pods.updateDynamically(0, NEVER)).resolves.toEqual({ refused: 'INVALID_CONFIG: no such key' });
  });

  it('waits for a broker that is being started', async () => {
    const { pods, becomeReady } = await answering(altered(0, null));
    const restarting = pods.restartByUser('broker', 0);
    const updating = pods.updateDynamically(0, NEVER);
    expect(await isSettled(updating)).toBe(false);
    expect(broker.requests).toEqual([]);
    becomeReady(BROKER);
    await restarting;
    await expect(updating).resolves.toBe('updated');
  });

  it('of a broker that has exited fails the pass, not the run', async () => {
    const { pods } = await answering();
    await broker.stop();
    const error: unknown = await pods.updateDynamically(0, NEVER).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PassFailed);
    expect(error).toMatchObject({ reason: 'ForceableProblem' });
  });

  it('ends with the run', async () => {
    const { pods, run } = await answering(altered(STALE_CONTROLLER_EPOCH, 'not yet'));
    const updating = pods.updateDynamically(0, run.signal);
    run.abort(new WaitAborted('the run is over'));
    await expect(updating).rejects.toThrow();
  });
});
