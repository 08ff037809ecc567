import { describe, expect, it } from '@jest/globals';
import { EnvironmentError } from '../../../src/errors.js';
import { readZooKeeperInCharge } from '../../../src/metadata/zookeeper/in-charge.js';

/** A ZooKeeper that holds these znodes. */
function zookeeper(znodes: Readonly<Record<string, string>>) {
  const paths = Object.keys(znodes);
  return {
    get: async (path: string) => {
      const data = znodes[path];
      return data === undefined ? undefined : { data, mzxid: 1, ctime: 0, ephemeral: false };
    },
    children: async (path: string) => (paths.includes(path) ? [] : undefined),
  } as unknown as Parameters<typeof readZooKeeperInCharge>[0];
}

const KAFKA = {
  '/brokers/topics': '',
  '/controller': '{"version":2,"brokerid":0}',
  '/cluster/id': '{"version":"1","id":"abc"}',
};

describe('a ZooKeeper', () => {
  it('that a controller holds is read, with the id of its cluster', async () => {
    const read = await readZooKeeperInCharge(zookeeper(KAFKA), {});
    expect(read).toMatchObject({ source: 'zookeeper', topics: [], clusterId: 'abc' });
  });

  it('without a Kafka is not taken for one without topics', async () => {
    const read = readZooKeeperInCharge(zookeeper({ '/controller': KAFKA['/controller'] }), {});
    await expect(read).rejects.toThrow(EnvironmentError);
    await expect(read).rejects.toThrow('There is no Kafka in this ZooKeeper');
  });

  it('that nobody is in charge of is not believed', async () => {
    const read = readZooKeeperInCharge(zookeeper({ '/brokers/topics': '' }), {});
    await expect(read).rejects.toThrow(EnvironmentError);
    await expect(read).rejects.toThrow(
      '/controller is absent. If the brokers run in KRaft mode, read them, with --kafka',
    );
  });
});
