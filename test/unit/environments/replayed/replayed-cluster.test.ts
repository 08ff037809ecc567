import { describe, expect, it } from '@jest/globals';
import { clusterNodes } from '../../../../src/environments/replayed/replayed-cluster.js';

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
