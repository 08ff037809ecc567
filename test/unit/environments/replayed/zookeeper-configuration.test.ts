import { describe, expect, it } from '@jest/globals';
import { zooKeeperConfiguration } from '../../../../src/environments/replayed/zookeeper-configuration.js';

const configuration = zooKeeperConfiguration({
  dataFolder: '/run/volumes/my-cluster-zookeeper-1',
  clientAddress: '127.0.0.1',
  clientPort: 10_011,
  servers: [
    { id: 1, host: '127.0.0.1', quorumPort: 10_001, electionPort: 10_002 },
    { id: 2, host: '127.0.0.1', quorumPort: 10_003, electionPort: 10_004 },
    { id: 3, host: 'pod-2.nodes.svc', quorumPort: 10_005, electionPort: 10_006 },
  ],
});

describe('zooKeeperConfiguration', () => {
  it('has the settings of Strimzi, which decide how sessions time out and how the ensemble forms', () => {
    expect(configuration).toMatchObject({
      tickTime: '2000',
      initLimit: '5',
      syncLimit: '2',
      'autopurge.purgeInterval': '1',
      standaloneEnabled: 'false',
      reconfigEnabled: 'true',
    });
  });

  it('names every server of the ensemble by its own host and ports', () => {
    const servers = Object.entries(configuration).filter(([key]) => key.startsWith('server.'));
    expect(servers).toEqual([
      ['server.1', '127.0.0.1:10001:10002'],
      ['server.2', '127.0.0.1:10003:10004'],
      ['server.3', 'pod-2.nodes.svc:10005:10006'],
    ]);
  });

  it('is reached by clients at that address, in plain text', () => {
    expect(configuration).toMatchObject({
      clientPort: '10011',
      clientPortAddress: '127.0.0.1',
      quorumListenOnAllIPs: 'false',
      dataDir: '/run/volumes/my-cluster-zookeeper-1',
    });
    expect(Object.keys(configuration).filter((key) => /ssl|secure/i.test(key))).toEqual([]);
  });
});
