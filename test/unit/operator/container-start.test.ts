import { describe, expect, it } from '@jest/globals';
import { configurationStateOf, containerStart, formatArguments } from '../../../src/operator/container-start.js';
import { CONFIGURATION_STATE_ORDINALS, type ConfigurationState } from '../../../src/strimzi/migration-state.js';

const KRAFT_KEYS = { 'cluster.id': 'Bf9oiB1yTrCN3-S4xc2nSQ', 'metadata.version': '3.9' };

function start(
  role: 'broker' | 'controller',
  state: ConfigurationState,
  keys: Readonly<Record<string, string>> = KRAFT_KEYS,
) {
  return containerStart(role, { 'metadata.state': String(CONFIGURATION_STATE_ORDINALS[state]), ...keys });
}

describe('containerStart', () => {
  it.each([
    ['broker', 'ZK', 'zookeeper-based'],
    ['broker', 'PRE_MIGRATION', 'zookeeper-based'],
    ['broker', 'MIGRATION', 'zookeeper-based'],
    ['broker', 'POST_MIGRATION', 'kraft'],
    ['broker', 'KRAFT', 'kraft'],
    ['controller', 'PRE_MIGRATION', 'kraft'],
    ['controller', 'MIGRATION', 'kraft'],
    ['controller', 'POST_MIGRATION', 'kraft'],
    ['controller', 'KRAFT', 'kraft'],
  ] as const)('a %s in configuration %s starts %s', (role, state, mode) => {
    expect(start(role, state).mode).toBe(mode);
  });

  it('a KRaft start formats unformatted folders, and always deletes quorum-state', () => {
    expect(start('controller', 'PRE_MIGRATION')).toEqual({
      mode: 'kraft',
      format: { clusterId: 'Bf9oiB1yTrCN3-S4xc2nSQ', metadataVersion: '3.9' },
      deleteMetadataLog: false,
      deleteQuorumState: true,
    });
  });

  it.each([
    ['ZK', true],
    ['PRE_MIGRATION', false],
    ['MIGRATION', false],
  ] as const)('a start based on ZooKeeper in %s deletes the metadata log: %s', (state, deleteMetadataLog) => {
    // Such a ConfigMap has the keys for KRaft as well; they are not used.
    expect(start('broker', state)).toEqual({
      mode: 'zookeeper-based',
      format: undefined,
      deleteMetadataLog,
      deleteQuorumState: false,
    });
  });

  it.each(['cluster.id', 'metadata.version'])('a KRaft start without %s is refused', (key) => {
    for (const keys of [
      { ...KRAFT_KEYS, [key]: '' },
      Object.fromEntries(Object.entries(KRAFT_KEYS).filter(([k]) => k !== key)),
    ]) {
      expect(() => start('broker', 'KRAFT', keys)).toThrow(
        'the ConfigMap of a broker that uses KRaft lacks cluster.id or metadata.version',
      );
    }
  });

  it('a start without a known metadata.state is refused', () => {
    expect(() => containerStart('broker', KRAFT_KEYS)).toThrow('no configuration state has the ordinal undefined');
    expect(() => containerStart('broker', { 'metadata.state': '5' })).toThrow(
      'no configuration state has the ordinal 5',
    );
  });
});

describe('configurationStateOf', () => {
  it('reads what Strimzi writes', () => {
    expect(['0', '1', '2', '3', '4'].map(configurationStateOf)).toEqual([
      'ZK',
      'PRE_MIGRATION',
      'MIGRATION',
      'POST_MIGRATION',
      'KRAFT',
    ]);
  });

  it.each(['', '-1', '5', 'ZK', '01'])('refuses "%s"', (ordinal) => {
    expect(() => configurationStateOf(ordinal)).toThrow('no configuration state has the ordinal');
  });
});

describe('the arguments of kafka-storage.sh', () => {
  it('join each value to its option with an equals sign: a cluster id may begin with a hyphen', () => {
    const clusterId = '-6bxydVGR_et-RWns8dhoA';
    expect(formatArguments({ clusterId, metadataVersion: '3.9' }, '/tmp/node.properties')).toEqual([
      'format',
      '-t=-6bxydVGR_et-RWns8dhoA',
      '-r=3.9',
      '-c=/tmp/node.properties',
      '-g',
    ]);
  });
});
