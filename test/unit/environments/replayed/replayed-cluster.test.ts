import { describe, expect, it } from '@jest/globals';
import { NodeEvents } from '../../../../src/environments/replayed/node-events.js';
import { clusterNodes, ReplayedCluster } from '../../../../src/environments/replayed/replayed-cluster.js';
import { UsageError } from '../../../../src/errors.js';
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

describe('a value of strimzi.io/kraft that Strimzi does not know', () => {
  const topology = { brokers: 1, controllers: 1, zookeepers: 1 };

  it('is set only on purpose, and journalled as it is', async () => {
    // The cluster begins to load it, and does not wait for it: it would be loaded when the test has ended.
    await loadKafkaProtocol();
    const run = new AbortController();
    const journal = new Journal();
    const cluster = new ReplayedCluster({
      run: 'a-run',
      workspace: { folder: '/nowhere', results: '/nowhere', mark: 'a-mark' },
      operatorVersion: '0.45.1',
      kafkaVersion: '3.9.0',
      topology,
      names: NAMES,
      profiles: loadProfiles([shippedProfilesFolder()]),
      runtime: new FakeRuntime(),
      nodes: clusterNodes(NAMES, topology),
      events: new NodeEvents(),
      journal,
      signal: run.signal,
      stateTimeoutMs: 1000,
      reconciliationIntervalMs: 1000,
      failed: () => undefined,
      tearDown: async () => undefined,
    });
    await expect(cluster.annotate('kraft-now')).rejects.toBeInstanceOf(UsageError);
    await expect(cluster.annotate('migration', { unknown: true })).rejects.toBeInstanceOf(UsageError);
    expect(journal.events()).toEqual([]);
    await cluster.annotate('Kraft-Now', { unknown: true });
    expect(journal.events()).toMatchObject([{ type: 'gesture', gesture: 'annotate', value: 'Kraft-Now' }]);
    run.abort();
    await cluster.close({ hurry: true });
  });
});
