import { describe, expect, it } from '@jest/globals';
import { EnvironmentError } from '../../../src/errors.js';
import { type ClusterObjects, leftoversOf } from '../../../src/inspection/leftovers.js';
import type { Claim, Volume } from '../../../src/kubernetes/core-objects.js';
import type { KafkaNodePool } from '../../../src/strimzi/resources.js';

const AT = '2026-11-24T10:00:00Z';
const LABELS = { 'strimzi.io/cluster': 'my-cluster' };
const KAFKA = {
  apiVersion: 'kafka.strimzi.io/v1beta2',
  kind: 'Kafka',
  metadata: { name: 'my-cluster', namespace: 'kafka', annotations: { 'strimzi.io/node-pools': 'enabled' } },
};

function pool(
  name: string,
  roles: readonly string[],
  labels: Readonly<Record<string, string>> = LABELS,
): KafkaNodePool {
  return {
    apiVersion: 'kafka.strimzi.io/v1beta2',
    kind: 'KafkaNodePool',
    metadata: { name, namespace: 'kafka', creationTimestamp: AT, labels },
    spec: { roles },
  };
}

function claim(name: string, poolName: string, labels: Readonly<Record<string, string>> = LABELS): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: 'kafka',
      creationTimestamp: AT,
      labels: { ...labels, 'strimzi.io/pool-name': poolName, 'strimzi.io/name': 'my-cluster-kafka' },
    },
  };
}

function volume(name: string, phase: string, claimRef: { readonly namespace: string; readonly name: string }): Volume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, creationTimestamp: AT },
    spec: { claimRef },
    status: { phase },
  };
}

const OBJECTS: ClusterObjects = {
  clusters: ['my-cluster'],
  pools: [pool('controller', ['controller']), pool('broker', ['broker'])],
  pods: [],
  claims: [claim('data-0-my-cluster-broker-0', 'broker')],
  volumes: { known: [] },
};
const waiting = (volumes: readonly Volume[], clusters = ['my-cluster']) =>
  leftoversOf(KAFKA, { ...OBJECTS, clusters, volumes: { known: volumes } }).volumes;

describe('what is left of controllers', () => {
  it('is their pools, and claims of such a pool or of one that no longer exists', () => {
    const claims = [
      ...OBJECTS.claims,
      claim('data-0-my-cluster-controller-1', 'controller'),
      claim('data-0-my-cluster-old-5', 'old'),
      claim('data-0-other-controller-1', 'controller', { 'strimzi.io/cluster': 'other' }),
    ];
    expect(leftoversOf(KAFKA, { ...OBJECTS, claims })).toMatchObject({
      pools: [{ name: 'controller', createdAt: Date.parse(AT) }],
      claims: [
        { name: 'data-0-my-cluster-controller-1', pool: 'controller', createdAt: Date.parse(AT) },
        { name: 'data-0-my-cluster-old-5', pool: 'old' },
      ],
    });
  });

  it('distinguishes, by its name, a volume that was created for an earlier claim from one of the claim itself', () => {
    const uid = '0b1c2d3e-0000-4000-8000-00000000000a';
    const bound = (volumeName: string | undefined) => {
      const one = claim('data-0-my-cluster-controller-1', 'controller');
      const claims = [
        { ...one, metadata: { ...one.metadata, uid }, spec: volumeName === undefined ? {} : { volumeName } },
      ];
      return leftoversOf(KAFKA, { ...OBJECTS, claims }).claims[0]?.earlierVolume;
    };
    expect(bound(undefined)).toBeUndefined();
    expect(bound(`pvc-${uid}`)).toBeUndefined();
    expect(bound('local-disk-7')).toBeUndefined();
    expect(bound('pvc-0b1c2d3e-0000-4000-8000-00000000000b')).toBe('pvc-0b1c2d3e-0000-4000-8000-00000000000b');
  });

  it('is not a pool of both roles, whose claims hold records', () => {
    const pools = [pool('mixed', ['controller', 'broker']), pool('controller', ['controller'])];
    const claims = [claim('data-0-my-cluster-mixed-0', 'mixed')];
    expect(leftoversOf(KAFKA, { ...OBJECTS, pools, claims })).toMatchObject({
      pools: [{ name: 'controller' }],
      dualRolePools: ['mixed'],
      claims: [],
    });
  });

  it('is not the only pool of a cluster without node pools, nor a ZooKeeper', () => {
    const zookeeper = claim('data-my-cluster-zookeeper-0', 'zookeeper');
    const claims = [
      claim('data-0-my-cluster-kafka-0', 'kafka'),
      {
        ...zookeeper,
        metadata: {
          ...zookeeper.metadata,
          labels: { ...zookeeper.metadata.labels, 'strimzi.io/name': 'my-cluster-zookeeper' },
        },
      },
    ];
    const plain = { ...KAFKA, metadata: { ...KAFKA.metadata, annotations: {} } };
    expect(leftoversOf(plain, { ...OBJECTS, pools: [], claims }).claims).toEqual([]);
    // With node pools, a claim of the pool `kafka` belongs to a pool that no longer exists.
    expect(leftoversOf(KAFKA, { ...OBJECTS, pools: [], claims }).claims).toHaveLength(1);
  });

  it('is the pods with the role', () => {
    const labels = { ...LABELS, 'strimzi.io/controller-role': 'true' };
    const pod = (name: string, of: Readonly<Record<string, string>>) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: of },
    });
    const pods = [
      pod('my-cluster-controller-1', labels),
      pod('my-cluster-broker-0', { ...LABELS, 'strimzi.io/controller-role': 'false' }),
      pod('other-controller-1', { ...labels, 'strimzi.io/cluster': 'other' }),
    ];
    expect(leftoversOf(KAFKA, { ...OBJECTS, pods }).pods).toEqual(['my-cluster-controller-1']);
  });

  it('is the volumes that are reserved for a controller’s claim, or had one', () => {
    const of = (name: string, namespace = 'kafka') => ({ namespace, name });
    expect(
      waiting([
        volume('a', 'Available', of('data-0-my-cluster-controller-1')),
        volume('b', 'Released', of('data-my-cluster-controller-1')),
        volume('bound', 'Bound', of('data-0-my-cluster-controller-1')),
        volume('elsewhere', 'Available', of('data-0-my-cluster-controller-1', 'else')),
        volume('broker', 'Available', of('data-0-my-cluster-broker-0')),
        volume('zookeeper', 'Released', of('data-my-cluster-zookeeper-0')),
      ]),
    ).toEqual({ known: { waiting: ['a'], released: ['b'] } });
  });

  it('is not a volume of a cluster whose name begins with the same text', () => {
    const theirs = volume('a', 'Available', { namespace: 'kafka', name: 'data-0-my-cluster-2-controller-1' });
    expect(waiting([theirs], ['my-cluster', 'my-cluster-2'])).toEqual({ known: { waiting: [], released: [] } });
    expect(waiting([theirs])).toEqual({ known: { waiting: ['a'], released: [] } });
  });

  it('does not guess when an object was created', () => {
    const { creationTimestamp: _, ...metadata } = pool('controller', ['controller']).metadata;
    const undated = { ...pool('controller', ['controller']), metadata };
    expect(() => leftoversOf(KAFKA, { ...OBJECTS, pools: [undated] })).toThrow(EnvironmentError);
  });
});
