import { describe, expect, it } from '@jest/globals';
import { containerOverlay } from '../../../../src/environments/containers/container-overlay.js';
import { networkNames, nodeHost, publishedPort } from '../../../../src/environments/containers/network-names.js';
import { applyOverlay } from '../../../../src/environments/replayed/overlay.js';
import { clusterNodes } from '../../../../src/environments/replayed/replayed-cluster.js';
import { REPLAYED_NAMES } from '../../../../src/environments/replayed/replayed-environment.js';
import { PLAIN_LISTENERS, renderConfiguration, userConfiguration } from '../../../../src/operator/configuration.js';
import type { ConfigurationState } from '../../../../src/strimzi/migration-state.js';

const TOPOLOGY = { brokers: 3, controllers: 3, zookeepers: 3 };
const NODES = clusterNodes(REPLAYED_NAMES, TOPOLOGY);
const ALL = [...NODES.zookeepers, ...NODES.brokers, ...NODES.controllers];
const STATES: readonly ConfigurationState[] = ['ZK', 'PRE_MIGRATION', 'MIGRATION', 'POST_MIGRATION', 'KRAFT'];
const HOST = '172.30.0.1';

/** Every configuration that a node of the cluster can have, as Strimzi writes it and as its container gets it. */
const configurations = STATES.flatMap((configurationState) =>
  [...NODES.brokers, ...NODES.controllers]
    .filter(({ role }) => role === 'broker' || configurationState !== 'ZK')
    .map((node) => {
      const { serverConfig } = renderConfiguration({
        cluster: REPLAYED_NAMES,
        kafkaVersion: '3.9.0',
        clusterId: 'AAAAAAAAAAAAAAAAAAAAAA',
        pools: [
          { name: 'broker', role: 'broker', nodeIds: NODES.brokers.map(({ nodeId }) => nodeId) },
          { name: 'controller', role: 'controller', nodeIds: NODES.controllers.map(({ nodeId }) => nodeId) },
        ],
        node: { role: node.role === 'broker' ? 'broker' : 'controller', nodeId: node.nodeId },
        configurationState,
        userConfiguration: userConfiguration(TOPOLOGY, '3.9.0'),
        listeners: PLAIN_LISTENERS,
      });
      const placement = containerOverlay((pod) => `${HOST}:<${pod}>`);
      return { node, from: serverConfig, to: applyOverlay(node.pod, serverConfig, placement, 'kafka-defaults') };
    }),
);

describe('the network of a run', () => {
  it('knows every host name in a configuration', () => {
    const known = new Set(ALL.flatMap((node) => networkNames(REPLAYED_NAMES, node)));
    let seen = 0;
    for (const { to } of configurations) {
      for (const key of ['advertised.listeners', 'controller.quorum.voters', 'zookeeper.connect']) {
        for (const one of (to[key] ?? '').split(',').filter((text) => text !== '')) {
          const host = one.replace(/^.*(:\/\/|@)/, '').replace(/:[^:]*$/, '');
          if (host === HOST) continue;
          seen += 1;
          expect([host, known.has(host)]).toEqual([host, true]);
        }
      }
    }
    expect(seen).toBeGreaterThan(50);
  });

  it('has a different name for each node', () => {
    expect(new Set(ALL.map((node) => nodeHost(REPLAYED_NAMES, node))).size).toBe(ALL.length);
  });

  it('publishes the port at which a node of each role can be asked whether it responds', () => {
    const ports = { zookeeper: 2181, broker: 9092, controller: 9090 };
    expect(ALL.map(publishedPort)).toEqual(ALL.map(({ role }) => ports[role]));
  });
});

describe("a container's configuration", () => {
  it('advertises the plain listener where clients outside reach it, and the others by their names', () => {
    const brokers = configurations.filter(({ node }) => node.role === 'broker');
    for (const { node, to } of brokers) {
      const advertised = (to['advertised.listeners'] ?? '').split(',');
      expect(advertised).toContain(`PLAIN-9092://${HOST}:<${node.pod}>`);
      expect(advertised).toContain(`REPLICATION-9091://${nodeHost(REPLAYED_NAMES, node)}:9091`);
    }
    expect(brokers.length).toBeGreaterThan(10);
  });

  it('keeps all other addresses and paths as Strimzi wrote them', () => {
    for (const { from, to } of configurations) {
      for (const key of [
        'listeners',
        'controller.quorum.voters',
        'zookeeper.connect',
        'log.dirs',
        'metadata.log.dir',
      ]) {
        expect(to[key]).toBe(from[key]);
      }
    }
  });
});
