import { describe, expect, it } from '@jest/globals';
import { PARENTS, topicName, topicZnodes } from '../../../bench/many-topics.js';
import { readZooKeeperInCharge } from '../../../src/metadata/zookeeper/in-charge.js';
import { FakeZooKeeper } from '../metadata/fake-zookeeper.js';

const TOPICS = 4;
const PARTITIONS = 3;
const znodes = [...PARENTS, ...Array.from({ length: TOPICS }, (_, index) => topicZnodes(index, PARTITIONS)).flat()];

describe('the znodes of many topics', () => {
  it('each have a parent that is created before', () => {
    const created = new Set(['']);
    for (const { path } of znodes) {
      expect(created).toContain(path.slice(0, path.lastIndexOf('/')));
      created.add(path);
    }
  });

  it('include every znode that a snapshot reads', async () => {
    const zookeeper = new FakeZooKeeper(Object.fromEntries(znodes.map(({ path, data }) => [path, data])));
    const absent: string[] = [];
    const snapshot = await readZooKeeperInCharge(
      {
        children: (path) => zookeeper.children(path),
        get: async (path) => {
          const znode = await zookeeper.get(path);
          if (znode === undefined) absent.push(path);
          return znode;
        },
      },
      {},
    );
    expect(absent).toEqual([]);
    expect(snapshot.topics.map(({ name }) => name)).toEqual(
      Array.from({ length: TOPICS }, (_, i) => topicName(i)).sort(),
    );
    expect(snapshot.clusterId).toBeDefined();
  });
});
