import { describe, expect, it } from '@jest/globals';
import {
  type InstalledOperator,
  type OperatorDeployment,
  operatorOf,
  rejectRivals,
  restartRefused,
  upgradeRefused,
  usableOperator,
} from '../../../../src/environments/kubernetes/installed-operator.js';
import { EnvironmentError, UsageError } from '../../../../src/errors.js';

type EnvVar = NonNullable<OperatorDeployment['spec']['template']['spec']['containers'][number]['env']>[number];

const OWN_NAMESPACE: EnvVar = {
  name: 'STRIMZI_NAMESPACE',
  valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
};
const IMAGE = 'quay.io/strimzi/operator:0.45.1';

function deployment(
  env: readonly EnvVar[],
  { image = IMAGE, replicas = 1, kind = 'cluster-operator', annotations = {} } = {},
): OperatorDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'strimzi-cluster-operator', namespace: 'kafka' },
    spec: {
      replicas,
      template: {
        metadata: { labels: { 'strimzi.io/kind': kind }, annotations },
        spec: { containers: [{ image, env }] },
      },
    },
  };
}

function operator(changes: Partial<InstalledOperator> = {}): InstalledOperator {
  const usual = { version: '0.45.1', replicas: 1, watchesAll: true, standIn: false };
  return { namespace: 'kafka', name: 'strimzi-cluster-operator', ...usual, ...changes };
}

describe('an operator that the run did not install', () => {
  const watches = (value: string): EnvVar => ({ name: 'STRIMZI_NAMESPACE', value });

  it.each<[string, readonly EnvVar[], boolean]>([
    ['its own namespace', [OWN_NAMESPACE], false],
    ['some namespaces', [watches('kafka, shop')], false],
    ['all', [watches('*')], true],
    ['all, among others', [watches('kafka, *')], true],
    ['all, by an empty value', [watches('')], true],
    ['all, without the variable', [], true],
    [
      'all, if the value cannot be read',
      [{ name: 'STRIMZI_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      true,
    ],
  ])('watches %s', (_what, env, all) => {
    expect(operatorOf(deployment(env))).toMatchObject({ namespace: 'kafka', watchesAll: all });
  });

  it.each([
    ['', true],
    ['kafka', false],
  ])('of the Operator Lifecycle Manager watches the namespaces in the annotation %j of its pods', (namespaces, all) => {
    const fieldPath = "metadata.annotations['olm.targetNamespaces']";
    const env = [{ name: 'STRIMZI_NAMESPACE', valueFrom: { fieldRef: { fieldPath } } }];
    const annotations = { 'olm.targetNamespaces': namespaces };
    expect(operatorOf(deployment(env, { annotations }))?.watchesAll).toBe(all);
  });

  it('is not another Deployment, nor one that is scaled to zero or is being deleted', () => {
    expect(operatorOf(deployment([], { kind: 'topic-operator' }))).toBeUndefined();
    expect(operatorOf(deployment([], { replicas: 0 }))).toBeUndefined();
    const beingDeleted = deployment([]);
    const metadata = { ...beingDeleted.metadata, deletionTimestamp: '2026-11-24T10:00:00Z' };
    expect(operatorOf({ ...beingDeleted, metadata })).toBeUndefined();
  });

  const named = (name: string, value: string): EnvVar => ({ name, value });
  it.each<[string, string, readonly EnvVar[], string | undefined]>([
    ['its image', IMAGE, [], '0.45.1'],
    ['its image with a digest', `${IMAGE}@sha256:0a`, [], '0.45.1'],
    ['its image in a registry with a port', 'mirror.example:5000/strimzi/operator:0.45.1', [], '0.45.1'],
    [
      'the images of Kafka',
      'lab/operator:dev',
      [named('STRIMZI_KAFKA_IMAGES', '3.8.1=q/kafka:0.45.1-kafka-3.8.1\n3.9.0=q/kafka:0.45.1-kafka-3.9.0\n')],
      '0.45.1',
    ],
    [
      'its image for init containers, and not of the bridge image',
      'lab/operator:dev',
      [
        named('STRIMZI_DEFAULT_KAFKA_BRIDGE_IMAGE', 'q/kafka-bridge:0.31.2'),
        named('STRIMZI_DEFAULT_KAFKA_INIT_IMAGE', IMAGE),
      ],
      '0.45.1',
    ],
    ['nothing, if no image shows it', 'lab/operator:dev', [], undefined],
    ['nothing, for a build with a longer tag', 'q/operator:0.45.1-rc1', [], undefined],
    ['nothing, for the port of a registry', 'mirror.example:5000/operator', [], undefined],
    [
      'nothing, if the images disagree',
      IMAGE,
      [named('STRIMZI_DEFAULT_KAFKA_INIT_IMAGE', 'q/operator:0.45.0')],
      undefined,
    ],
  ])('has the version of %s', (_what, image, env, version) => {
    expect(operatorOf(deployment(env, { image }))?.version).toBe(version);
  });

  it('is rejected in addition to the run’s own only if it watches all namespaces', () => {
    expect(() => rejectRivals([operator({ watchesAll: false })], 'lab')).not.toThrow();
    const refused = () => rejectRivals([operator({ watchesAll: false }), operator()], 'lab');
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      /^The cluster of context lab has the Cluster Operator kafka\/strimzi-cluster-operator, which watches all namespaces: .*--use-installed-operator\.$/,
    );
  });

  it('is used if it has the version of the run', () => {
    const found = operator();
    expect(usableOperator([operator({ watchesAll: false }), found], ['0.45.1'], 'lab')).toBe(found);
  });

  it.each<[string, readonly InstalledOperator[], readonly string[], RegExp]>([
    ['there is none', [], ['0.45.1'], /has no Cluster Operator that watches all namespaces: omit/],
    [
      'it watches some namespaces',
      [operator({ watchesAll: false })],
      ['0.45.1'],
      /\(it has the Cluster Operator kafka\/strimzi-cluster-operator\): omit/,
    ],
    [
      'there are two',
      [operator(), operator({ namespace: 'other' })],
      ['0.45.1'],
      /kafka\/strimzi-cluster-operator and the Cluster Operator other\//,
    ],
    ['it has two replicas', [operator({ replicas: 2 })], ['0.45.1'], /has 2 replicas.*scale its Deployment to 1/],
    ['its version is unknown', [operator({ version: undefined })], ['0.45.1'], /do not show its version/],
    [
      'it has another version',
      [operator()],
      ['0.45.0', '0.45.1'],
      /is 0\.45\.1, but the run is for 0\.45\.0: set --operator 0\.45\.1,/,
    ],
  ])('is not used when %s', (_what, operators, versions, sentence) => {
    const use = () => usableOperator(operators, versions, 'lab');
    expect(use).toThrow(UsageError);
    expect(use).toThrow(sentence);
  });

  it('is not restarted', () => {
    const refused = restartRefused(operator());
    expect(refused).toBeInstanceOf(EnvironmentError);
    expect(refused.message).toMatch(/^The scenario restarts its operator, but the Cluster Operator kafka/);
  });

  it('is not upgraded', () => {
    expect(upgradeRefused(operator()).message).toMatch(
      /^The scenario upgrades its operator, but the Cluster Operator kafka/,
    );
  });
});
