import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { RUN_LABEL } from '../../src/environments/kubernetes/manifests.js';
import { DEFINITION, isReady, POD, type Pod } from '../../src/kubernetes/core-objects.js';
import { untilEstablished } from '../../src/kubernetes/definitions.js';
import type { KubeApi } from '../../src/kubernetes/kube-api.js';
import { type KubeObject, objectReference } from '../../src/kubernetes/kube-object.js';
import { Watched } from '../../src/kubernetes/watched.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { connectToCluster, describeOnCluster, perlPod } from './api/real-cluster.js';
import { expectFiveSteps } from './support/five-steps.js';
import { describeObject, everyObject } from './support/inventory.js';
import { ON_CLUSTER, runOnCluster } from './support/run-on-cluster.js';
import { releaseFolder } from './support/stand-in-manifests.js';

jest.setTimeout(900_000);

const READY_MS = 120_000;
const STRIMZI = 'kafka.strimzi.io/v1beta2';
const RBAC = 'rbac.authorization.k8s.io/v1';

/** A cluster with another user's Strimzi Kafka cluster and other objects. */
describeOnCluster("A run beside another user's Kafka cluster", () => {
  const { signal } = new AbortController();
  const namespace = `payments-${randomBytes(3).toString('hex')}`;
  let api: KubeApi;
  let place: Place;
  /** The other user's objects, in the order of their creation. */
  const theirs: KubeObject[] = [];

  beforeAll(async () => {
    api = await connectToCluster();
    for (const definition of await definitions()) {
      await create(definition);
      await untilEstablished(api, definition.metadata.name, { timeoutMs: READY_MS, signal });
    }
    for (const object of belongings(namespace)) await create(object);
    await untilIdle();
  });
  afterAll(async () => {
    // Deleting the definitions and the namespace also deletes their objects.
    for (const object of theirs.reverse()) await api.delete(objectReference(object), { signal });
    await gone('Namespace', 'v1', namespace);
    for (const { metadata } of theirs.filter(({ kind }) => kind === 'CustomResourceDefinition')) {
      await gone(DEFINITION.kind, DEFINITION.apiVersion, metadata.name);
    }
    api.close();
  });
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  async function create(object: KubeObject): Promise<void> {
    await api.apply(object, { signal, fieldManager: 'another-user' });
    theirs.push(object);
  }

  /** Waits until the pods are ready, and the claim is bound: then no object changes any more. */
  async function untilIdle(): Promise<void> {
    const pods = await Watched.start<Pod>(api, { ...POD, namespace }, { signal });
    const deployments = await Watched.start<KubeObject & { readonly status?: { readonly availableReplicas?: number } }>(
      api,
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace },
      { signal },
    );
    try {
      const two = (all: ReadonlyMap<string, Pod>) =>
        all.size === 2 && [...all.values()].every(isReady) ? true : undefined;
      await pods.waitFor("the other user's pods to be ready", two, READY_MS, signal);
      await deployments.waitFor(
        "the other user's deployment to be available",
        (all) => (all.get('shop')?.status?.availableReplicas === 1 ? true : undefined),
        READY_MS,
        signal,
      );
    } finally {
      await pods.close();
      await deployments.close();
    }
  }

  async function gone(kind: string, apiVersion: string, name: string): Promise<void> {
    const watched = await Watched.start(api, { apiVersion, kind, fieldSelector: `metadata.name=${name}` }, { signal });
    try {
      const none = (all: ReadonlyMap<string, unknown>) => (all.size === 0 ? true : undefined);
      await watched.waitFor(`${kind} ${name} to be gone`, none, READY_MS, signal);
    } finally {
      await watched.close();
    }
  }

  /** Every object of the cluster, with its resourceVersion. */
  async function everything(): Promise<readonly string[]> {
    const objects = await everyObject(api);
    return objects.map((one) => `${describeObject(one)} ${one.metadata.uid} at ${one.metadata.resourceVersion}`).sort();
  }

  it('uses the installed definitions and changes no object of the other user', async () => {
    const before = await everything();
    for (const kind of [
      'Kafka',
      'KafkaNodePool',
      'StrimziPodSet',
      'PersistentVolume',
      'Secret',
      'ClusterRoleBinding',
    ]) {
      expect(before).toContainEqual(expect.stringContaining(` ${kind} `));
    }
    await expectFiveSteps(await runOnCluster(['rollback-remigrate', '--operator', '0.45.1']), ['0.45.1']);
    expect(await everything()).toEqual(before);
  });

  it('cleanup removes the leftovers of a killed run, and nothing else', async () => {
    const before = await everything();
    const run = `remigrate-${randomBytes(6).toString('hex')}`;
    const labels = { [RUN_LABEL]: run };
    const left = `strimzi-cluster-operator-global-${run}`;
    await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: run, labels } }, { signal });
    await api.create({ apiVersion: RBAC, kind: 'ClusterRole', metadata: { name: left, labels } }, { signal });

    // A namespace that has just been created counts as that of a run that begins.
    const result = await remigrate(place, ['cleanup', ...ON_CLUSTER, '--run', run]);
    expect(result.all.split('\n').slice(1).sort()).toEqual([`removed ClusterRole ${left}`, `removed namespace ${run}`]);
    expect(result.exitCode).toBe(0);
    expect(await everything()).toEqual(before);
    await expectNothingLeft(place);
  });
});

/** Strimzi's definitions, installed by the other user. */
async function definitions(): Promise<readonly KubeObject[]> {
  const folder = releaseFolder('0.45.1');
  const files = (await readdir(folder)).filter((file) => file.includes('-Crd-'));
  return Promise.all(files.map(async (file) => parse(await readFile(join(folder, file), 'utf8')) as KubeObject));
}

function belongings(namespace: string): readonly (KubeObject & Readonly<Record<string, unknown>>)[] {
  const inside = (name: string, labels = {}) => ({ name, namespace, labels });
  const ofCluster = { 'strimzi.io/cluster': 'my-cluster' };
  const withVolume = perlPod(namespace, 'my-cluster-broker-0', 'sleep 100000');
  const role = 'strimzi-cluster-operator-namespaced';
  const app = perlPod(namespace, 'shop', 'sleep 100000');
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: RBAC,
      kind: 'ClusterRole',
      metadata: { name: role, labels: { app: 'strimzi' } },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
    {
      apiVersion: RBAC,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'strimzi-cluster-operator', labels: { app: 'strimzi' } },
      subjects: [{ kind: 'ServiceAccount', name: 'strimzi-cluster-operator', namespace }],
      roleRef: { kind: 'ClusterRole', name: role, apiGroup: 'rbac.authorization.k8s.io' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: inside('settings'), data: { currency: 'EUR' } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: inside('my-cluster-cluster-ca'),
      stringData: { password: 'unknown' },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: inside('data-0-my-cluster-broker-0', ofCluster),
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      ...withVolume,
      metadata: { ...withVolume.metadata, labels: { ...ofCluster, 'strimzi.io/broker-role': 'true' } },
      spec: {
        ...withVolume.spec,
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-0-my-cluster-broker-0' } }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: inside('shop'),
      spec: {
        selector: { matchLabels: { app: 'shop' } },
        template: { metadata: { labels: { app: 'shop' } }, spec: app.spec },
      },
    },
    {
      apiVersion: STRIMZI,
      kind: 'Kafka',
      metadata: {
        ...inside('my-cluster'),
        annotations: { 'strimzi.io/kraft': 'disabled', 'strimzi.io/node-pools': 'enabled' },
      },
      spec: {
        kafka: { listeners: [{ name: 'plain', port: 9092, type: 'internal', tls: false }] },
        zookeeper: { replicas: 1, storage: { type: 'ephemeral' } },
      },
    },
    {
      apiVersion: STRIMZI,
      kind: 'KafkaNodePool',
      metadata: inside('broker', ofCluster),
      spec: { replicas: 1, roles: ['broker'], storage: { type: 'ephemeral' } },
    },
    {
      apiVersion: 'core.strimzi.io/v1beta2',
      kind: 'StrimziPodSet',
      metadata: inside('my-cluster-broker', ofCluster),
      spec: { selector: { matchLabels: ofCluster }, pods: [] },
    },
  ];
}
