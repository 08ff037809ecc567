import { describe, expect, it } from '@jest/globals';
import { NodeStory } from '../../../../src/environments/kubernetes/node-story.js';
import type { Claim, Pod } from '../../../../src/environments/kubernetes/strimzi-objects.js';
import { Journal } from '../../../../src/journal/journal.js';

const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-1';

interface Look {
  readonly ready?: boolean;
  readonly deleting?: boolean;
  readonly phase?: string;
  readonly restarts?: number;
}

/** A pod as Strimzi 0.45.1 labels it (recording 0.45.1-one-broker, objects). */
function pod(
  name: string,
  uid: string,
  { ready = false, deleting = false, phase = 'Running', restarts = 0 }: Look = {},
): Pod {
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
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        {
          restartCount: restarts,
          ...(restarts > 0 ? { lastState: { terminated: { exitCode: 1, reason: 'Error' } } } : {}),
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
  readonly story = new NodeStory(this.journal, {
    configMap: async (name) => this.configMaps.get(name),
    claimUid: async (name) => this.claims.get(name),
    failed: (error) => this.failures.push(error),
  });

  constructor() {
    this.configMaps.set(BROKER, { 'metadata.state': '0', 'server.config': 'node.id=0\n' });
    this.configMaps.set(CONTROLLER, { 'metadata.state': '1', 'metadata.version': '3.9', 'cluster.id': 'abc' });
  }

  async told(): Promise<readonly string[]> {
    await this.story.settled();
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

describe('the story of a node', () => {
  it('begins with its configuration, key by key', async () => {
    const world = new World();
    world.configMaps.set(BROKER, {
      'metadata.state': '3',
      'metadata.version': '3.9',
      'cluster.id': 'abc',
      'server.config': '# a comment\nnode.id=0\nlisteners=A://0.0.0.0:1,B://0.0.0.0:2\n',
      'log4j.properties': 'x=y',
    });
    world.story.pod('added', pod(BROKER, 'u1'));
    await world.story.settled();
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

  it('of a roll: stopping, stopped, and a successor', async () => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u1'));
    world.story.pod('modified', pod(BROKER, 'u1', { ready: true }));
    world.story.announce(BROKER, 'rolled');
    world.story.pod('modified', pod(BROKER, 'u1', { ready: true, deleting: true }));
    world.story.pod('modified', pod(BROKER, 'u1', { deleting: true, phase: 'Succeeded' }));
    world.story.pod('deleted', pod(BROKER, 'u1', { deleting: true, phase: 'Succeeded' }));
    await world.story.settled();
    world.configMaps.set(BROKER, { 'metadata.state': '2' });
    world.story.pod('added', pod(BROKER, 'u2'));
    world.story.pod('modified', pod(BROKER, 'u2', { ready: true }));
    expect(await world.told()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} node-ready`,
      `${BROKER} node-stopping`,
      `${BROKER} stopped rolled`,
      `${BROKER} started MIGRATION zookeeper-based`,
      `${BROKER} node-ready`,
    ]);
  });

  it('of a pool that is deleted with its claims, and one that is made again', async () => {
    const world = new World();
    world.story.claim('added', claim(`data-0-${CONTROLLER}`, 'c1'));
    world.claims.set(CONTROLLER, 'c1');
    world.story.pod('added', pod(CONTROLLER, 'u1'));
    world.story.pod('modified', pod(CONTROLLER, 'u1', { deleting: true }));
    world.story.pod('deleted', pod(CONTROLLER, 'u1', { deleting: true, phase: 'Succeeded' }));
    expect(world.story.hasClaimOf(CONTROLLER)).toBe(true);
    world.story.claim('deleted', claim(`data-0-${CONTROLLER}`, 'c1'));
    expect(world.story.hasClaimOf(CONTROLLER)).toBe(false);
    await world.story.settled();
    world.claims.set(CONTROLLER, 'c2');
    world.story.pod('added', pod(CONTROLLER, 'u2'));
    expect(await world.told()).toEqual([
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
    world.story.pod('added', pod(CONTROLLER, 'u1'));
    world.story.pod('deleted', pod(CONTROLLER, 'u1'));
    world.story.pod('added', pod(CONTROLLER, 'u2'));
    const started = (await world.told()).filter((line) => line.includes('started'));
    expect(started.map((line) => line.split(' ').at(-1))).toEqual(['empty', 'used']);
  });

  it.each([
    ['forced', 'stopped forced'],
    ['user', 'stopped user'],
  ] as const)('of a restart that was announced as %s', async (reason, expected) => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u1'));
    world.story.announce(BROKER, reason);
    world.story.pod('deleted', pod(BROKER, 'u1', { deleting: true }));
    expect(await world.told()).toContain(`${BROKER} ${expected}`);
    expect(await world.told()).not.toContain(`${BROKER} node-gone`);
  });

  it('of an announcement that has had its effect: the next deletion is one for good', async () => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u1'));
    world.story.announce(BROKER, 'rolled');
    world.story.pod('deleted', pod(BROKER, 'u1'));
    world.story.pod('added', pod(BROKER, 'u2'));
    world.story.pod('deleted', pod(BROKER, 'u2'));
    expect((await world.told()).slice(-2)).toEqual([`${BROKER} stopped deleted`, `${BROKER} node-gone`]);
  });

  it('of a pod that is evicted: it died', async () => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u1'));
    world.story.pod('modified', pod(BROKER, 'u1', { phase: 'Failed' }));
    expect(await world.told()).toContain(`${BROKER} stopped died`);
  });

  it('of a container that is started again in its pod', async () => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u1'));
    world.story.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    world.story.pod('modified', pod(BROKER, 'u1', { restarts: 1 }));
    expect(await world.told()).toEqual([
      `${BROKER} started ZK zookeeper-based`,
      `${BROKER} container restarted: exit code 1 (Error)`,
    ]);
  });

  it('does not mind a late word of a predecessor, nor pods that are no nodes', async () => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u2'));
    world.story.pod('deleted', pod(BROKER, 'u1'));
    world.story.pod('added', { ...pod(BROKER, 'u3'), metadata: { name: 'my-cluster-entity-operator-5f', uid: 'u3' } });
    expect(await world.told()).toEqual([`${BROKER} started ZK zookeeper-based`]);
  });

  it('has no start of a pod that went before its ConfigMap could be read', async () => {
    const world = new World();
    world.configMaps.delete(BROKER);
    world.story.pod('added', pod(BROKER, 'u1'));
    world.story.pod('deleted', pod(BROKER, 'u1'));
    expect(await world.told()).toEqual([`${BROKER} stopped deleted`, `${BROKER} node-gone`]);
  });

  it('tells when a fact could not be read', async () => {
    const world = new World();
    world.configMaps.set(BROKER, { 'metadata.state': '9' });
    world.story.pod('added', pod(BROKER, 'u1'));
    await world.story.settled();
    expect(world.failures.map(({ message }) => message)).toEqual(['no configuration state has the ordinal 9']);
  });

  it('keeps a pod whose containers have ended among the nodes until it goes', async () => {
    const world = new World();
    world.story.pod('added', pod(BROKER, 'u1', { ready: true }));
    await world.story.settled();
    expect(world.story.nodes()).toEqual([
      { pod: BROKER, uid: 'u1', role: 'broker', nodeId: 0, configurationState: 'ZK', ready: true, deleting: false },
    ]);
    world.story.pod('modified', pod(BROKER, 'u1', { ready: true, deleting: true, phase: 'Succeeded' }));
    expect(world.story.nodes()).toEqual([expect.objectContaining({ ready: false, deleting: true })]);
    world.story.pod('deleted', pod(BROKER, 'u1'));
    expect(world.story.nodes()).toEqual([]);
  });
});
