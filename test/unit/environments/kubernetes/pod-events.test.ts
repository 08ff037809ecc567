import { describe, expect, it } from '@jest/globals';
import { PodEvents } from '../../../../src/environments/kubernetes/pod-events.js';
import { Journal } from '../../../../src/journal/journal.js';
import type { Claim, Pod } from '../../../../src/kubernetes/core-objects.js';

const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-1';
const ZOOKEEPER = 'my-cluster-zookeeper-0';

interface Look {
  readonly ready?: boolean;
  readonly deleting?: boolean;
  readonly phase?: string;
  readonly restarts?: number;
  /** Of the container's previous run. */
  readonly exitCode?: number;
  /** The kubelet or the eviction API removes it. */
  readonly disrupted?: boolean;
  /** What its data is on; if omitted, the pod does not show it. */
  readonly volume?: { readonly emptyDir: object } | { readonly persistentVolumeClaim: object };
  readonly scheduled?: boolean;
}

const ON_CLAIM = { volume: { persistentVolumeClaim: {} } } as const;
const EPHEMERAL = { volume: { emptyDir: {} } } as const;

/** A pod with the labels of Strimzi 0.45.1 (recording 0.45.1-one-broker, objects). */
function pod(name: string, uid: string, look: Look = {}): Pod {
  const { ready = false, deleting = false, phase = 'Running', restarts = 0, exitCode = 1, disrupted = false } = look;
  const [, role] = /-(zookeeper|broker|controller)-\d+$/.exec(name) ?? [];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid,
      namespace: 'ns',
      labels:
        role === 'zookeeper'
          ? { 'strimzi.io/component-type': 'zookeeper' }
          : {
              'strimzi.io/component-type': 'kafka',
              'strimzi.io/broker-role': String(role === 'broker'),
              'strimzi.io/controller-role': String(role === 'controller'),
            },
      ...(deleting ? { deletionTimestamp: '2026-11-24T10:00:00Z' } : {}),
    },
    ...(look.volume === undefined
      ? {}
      : {
          spec: {
            containers: [],
            volumes: [{ name: role === 'zookeeper' ? 'data' : 'data-0', ...look.volume }],
            ...(look.scheduled === true ? { nodeName: 'a-node' } : {}),
          },
        }),
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False' },
        ...(disrupted ? [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }] : []),
      ],
      containerStatuses: [
        {
          name: 'kafka',
          restartCount: restarts,
          ...(restarts > 0 ? { lastState: { terminated: { exitCode, reason: 'Error' } } } : {}),
        },
      ],
    },
  };
}

const claim = (name: string, uid: string): Claim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, uid, namespace: 'ns' },
});

class World {
  readonly journal = new Journal();
  readonly configMaps = new Map<string, Readonly<Record<string, string>>>();
  readonly claims = new Map<string, string>();
  readonly failures: Error[] = [];
  /** The fatal line of the previous container's log, by pod. */
  readonly fatalLines = new Map<string, string>();
  unreadableLog: Error | undefined;
  readonly events = new PodEvents(this.journal, {
    configMap: async (name) => this.configMaps.get(name),
    claimUid: async (name) => this.claims.get(name),
    fatalLine: async (name) => {
      if (this.unreadableLog !== undefined) throw this.unreadableLog;
      return this.fatalLines.get(name);
    },
    failed: (error) => this.failures.push(error),
  });

  constructor() {
    this.configMaps.set(BROKER, { 'metadata.state': '0', 'server.config': 'node.id=0\n' });
    this.configMaps.set(CONTROLLER, { 'metadata.state': '1', 'metadata.version': '3.9', 'cluster.id': 'abc' });
  }

  async reported(): Promise<readonly string[]> {
    await this.events.settled();
    return this.journal.events().map((event) => {
      switch (event.type) {
        case 'node-started':
          return `${event.pod} started ${event.configurationState} ${event.mode}${event.volume === undefined ? '' : ` ${event.volume}`}`;
        case 'node-stopped':
          return `${event.pod} stopped ${event.reason}`;
        case 'container-restarted':
          return `${event.pod} container restarted: ${event.how}`;
        case 'node-ready':
        case 'node-stopping':
        case 'node-gone':
        case 'volume-wiped':
          return `${event.pod} ${event.type}`;
        default:
          return event.type;
      }
    });
  }
}

describe('the events of a node', () => {
  it('begin with its configuration, key by key', async () => {
    const world = new World();
    world.configMaps.set(BROKER, {
      'metadata.state': '3',
      'metadata.version': '3.9',
      'cluster.id': 'abc',
      'server.config': '# a comment\nnode.id=0\nlisteners=A://0.0.0.0:1,B://0.0.0.0:2\n',
      'log4j.properties': 'x=y',
    });
    world.events.pod('added', pod(BROKER, 'u1'));
    await world.events.settled();
    expect(world.journal.ofType('node-started')).toEqual([
      expect.objectContaining({
        role: 'broker',
        nodeId: 0,
        pod: BROKER,
        configurationState: 'POST_MIGRATION',
        mode: 'kraft',
        configuration: { 'node.id': '0', listeners: 'A://0.0.0.0:1,B://0.0.0.0:2' },
        configMap: { 'metadata.state': '3', 'metadata.version': '3.9', 'cluster.id': 'abc' },
      }),
    ]);
    expect(world.journal.ofType('node-started')[0]).not.toHaveProperty('volume');
  });

  it('of a roll: stopping, stopped, and the next pod starts', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true }));
    world.events.announce(BROKER, 'rolled');
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true, deleting: true }));
    world.events.pod('modified', pod(BROKER, 'u1', { deleting: true, phase: 'Succeeded' }));
    world.events.pod('deleted', pod(BROKER, 'u1', { deleting: true, phase: 'Succeeded' }));
    await world.events.settled();
    world.configMaps.set(BROKER, { 'metadata.state': '2' });
    world.events.pod('added', pod(BROKER, 'u2'));
    world.events.pod('modified', pod(BROKER, 'u2', { ready: true }));
    world.events.pod('modified', pod(BROKER, 'u2', { ready: true }));
    expect(await world.reported()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} node-ready`,
      `${BROKER} node-stopping`,
      `${BROKER} stopped rolled`,
      `${BROKER} started MIGRATION zookeeper-based`,
      `${BROKER} node-ready`,
    ]);
  });

  it('of a pool that is deleted with its claims and created again', async () => {
    const world = new World();
    world.events.claim('added', claim(`data-0-${CONTROLLER}`, 'c1'));
    world.claims.set(CONTROLLER, 'c1');
    world.events.pod('added', pod(CONTROLLER, 'u1'));
    world.events.pod('modified', pod(CONTROLLER, 'u1', { deleting: true }));
    world.events.pod('deleted', pod(CONTROLLER, 'u1', { deleting: true, phase: 'Succeeded' }));
    await world.events.settled();
    expect(world.events.hasClaimOf(CONTROLLER)).toBe(true);
    world.events.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c1'));
    expect(world.events.hasClaimOf(CONTROLLER)).toBe(false);
    await world.events.settled();
    world.claims.set(CONTROLLER, 'c2');
    world.events.pod('added', pod(CONTROLLER, 'u2'));
    expect(await world.reported()).toEqual([
      `${CONTROLLER} started PRE_MIGRATION kraft empty`,
      `${CONTROLLER} node-stopping`,
      `${CONTROLLER} stopped deleted`,
      `${CONTROLLER} node-gone`,
      `${CONTROLLER} volume-wiped`,
      `${CONTROLLER} started PRE_MIGRATION kraft empty`,
    ]);
  });

  it('of a claim that is kept: the second start finds a used volume', async () => {
    const world = new World();
    world.claims.set(CONTROLLER, 'c1');
    world.events.pod('added', pod(CONTROLLER, 'u1'));
    world.events.pod('deleted', pod(CONTROLLER, 'u1'));
    world.events.pod('added', pod(CONTROLLER, 'u2'));
    const started = (await world.reported()).filter((line) => line.includes('started'));
    expect(started.map((line) => line.split(' ').at(-1))).toEqual(['empty', 'used']);
  });

  it.each([
    ['forced', 'stopped forced'],
    ['user', 'stopped user'],
  ] as const)('of a restart that was announced as %s', async (reason, expected) => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.announce(BROKER, reason);
    world.events.pod('deleted', pod(BROKER, 'u1', { deleting: true }));
    expect(await world.reported()).toContain(`${BROKER} ${expected}`);
    expect(await world.reported()).not.toContain(`${BROKER} node-gone`);
  });

  it('of a terminating pod whose next restart is announced: its own reason stays', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.announce(BROKER, 'forced');
    world.events.pod('modified', pod(BROKER, 'u1', { deleting: true }));
    // A pass that timed out while the pod was stopping is followed by one that rolls the pod.
    world.events.announce(BROKER, 'rolled');
    world.events.pod('deleted', pod(BROKER, 'u1', { deleting: true }));
    expect(await world.reported()).toContain(`${BROKER} stopped forced`);
  });

  it('of a pod that terminates before its restart is announced, because the log lags behind', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.pod('modified', pod(BROKER, 'u1', { deleting: true }));
    world.events.announce(BROKER, 'rolled');
    world.events.pod('deleted', pod(BROKER, 'u1', { deleting: true }));
    expect(await world.reported()).toContain(`${BROKER} stopped rolled`);
  });

  it('of a pod whose announced restart is complete: the next deletion is permanent', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.announce(BROKER, 'rolled');
    world.events.pod('deleted', pod(BROKER, 'u1'));
    world.events.pod('added', pod(BROKER, 'u2'));
    world.events.pod('deleted', pod(BROKER, 'u2'));
    expect((await world.reported()).slice(-2)).toEqual([`${BROKER} stopped deleted`, `${BROKER} node-gone`]);
  });

  it('of a pod that the kubelet evicts: it died once, is not ready again, and is not gone', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1', { ready: true }));
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true, phase: 'Failed' }));
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true, phase: 'Failed', disrupted: true }));
    world.events.pod('modified', pod(BROKER, 'u1', { phase: 'Failed', deleting: true }));
    world.events.pod('deleted', pod(BROKER, 'u1', { phase: 'Failed', deleting: true }));
    world.events.pod('added', pod(BROKER, 'u2'));
    expect(await world.reported()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} node-ready`,
      `${BROKER} stopped died`,
      `${BROKER} node-stopping`,
      `${BROKER} started ZK zookeeper-based`,
    ]);
  });

  it('of a pod that is deleted by an eviction, as when a node is drained: its StrimziPodSet recreates it', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.pod('modified', pod(BROKER, 'u1', { deleting: true, disrupted: true }));
    world.events.pod('deleted', pod(BROKER, 'u1', { deleting: true, disrupted: true, phase: 'Succeeded' }));
    world.events.pod('added', pod(BROKER, 'u2'));
    expect(await world.reported()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} node-stopping`,
      `${BROKER} stopped died`,
      `${BROKER} started ZK zookeeper-based`,
    ]);
  });

  it('of a roll together with an eviction: the operator’s reason is used', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.announce(BROKER, 'rolled');
    world.events.pod('modified', pod(BROKER, 'u1', { deleting: true, disrupted: true }));
    world.events.pod('deleted', pod(BROKER, 'u1', { deleting: true, disrupted: true, phase: 'Failed' }));
    expect((await world.reported()).at(-1)).toBe(`${BROKER} stopped rolled`);
  });

  it('of a broker whose claim is deleted with its pod: it starts when the operator has made the claim again', async () => {
    const world = new World();
    const name = `data-0-${BROKER}`;
    world.claims.set(BROKER, 'c1');
    world.events.claim('added', claim(name, 'c1'));
    world.events.pod('added', pod(BROKER, 'u1', ON_CLAIM));
    world.events.announce(BROKER, 'user');
    await world.events.settled();
    // The claim is being deleted.
    world.claims.delete(BROKER);
    world.events.pod('modified', pod(BROKER, 'u1', { ...ON_CLAIM, deleting: true }));
    world.events.pod('deleted', pod(BROKER, 'u1', { ...ON_CLAIM, deleting: true, phase: 'Succeeded' }));
    world.events.pod('added', pod(BROKER, 'u2', { ...ON_CLAIM, phase: 'Pending' }));
    world.events.claim('deleted', claim(name, 'c1'));
    world.events.pod('modified', pod(BROKER, 'u2', { ...ON_CLAIM, phase: 'Pending' }));
    const before = [
      `${BROKER} started ZK zookeeper-based empty`,
      `${BROKER} node-stopping`,
      `${BROKER} stopped user`,
      `${BROKER} volume-wiped`,
    ];
    expect(await world.reported()).toEqual(before);
    expect(world.events.nodes()).toEqual([]);
    world.claims.set(BROKER, 'c2');
    world.configMaps.set(BROKER, { 'metadata.state': '3', 'metadata.version': '3.9', 'cluster.id': 'abc' });
    world.events.claim('added', claim(name, 'c2'));
    world.events.pod('modified', pod(BROKER, 'u2', { ...ON_CLAIM, ready: true, scheduled: true }));
    expect(await world.reported()).toEqual([
      ...before,
      // With the configuration that it has now.
      `${BROKER} started POST_MIGRATION kraft empty`,
      `${BROKER} node-ready`,
    ]);
  });

  it('of a claim whose deletion is seen before that of its pod: the claim is the last', async () => {
    const world = new World();
    world.claims.set(CONTROLLER, 'c1');
    world.events.claim('added', claim(`data-0-${CONTROLLER}`, 'c1'));
    world.events.pod('added', pod(CONTROLLER, 'u1', ON_CLAIM));
    world.events.pod('modified', pod(CONTROLLER, 'u1', { ...ON_CLAIM, deleting: true }));
    // A claim of that name from before.
    world.events.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c0'));
    world.events.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c1'));
    await world.events.settled();
    expect(world.events.hasClaimOf(CONTROLLER)).toBe(false);
    world.events.pod('deleted', pod(CONTROLLER, 'u1', { ...ON_CLAIM, deleting: true, phase: 'Succeeded' }));
    expect(await world.reported()).toEqual([
      `${CONTROLLER} started PRE_MIGRATION kraft empty`,
      `${CONTROLLER} node-stopping`,
      `${CONTROLLER} volume-wiped`,
      `${CONTROLLER} stopped deleted`,
      `${CONTROLLER} node-gone`,
      `${CONTROLLER} volume-wiped`,
    ]);
  });

  it('of a pod that is deleted while it waits for its claim: there are none', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1', ON_CLAIM));
    world.events.pod('deleted', pod(BROKER, 'u1', ON_CLAIM));
    world.claims.set(BROKER, 'c1');
    world.events.claim('added', claim(`data-0-${BROKER}`, 'c1'));
    expect(await world.reported()).toEqual([]);
  });

  it('of a pod that was scheduled, although its claim is deleted by now', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1', { ...ON_CLAIM, scheduled: true }));
    expect(await world.reported()).toEqual([`${BROKER} started ZK zookeeper-based`]);
  });

  it('of a pod that is announced while it waits for its claim', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1', ON_CLAIM));
    world.events.announce(BROKER, 'rolled');
    world.claims.set(BROKER, 'c1');
    world.events.pod('modified', pod(BROKER, 'u1', ON_CLAIM));
    world.events.pod('deleted', pod(BROKER, 'u1', ON_CLAIM));
    expect((await world.reported()).at(-1)).toBe(`${BROKER} stopped rolled`);
  });

  it('of ephemeral storage: the data ends with the pod, not with a container', async () => {
    const world = new World();
    world.claims.set(CONTROLLER, 'a claim of an earlier pool');
    world.events.pod('added', pod(CONTROLLER, 'u1', EPHEMERAL));
    world.events.pod('modified', pod(CONTROLLER, 'u1', { ...EPHEMERAL, restarts: 1 }));
    world.events.announce(CONTROLLER, 'user');
    world.events.pod('deleted', pod(CONTROLLER, 'u1', EPHEMERAL));
    world.events.pod('added', pod(CONTROLLER, 'u2', EPHEMERAL));
    // Its deletion was not seen before its successor.
    world.events.pod('added', pod(CONTROLLER, 'u3', EPHEMERAL));
    world.events.pod('deleted', pod(CONTROLLER, 'u3', EPHEMERAL));
    expect(await world.reported()).toEqual([
      `${CONTROLLER} started PRE_MIGRATION kraft empty`,
      `${CONTROLLER} container restarted: exit code 1 (Error)`,
      `${CONTROLLER} stopped user`,
      `${CONTROLLER} volume-wiped`,
      `${CONTROLLER} started PRE_MIGRATION kraft empty`,
      `${CONTROLLER} stopped deleted`,
      `${CONTROLLER} volume-wiped`,
      `${CONTROLLER} started PRE_MIGRATION kraft empty`,
      `${CONTROLLER} stopped deleted`,
      `${CONTROLLER} node-gone`,
      `${CONTROLLER} volume-wiped`,
    ]);
  });

  it('of ZooKeeper, which reads no ConfigMap, and is deleted with its claim', async () => {
    const world = new World();
    world.claims.set(ZOOKEEPER, 'z1');
    world.events.claim('added', claim(`data-${ZOOKEEPER}`, 'z1'));
    world.events.pod('added', pod(ZOOKEEPER, 'u1'));
    await world.events.settled();
    expect(world.events.nodes()).toEqual([expect.objectContaining({ role: 'zookeeper', configurationState: null })]);
    expect(world.events.hasClaimOf(ZOOKEEPER)).toBe(true);
    world.events.pod('modified', pod(ZOOKEEPER, 'u1', { deleting: true }));
    world.events.pod('modified', pod(ZOOKEEPER, 'u1', { deleting: true, phase: 'Succeeded' }));
    world.events.pod('deleted', pod(ZOOKEEPER, 'u1', { deleting: true, phase: 'Succeeded' }));
    world.events.claim('deleted', claim(`data-${ZOOKEEPER}`, 'z1'));
    expect(await world.reported()).toEqual([
      `${ZOOKEEPER} started null zookeeper empty`,
      `${ZOOKEEPER} node-stopping`,
      `${ZOOKEEPER} stopped deleted`,
      `${ZOOKEEPER} node-gone`,
      `${ZOOKEEPER} volume-wiped`,
    ]);
  });

  it('of a new pod that is seen before the deletion of the old one: stopped comes before started', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.announce(BROKER, 'rolled');
    world.events.pod('added', pod(BROKER, 'u2'));
    world.events.pod('deleted', pod(BROKER, 'u1'));
    expect(await world.reported()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} stopped rolled`,
      `${BROKER} started ZK zookeeper-based`,
    ]);
    expect(world.events.nodes().map(({ uid }) => uid)).toEqual(['u2']);
  });

  it('of a container that is restarted in its pod', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1, ready: true }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 2 }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 2, ready: true }));
    expect(await world.reported()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} container restarted: exit code 1 (Error)`,
      `${BROKER} node-ready`,
      `${BROKER} container restarted: exit code 1 (Error)`,
      `${BROKER} node-ready`,
    ]);
  });

  it('do not include restarts before the watch began', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1', { restarts: 3 }));
    expect(await world.reported()).toEqual([`${BROKER} started ZK zookeeper-based`]);
  });

  it('ignore late events of a previous pod, and pods that are not nodes', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u2'));
    world.events.pod('deleted', pod(BROKER, 'u1'));
    world.events.pod('added', { ...pod(BROKER, 'u3'), metadata: { name: 'my-cluster-entity-operator-5f', uid: 'u3' } });
    expect(await world.reported()).toEqual([`${BROKER} started ZK zookeeper-based`]);
  });

  it('have no start of a pod that was deleted before its ConfigMap could be read', async () => {
    const world = new World();
    world.configMaps.delete(BROKER);
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.pod('deleted', pod(BROKER, 'u1'));
    expect(await world.reported()).toEqual([`${BROKER} stopped deleted`, `${BROKER} node-gone`]);
  });

  it('report a volume as used even if the start of its first pod was not read', async () => {
    const world = new World();
    const configMap = world.configMaps.get(CONTROLLER) ?? {};
    world.configMaps.delete(CONTROLLER);
    world.claims.set(CONTROLLER, 'c1');
    world.events.pod('added', pod(CONTROLLER, 'u1'));
    await world.events.settled();
    expect(world.events.nodes()).toEqual([expect.objectContaining({ uid: 'u1', configurationState: undefined })]);
    world.events.pod('deleted', pod(CONTROLLER, 'u1'));
    world.configMaps.set(CONTROLLER, configMap);
    world.events.pod('added', pod(CONTROLLER, 'u2'));
    expect((await world.reported()).at(-1)).toBe(`${CONTROLLER} started PRE_MIGRATION kraft used`);
  });

  it('report a fact that cannot be read as a failure', async () => {
    const world = new World();
    world.configMaps.set(BROKER, { 'metadata.state': '9' });
    world.events.pod('added', pod(BROKER, 'u1'));
    await world.events.settled();
    expect(world.failures.map(({ message }) => message)).toEqual(['no configuration state has the ordinal 9']);
    expect(world.events.nodes()).toEqual([expect.objectContaining({ uid: 'u1', configurationState: undefined })]);
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true }));
    expect(await world.reported()).toEqual([`${BROKER} node-ready`]);
  });

  it('continue after the API server has failed', async () => {
    const failures: Error[] = [];
    const journal = new Journal();
    const story = new PodEvents(journal, {
      configMap: () => Promise.reject(new Error('the API server answered 500')),
      claimUid: async () => undefined,
      fatalLine: async () => undefined,
      failed: (error) => failures.push(error),
    });
    story.pod('added', pod(BROKER, 'u1'));
    story.pod('deleted', pod(BROKER, 'u1'));
    await story.settled();
    expect(failures.map(({ message }) => message)).toEqual(['the API server answered 500']);
    expect(journal.events().map(({ type }) => type)).toEqual(['node-stopped', 'node-gone']);
    expect(story.nodes()).toEqual([]);
  });

  it('say why a container ended that ended by itself, before what happened next', async () => {
    const world = new World();
    world.fatalLines.set(BROKER, 'ERROR Exiting Kafka: java.lang.RuntimeException: a reason');
    world.events.pod('added', pod(BROKER, 'u1', { ready: true }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1, ready: true }));
    expect((await world.reported()).slice(1)).toEqual([
      `${BROKER} node-ready`,
      `${BROKER} container restarted: exit code 1 (Error)`,
      `${BROKER} node-ready`,
    ]);
    expect(world.journal.ofType('container-restarted').map(({ error }) => error)).toEqual([
      'ERROR Exiting Kafka: java.lang.RuntimeException: a reason',
    ]);
  });

  it('do not blame the log of a container that a signal ended', async () => {
    const world = new World();
    world.fatalLines.set(BROKER, 'ERROR an error of an hour ago');
    world.events.pod('added', pod(BROKER, 'u1', { ready: true }));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1, exitCode: 137 }));
    await world.events.settled();
    expect(world.journal.ofType('container-restarted')[0]).not.toHaveProperty('error');
  });

  it('report a log that cannot be read as a failure, and the restart all the same', async () => {
    const world = new World();
    world.unreadableLog = new Error('the API server answered 500');
    world.events.pod('added', pod(BROKER, 'u1'));
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    expect(await world.reported()).toContain(`${BROKER} container restarted: exit code 1 (Error)`);
    expect(world.failures.map(({ message }) => message)).toEqual(['the API server answered 500']);
  });

  it('show whether a node has been ready since its container was started', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1'));
    const seen = async (): Promise<unknown> => {
      await world.events.settled();
      return world.events.nodes().map(({ hasBeenReady }) => hasBeenReady);
    };
    expect(await seen()).toEqual([false]);
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true }));
    world.events.pod('modified', pod(BROKER, 'u1'));
    expect(await seen()).toEqual([true]);
    world.events.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    expect(await seen()).toEqual([false]);
  });

  it('keep a pod whose containers have terminated among the nodes until it is deleted', async () => {
    const world = new World();
    world.events.pod('added', pod(BROKER, 'u1', { ready: true }));
    await world.events.settled();
    expect(world.events.nodes()).toEqual([
      {
        pod: BROKER,
        uid: 'u1',
        role: 'broker',
        nodeId: 0,
        configurationState: 'ZK',
        ready: true,
        hasBeenReady: true,
        deleting: false,
      },
    ]);
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true, deleting: true }));
    expect(world.events.nodes()).toEqual([expect.objectContaining({ ready: false, deleting: true })]);
    world.events.pod('modified', pod(BROKER, 'u1', { ready: true, deleting: true, phase: 'Succeeded' }));
    expect(world.events.nodes()).toEqual([expect.objectContaining({ ready: false, deleting: true })]);
    world.events.pod('deleted', pod(BROKER, 'u1'));
    expect(world.events.nodes()).toEqual([]);
  });
});

describe('what PodEvents returns', () => {
  /** A controller is deleted while the API server has not yet answered about the start of a broker. */
  function withSlowStart() {
    const journal = new Journal();
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const story = new PodEvents(journal, {
      configMap: async (name) => {
        if (name === BROKER) await answered;
        return { 'metadata.state': '1', 'metadata.version': '3.9', 'cluster.id': 'abc' };
      },
      claimUid: async () => undefined,
      fatalLine: async () => undefined,
      failed: (error) => {
        throw error;
      },
    });
    return { journal, story, answer: () => answer() };
  }

  it('is in the journal: events after a wait for a deletion come after the deletion', async () => {
    const { journal, story, answer } = withSlowStart();
    story.claim('added', claim(`data-0-${CONTROLLER}`, 'c1'));
    story.pod('added', pod(CONTROLLER, 'u1'));
    await story.settled();
    const awaited: string[] = [];
    story.subscribe(() => {
      const seen = journal.events().map(({ type }) => type);
      if (story.nodes().length === 0 && awaited.length === 0) awaited.push(`gone, after ${seen.at(-1)}`);
      if (!story.hasClaimOf(CONTROLLER) && awaited.length === 1) awaited.push(`wiped, after ${seen.at(-1)}`);
    });
    story.pod('modified', pod(CONTROLLER, 'u1', { deleting: true }));
    story.pod('deleted', pod(CONTROLLER, 'u1', { deleting: true, phase: 'Succeeded' }));
    story.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c1'));
    expect(awaited).toEqual(['gone, after node-gone', 'wiped, after volume-wiped']);
    answer();
  });

  it('is in the journal even while the facts of a start are read: later changes wait for them', async () => {
    const { journal, story, answer } = withSlowStart();
    story.claim('added', claim(`data-0-${CONTROLLER}`, 'c1'));
    story.pod('added', pod(CONTROLLER, 'u1'));
    await story.settled();
    story.pod('added', pod(BROKER, 'b1', { ready: true }));
    story.pod('deleted', pod(CONTROLLER, 'u1', { deleting: true, phase: 'Succeeded' }));
    story.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c1'));
    expect(story.nodes().map(({ uid }) => uid)).toEqual(['u1']);
    expect(story.hasClaimOf(CONTROLLER)).toBe(true);
    answer();
    await story.settled();
    expect(story.nodes().map(({ uid, ready }) => [uid, ready])).toEqual([['b1', true]]);
    expect(story.hasClaimOf(CONTROLLER)).toBe(false);
    expect(journal.events().map(({ type }) => type)).toEqual([
      'node-started',
      'node-started',
      'node-ready',
      'node-stopping',
      'node-stopped',
      'node-gone',
      'volume-wiped',
    ]);
  });

  it('does not include a pod whose replacement exists, even while the facts of that start are read', async () => {
    const { story, answer } = withSlowStart();
    story.pod('added', pod(BROKER, 'b1'));
    answer();
    await story.settled();
    story.pod('added', pod(BROKER, 'b2'));
    expect(story.nodes()).toEqual([]);
    await story.settled();
    expect(story.nodes().map(({ uid }) => uid)).toEqual(['b2']);
  });

  it('an announcement applies to the pod that existed at that time', async () => {
    const { journal, story, answer } = withSlowStart();
    story.pod('added', pod(BROKER, 'b1'));
    story.announce(BROKER, 'rolled');
    story.pod('deleted', pod(BROKER, 'b1'));
    answer();
    await story.settled();
    expect(journal.ofType('node-stopped').map(({ reason }) => reason)).toEqual(['rolled']);
  });

  it('changes wake subscribers until they unsubscribe', async () => {
    const { story } = withSlowStart();
    let woken = 0;
    const unsubscribe = story.subscribe(() => {
      woken += 1;
    });
    story.claim('added', claim(`data-0-${CONTROLLER}`, 'c1'));
    expect(woken).toBe(1);
    story.pod('added', pod(CONTROLLER, 'u1'));
    await story.settled();
    expect(woken).toBeGreaterThan(1);
    const before = woken;
    unsubscribe();
    story.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c1'));
    expect(woken).toBe(before);
  });
});
