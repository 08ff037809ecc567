import { describe, expect, it } from '@jest/globals';
import { zooKeeperMetaProperties } from '../../../src/strimzi/nodes.js';

describe('meta.properties of a broker in ZooKeeper mode', () => {
  it('has version 0 and the id of the broker, not of a node', () => {
    expect(zooKeeperMetaProperties(2, 'an-id').trim().split('\n')).toEqual([
      'version=0',
      'broker.id=2',
      'cluster.id=an-id',
    ]);
  });
});
