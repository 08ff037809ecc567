import { describe, expect, it } from '@jest/globals';
import { EnvironmentError } from '../../../src/errors.js';
import { readZooKeeperInCharge } from '../../../src/metadata/zookeeper/in-charge.js';
import { FakeZooKeeper } from './fake-zookeeper.js';

const KAFKA = {
  '/brokers/topics': '',
  '/controller': '{"version":2,"brokerid":0}',
  '/cluster/id': '{"version":"1","id":"abc"}',
};

describe('a ZooKeeper', () => {
  it('with an active controller is read, with the id of its cluster', async () => {
    const read = await readZooKeeperInCharge(new FakeZooKeeper(KAFKA), {});
    expect(read).toMatchObject({ source: 'zookeeper', topics: [], clusterId: 'abc' });
  });

  it('without Kafka is not mistaken for one without topics', async () => {
    const read = readZooKeeperInCharge(new FakeZooKeeper({ '/controller': KAFKA['/controller'] }), {});
    await expect(read).rejects.toThrow(EnvironmentError);
    await expect(read).rejects.toThrow('There is no Kafka in this ZooKeeper');
  });

  it('without an active controller is refused', async () => {
    const read = readZooKeeperInCharge(new FakeZooKeeper({ '/brokers/topics': '' }), {});
    await expect(read).rejects.toThrow(EnvironmentError);
    await expect(read).rejects.toThrow(
      '/controller does not exist. If the brokers run in KRaft mode, read them with --kafka',
    );
  });
});
