import { describe, expect, it } from '@jest/globals';
import {
  type ConfigurationInput,
  PLAIN_LISTENERS,
  renderConfiguration,
  userConfiguration,
} from '../../../src/operator/configuration.js';

// test/conformance/configuration.test.ts compares with every recorded configuration; this file tests what no recording
// has.

const topology = { brokers: 1, controllers: 1, zookeepers: 1 };

function input(change: Partial<ConfigurationInput> = {}): ConfigurationInput {
  return {
    cluster: { name: 'mine', namespace: 'here', clusterDomain: 'example.org' },
    kafkaVersion: '3.9.0',
    clusterId: 'AAAAAAAAAAAAAAAAAAAAAA',
    pools: [
      { name: 'broker', role: 'broker', nodeIds: [0] },
      { name: 'controller', role: 'controller', nodeIds: [1] },
    ],
    node: { role: 'broker', nodeId: 0 },
    configurationState: 'MIGRATION',
    userConfiguration: userConfiguration(topology, '3.9.0'),
    listeners: PLAIN_LISTENERS,
    ...change,
  };
}

const controller = { role: 'controller', nodeId: 1 } as const;

describe('renderConfiguration', () => {
  it('advertises no controller listener before Kafka 3.9.0', () => {
    const before = renderConfiguration(input({ node: controller, kafkaVersion: '3.8.1' })).serverConfig;
    const since = renderConfiguration(input({ node: controller, kafkaVersion: '3.9.0' })).serverConfig;
    expect(before).not.toHaveProperty('advertised.listeners');
    expect(since['advertised.listeners']).toBe(
      'CONTROLPLANE-9090://mine-controller-1.mine-kafka-brokers.here.svc:9090',
    );
  });

  it('derives both versions from the Kafka version when the user sets none, and drops them in KRAFT', () => {
    const derived = renderConfiguration(input({ userConfiguration: {}, kafkaVersion: '3.8.1' })).serverConfig;
    expect(derived).toMatchObject({ 'inter.broker.protocol.version': '3.8', 'log.message.format.version': '3.8' });
    const kraft = renderConfiguration(input({ userConfiguration: {}, configurationState: 'KRAFT' })).serverConfig;
    expect(kraft).not.toHaveProperty('inter.broker.protocol.version');
    expect(kraft).not.toHaveProperty('log.message.format.version');
  });

  it('sets the message format to the protocol version from 3.0 on', () => {
    const rendered = (protocol: string) =>
      renderConfiguration(input({ userConfiguration: { 'inter.broker.protocol.version': protocol } })).serverConfig;
    expect(rendered('3.7-IV4')['log.message.format.version']).toBe('3.7-IV4');
    expect(rendered('2.8')['log.message.format.version']).toBe('3.9');
  });

  it('keeps what the user sets, in KRAFT too', () => {
    const user = { 'inter.broker.protocol.version': '3.8', 'log.message.format.version': '3.7' };
    for (const configurationState of ['ZK', 'KRAFT'] as const) {
      expect(renderConfiguration(input({ userConfiguration: user, configurationState })).serverConfig).toMatchObject(
        user,
      );
    }
  });

  it('lists the voters in the order of their ids', () => {
    const pools = [
      { name: 'broker', role: 'broker', nodeIds: [0] },
      { name: 'c', role: 'controller', nodeIds: [10, 9] },
    ] as const;
    expect(renderConfiguration(input({ pools })).serverConfig['controller.quorum.voters']).toBe(
      '9@mine-c-9.mine-kafka-brokers.here.svc.example.org:9090,10@mine-c-10.mine-kafka-brokers.here.svc.example.org:9090',
    );
  });

  it('accepts more than one listener', () => {
    const { serverConfig } = renderConfiguration(
      input({ configurationState: 'KRAFT', listeners: [...PLAIN_LISTENERS, { name: 'more', port: 9094 }] }),
    );
    expect(serverConfig.listeners).toBe(
      'REPLICATION-9091://0.0.0.0:9091,PLAIN-9092://0.0.0.0:9092,MORE-9094://0.0.0.0:9094',
    );
    expect(serverConfig['listener.security.protocol.map']).toContain('MORE-9094:PLAINTEXT');
  });

  it('refuses what Strimzi never renders', () => {
    expect(() => renderConfiguration(input({ node: controller, configurationState: 'ZK' }))).toThrow(
      'no controller for the configuration ZK',
    );
    expect(() => renderConfiguration(input({ node: { role: 'broker', nodeId: 7 } }))).toThrow(
      'No node pool has the node id 7',
    );
  });
});

it('names the hosts of pods after cluster, pool, id and namespace', () => {
  expect(renderConfiguration(input()).serverConfig['controller.quorum.voters']).toBe(
    '1@mine-controller-1.mine-kafka-brokers.here.svc.example.org:9090',
  );
});

describe('userConfiguration', () => {
  it.each([
    [1, '3.9.0', { 'default.replication.factor': '1', 'min.insync.replicas': '1' }],
    [2, '3.9.1', { 'default.replication.factor': '2', 'min.insync.replicas': '1' }],
    [3, '3.8.1', { 'default.replication.factor': '3', 'min.insync.replicas': '2' }],
    [5, '3.9.2', { 'default.replication.factor': '3', 'min.insync.replicas': '2' }],
  ])('fits %i brokers of Kafka %s', (brokers, kafkaVersion, expected) => {
    const user = userConfiguration({ ...topology, brokers }, kafkaVersion);
    expect(user).toMatchObject(expected);
    expect(user['inter.broker.protocol.version']).toBe(kafkaVersion.slice(0, 3));
    expect(user).not.toHaveProperty('log.message.format.version');
  });
});
