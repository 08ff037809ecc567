import { describe, expect, it } from '@jest/globals';
import { hasEnded, isBeingDeleted, isDisrupted, isReady, type Pod } from '../../../src/kubernetes/core-objects.js';
import {
  claimsOfPod,
  type KafkaResource,
  kafkaFailure,
  kafkaIsReady,
  kraftAnnotation,
  plainListenerPort,
  podIdentity,
  podOfClaim,
  stateWarnings,
} from '../../../src/strimzi/resources.js';

type Status = NonNullable<Pod['status']>;

const pod = (name: string, labels: Readonly<Record<string, string>>, status: Status = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  status,
});
const kafka = (
  conditions: NonNullable<KafkaResource['status']>['conditions'] & {} = [],
  annotations: Readonly<Record<string, string>> = {},
): KafkaResource => ({
  apiVersion: 'kafka.strimzi.io/v1beta2',
  kind: 'Kafka',
  metadata: { name: 'my-cluster', annotations },
  status: { conditions },
});

const COMPONENT = 'strimzi.io/component-type';
const BROKER = 'strimzi.io/broker-role';
const CONTROLLER = 'strimzi.io/controller-role';

describe('the node of a pod', () => {
  it.each([
    ['my-cluster-zookeeper-2', { [COMPONENT]: 'zookeeper' }, { role: 'zookeeper', nodeId: 2 }],
    [
      'my-cluster-broker-0',
      { [COMPONENT]: 'kafka', [BROKER]: 'true', [CONTROLLER]: 'false' },
      { role: 'broker', nodeId: 0 },
    ],
    [
      'my-cluster-controller-11',
      { [COMPONENT]: 'kafka', [BROKER]: 'false', [CONTROLLER]: 'true' },
      { role: 'controller', nodeId: 11 },
    ],
    [
      'my-cluster-dual-3',
      { [COMPONENT]: 'kafka', [BROKER]: 'true', [CONTROLLER]: 'true' },
      { role: 'broker', nodeId: 3 },
    ],
  ])('%s', (name, labels, expected) => {
    expect(podIdentity(pod(name, labels))).toEqual(expected);
  });

  it.each([
    ['my-cluster-entity-operator-5f6d8-12345', { [COMPONENT]: 'entity-operator' }],
    ['my-cluster-kafka-exporter-7', { [COMPONENT]: 'kafka-exporter', [BROKER]: 'true' }],
    ['my-cluster-broker-0', {}],
    ['my-cluster-broker-0', { [COMPONENT]: 'kafka', [BROKER]: 'false', [CONTROLLER]: 'false' }],
    ['my-cluster-broker-x', { [COMPONENT]: 'kafka', [BROKER]: 'true' }],
  ])('%s with %j is not a node', (name, labels) => {
    expect(podIdentity(pod(name, labels))).toBeUndefined();
  });
});

describe('the state of a pod', () => {
  it.each([
    ['True', true],
    ['False', false],
    ['Unknown', false],
  ])('Ready %s', (status, expected) => {
    expect(
      isReady(
        pod(
          'p',
          {},
          {
            conditions: [
              { type: 'Initialized', status: 'True' },
              { type: 'Ready', status },
            ],
          },
        ),
      ),
    ).toBe(expected);
  });

  it('without conditions it is not ready and not disrupted', () => {
    expect([isReady(pod('p', {})), isDisrupted(pod('p', {}))]).toEqual([false, false]);
  });

  it.each([
    ['True', true],
    ['False', false],
  ])('DisruptionTarget %s', (status, expected) => {
    expect(isDisrupted(pod('p', {}, { conditions: [{ type: 'DisruptionTarget', status }] }))).toBe(expected);
  });

  it.each([
    ['Pending', false],
    ['Running', false],
    ['Succeeded', true],
    ['Failed', true],
  ])('in phase %s it has ended: %s', (phase, expected) => {
    expect(hasEnded(pod('p', {}, { phase }))).toBe(expected);
  });

  it('is being deleted from its deletion timestamp on', () => {
    const running = pod('p', {});
    const deleted = { ...running, metadata: { ...running.metadata, deletionTimestamp: '2026-11-24T10:00:00Z' } };
    expect([isBeingDeleted(running), isBeingDeleted(deleted)]).toEqual([false, true]);
  });
});

describe('the claims of a pod', () => {
  it.each([
    ['data-0-my-cluster-broker-0', 'my-cluster-broker-0'],
    ['data-0-my-cluster-controller-1', 'my-cluster-controller-1'],
    ['data-my-cluster-zookeeper-0', 'my-cluster-zookeeper-0'],
  ])('%s', (claim, name) => {
    expect(podOfClaim(claim)).toBe(name);
    expect(claimsOfPod(name)).toContain(claim);
  });
});

describe('the annotation strimzi.io/kraft', () => {
  it.each([
    ['disabled', 'disabled'],
    ['migration', 'migration'],
    ['rollback', 'rollback'],
    ['enabled', 'enabled'],
    ['Migration', 'migration'],
    ['Kraft-Now', 'kraft-now'],
    ['', ''],
  ])('%s is %s', (value, expected) => {
    expect(kraftAnnotation(kafka([], { 'strimzi.io/kraft': value }))).toBe(expected);
  });

  it('that is missing is disabled', () => {
    expect(kraftAnnotation(kafka())).toBe('disabled');
    expect(kraftAnnotation({ apiVersion: 'v1', kind: 'Kafka', metadata: { name: 'x' } })).toBe('disabled');
  });
});

/** Conditions as in the recordings. */
const READY = { type: 'Ready', status: 'True' };
const REMOVAL = {
  type: 'Warning',
  status: 'True',
  reason: 'ZooKeeperRemoval',
  message: 'Support for ZooKeeper-based Apache Kafka clusters will be removed in the next Strimzi release (0.46.0).',
};
const DUAL_WRITING = {
  type: 'Warning',
  status: 'True',
  reason: 'KafkaMetadataStateWarning',
  message: "The strimzi.io/kraft annotation can't be set to 'rollback' during dual writing.",
};
const CREATING = { type: 'NotReady', status: 'True', reason: 'Creating', message: 'Kafka cluster is being deployed' };
const INVALID = {
  type: 'NotReady',
  status: 'True',
  reason: 'InvalidResourceException',
  message: 'The Kafka cluster my-cluster is invalid: [At least one KafkaNodePool with the controller role ...]',
};

describe('the status of a Kafka resource', () => {
  it('of a pass that succeeded', () => {
    const resource = kafka([REMOVAL, READY]);
    expect(kafkaIsReady(resource)).toBe(true);
    expect(kafkaFailure(resource)).toBeUndefined();
    expect(stateWarnings(resource)).toEqual([]);
  });

  it('with a warning about the state, which is no failure', () => {
    const resource = kafka([DUAL_WRITING, REMOVAL, READY]);
    expect(kafkaIsReady(resource)).toBe(true);
    expect(kafkaFailure(resource)).toBeUndefined();
    expect(stateWarnings(resource)).toEqual([DUAL_WRITING.message]);
  });

  it('of a pass that failed', () => {
    const resource = kafka([INVALID]);
    expect(kafkaIsReady(resource)).toBe(false);
    expect(kafkaFailure(resource)).toEqual({ reason: 'InvalidResourceException', message: INVALID.message });
  });

  it('while the cluster is being created is no failure', () => {
    expect(kafkaIsReady(kafka([CREATING]))).toBe(false);
    expect(kafkaFailure(kafka([CREATING]))).toBeUndefined();
  });

  it('that does not exist yet', () => {
    const { status: _none, ...resource } = kafka();
    expect([kafkaIsReady(resource), kafkaFailure(resource), stateWarnings(resource)]).toEqual([false, undefined, []]);
  });
});

describe('plainListenerPort', () => {
  const kafka = (...listeners: NonNullable<NonNullable<KafkaResource['spec']>['kafka']>['listeners'] & {}) => ({
    apiVersion: 'kafka.strimzi.io/v1beta2',
    kind: 'Kafka',
    metadata: { name: 'my-cluster' },
    spec: { kafka: { listeners } },
  });
  const PLAIN = { port: 9092, type: 'internal', tls: false };

  it('is the port of an internal listener without TLS and authentication', () => {
    expect(plainListenerPort(kafka({ ...PLAIN, port: 9093, tls: true }, PLAIN))).toBe(9092);
  });

  it.each([
    ['TLS', { ...PLAIN, tls: true }],
    ['authentication', { ...PLAIN, authentication: { type: 'scram-sha-512' } }],
    ['another type', { ...PLAIN, type: 'nodeport' }],
  ])('is not one of a listener with %s', (_, listener) => {
    expect(plainListenerPort(kafka(listener))).toBeUndefined();
  });
});
