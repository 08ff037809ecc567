import { describe, expect, it } from '@jest/globals';
import { kafkaManifest, nodePoolManifest } from '../../../../src/environments/kubernetes/manifests.js';

const RUN = { name: 'my-cluster', namespace: 'remigrate-0123456789ab', run: 'remigrate-0123456789ab' };
const ONE = { brokers: 1, controllers: 1, zookeepers: 1 };

describe('the Kafka resource of a run', () => {
  it("is the same as in the recordings, with ZooKeeper's audit log enabled", () => {
    expect(kafkaManifest(RUN, ONE, '3.9.0')).toEqual({
      apiVersion: 'kafka.strimzi.io/v1beta2',
      kind: 'Kafka',
      metadata: {
        name: 'my-cluster',
        namespace: RUN.namespace,
        labels: { 'remigrate.io/run': RUN.run },
        annotations: { 'strimzi.io/node-pools': 'enabled', 'strimzi.io/kraft': 'disabled' },
      },
      spec: {
        kafka: {
          version: '3.9.0',
          listeners: [{ name: 'plain', port: 9092, type: 'internal', tls: false }],
          config: {
            'default.replication.factor': '1',
            'inter.broker.protocol.version': '3.9',
            'min.insync.replicas': '1',
            'offsets.topic.replication.factor': '1',
            'transaction.state.log.min.isr': '1',
            'transaction.state.log.replication.factor': '1',
          },
        },
        zookeeper: {
          replicas: 1,
          jvmOptions: { javaSystemProperties: [{ name: 'zookeeper.audit.enable', value: 'true' }] },
          resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '768Mi' } },
          storage: { type: 'persistent-claim', size: '1Gi', deleteClaim: true },
        },
      },
    });
  });

  it('follows the topology', () => {
    const { spec } = kafkaManifest(RUN, { brokers: 3, controllers: 3, zookeepers: 3 }, '3.8.1');
    expect(spec).toMatchObject({
      kafka: { version: '3.8.1', config: { 'min.insync.replicas': '2', 'default.replication.factor': '3' } },
      zookeeper: { replicas: 3 },
    });
  });
});

describe('a node pool of a run', () => {
  it.each([
    ['broker', { replicas: 3, deleteClaim: true }],
    ['controller', { replicas: 1, deleteClaim: false }],
  ] as const)('has the role %s, its replicas and deleteClaim', (role, options) => {
    expect(nodePoolManifest(RUN, role, options)).toMatchObject({
      kind: 'KafkaNodePool',
      metadata: {
        name: role,
        namespace: RUN.namespace,
        labels: { 'remigrate.io/run': RUN.run, 'strimzi.io/cluster': 'my-cluster' },
      },
      spec: {
        replicas: options.replicas,
        roles: [role],
        storage: {
          type: 'jbod',
          volumes: [{ id: 0, type: 'persistent-claim', kraftMetadata: 'shared', deleteClaim: options.deleteClaim }],
        },
      },
    });
  });

  it('may have ephemeral storage for the controllers: JBOD, without a size or a claim', () => {
    expect(nodePoolManifest(RUN, 'controller', { replicas: 1, storage: 'ephemeral' }).spec).toMatchObject({
      roles: ['controller'],
      storage: { type: 'jbod', volumes: [{ id: 0, type: 'ephemeral', kraftMetadata: 'shared' }] },
    });
    const { storage } = nodePoolManifest(RUN, 'controller', { replicas: 1, storage: 'ephemeral' }).spec as {
      readonly storage: { readonly volumes: readonly object[] };
    };
    expect(storage.volumes.map((volume) => Object.keys(volume))).toEqual([['id', 'type', 'kraftMetadata']]);
  });
});
