import { describe, expect, it } from '@jest/globals';
import { dumpZnodes } from '../../../../src/environments/kubernetes/znode-dump.js';
import type { ZooKeeperReads } from '../../../../src/metadata/zookeeper/reader.js';

const STAT = { version: 0, czxid: 1, mzxid: 1, ctime: 0, numChildren: 0, ephemeralOwner: undefined };
const TREE: Readonly<Record<string, string>> = {
  '/cluster/id': '{"id":"x"}',
  '/controller': '{"brokerid":0}',
  '/controller_epoch': '4',
  '/brokers/ids': '',
  '/brokers/ids/0': '{"port":9092}',
  '/brokers/topics': '',
  '/brokers/topics/b': '{"partitions":{}}',
  '/brokers/topics/a': '{"partitions":{"0":[0]}}',
  '/config/topics': '',
  '/config/topics/a': '{"config":{}}',
  '/config/users': '',
  '/config/users/alice': '{"config":{"SCRAM-SHA-512":"salt"}}',
};

/** @param broken the requests that fail: `get /controller`. */
function reader(broken: readonly string[] = []): ZooKeeperReads {
  const check = (asked: string): void => {
    if (broken.includes(asked)) throw new Error(`ZooKeeper did not answer: ${asked}`);
  };
  return {
    get: async (path) => {
      check(`get ${path}`);
      const data = TREE[path];
      return data === undefined ? undefined : { data, stat: STAT };
    },
    children: async (path) => {
      check(`children ${path}`);
      if (TREE[path] === undefined) return undefined;
      return Object.keys(TREE).flatMap((one) => (one.startsWith(`${path}/`) ? [one.slice(path.length + 1)] : []));
    },
  };
}

describe('a dump of znodes', () => {
  it('has content and stat of the znodes of a migration and of topics, and shows which are absent', async () => {
    const dumped = await dumpZnodes(reader());
    expect(dumped).toContainEqual({ path: '/controller_epoch', data: '4', stat: STAT });
    expect(dumped).toContainEqual({ path: '/migration', absent: true });
    expect(dumped.map(({ path }) => path)).toEqual([
      '/cluster/id',
      '/controller',
      '/controller_epoch',
      '/migration',
      '/brokers/ids',
      '/brokers/ids/0',
      '/brokers/topics',
      '/brokers/topics/a',
      '/brokers/topics/b',
      '/config/topics',
      '/config/topics/a',
    ]);
  });

  it('has no credentials', async () => {
    expect(JSON.stringify(await dumpZnodes(reader()))).not.toContain('SCRAM');
  });

  it('says which znodes cannot be read, and has the others', async () => {
    const dumped = await dumpZnodes(reader(['get /controller', 'get /brokers/topics/a', 'children /config/topics']));
    expect(dumped.filter((znode) => 'unreadable' in znode)).toEqual([
      { path: '/controller', unreadable: 'ZooKeeper did not answer: get /controller' },
      { path: '/brokers/topics/a', unreadable: 'ZooKeeper did not answer: get /brokers/topics/a' },
      { path: '/config/topics/*', unreadable: 'ZooKeeper did not answer: children /config/topics' },
    ]);
    expect(dumped.filter((znode) => 'data' in znode)).toHaveLength(7);
  });
});
