import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { RUN_LABEL } from '../../src/environments/kubernetes/manifests.js';
import { operatorObjects } from '../../src/environments/kubernetes/operator-manifests.js';
import { readRelease } from '../../src/environments/kubernetes/operator-release.js';
import { UsageError } from '../../src/errors.js';
import type { Condition } from '../../src/kubernetes/core-objects.js';
import { untilEstablished } from '../../src/kubernetes/definitions.js';
import { type KubeObject, objectReference } from '../../src/kubernetes/kube-object.js';
import { Watched } from '../../src/kubernetes/watched.js';
import { expectExitCode } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { Bench, IDLE, VERSION } from './install-support.js';
import { describeObject, everyObject } from './support/inventory.js';
import { runOnCluster } from './support/run-on-cluster.js';
import { releaseFolder } from './support/stand-in-manifests.js';

jest.setTimeout(900_000);

const RBAC = 'rbac.authorization.k8s.io';
const READY_MS = 120_000;
const { signal } = new AbortController();

interface Definition extends KubeObject {
  readonly spec: { readonly versions: readonly { readonly additionalPrinterColumns?: readonly object[] }[] };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly { readonly name: string }[] }[] };
    };
  };
  readonly status?: { readonly availableReplicas?: number; readonly conditions?: readonly Condition[] };
}

/** Objects of another user. */
class Theirs {
  readonly #bench: Bench;
  readonly #made: KubeObject[] = [];

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async create(object: KubeObject): Promise<void> {
    await this.#bench.api.apply(object, { signal, fieldManager: 'another-user' });
    this.#made.push(object);
  }

  /** Waits for definitions, so that their kinds are served. */
  async define(definition: KubeObject): Promise<void> {
    await this.create(definition);
    await untilEstablished(this.#bench.api, definition.metadata.name, { timeoutMs: READY_MS, signal });
  }

  /** Each object with its resourceVersion. */
  async now(): Promise<readonly string[]> {
    const all = await Promise.all(this.#made.map((one) => this.#bench.api.get(objectReference(one), { signal })));
    return all.map((one) => (one === undefined ? 'gone' : `${describeObject(one)} at ${one.metadata.resourceVersion}`));
  }

  async remove(): Promise<void> {
    for (const object of this.#made.toReversed()) {
      const reference = objectReference(object);
      await this.#bench.api.delete(reference, { signal });
      const { apiVersion, kind, name, namespace } = reference;
      const selection = { apiVersion, kind, fieldSelector: `metadata.name=${name}` };
      const place = namespace === undefined ? {} : { namespace };
      const watched = await Watched.start(this.#bench.api, { ...selection, ...place }, { signal });
      try {
        const none = (left: ReadonlyMap<string, unknown>) => (left.size === 0 ? true : undefined);
        await watched.waitFor(`${kind} ${name} to be gone`, none, READY_MS, signal);
      } finally {
        await watched.close();
      }
    }
  }
}

describeOnCluster('definitions of another Strimzi version', () => {
  let bench: Bench;
  let theirs: Theirs;

  beforeEach(async () => {
    bench = await Bench.create();
    theirs = new Theirs(bench);
    const { objects } = await readRelease(releaseFolder(VERSION), { version: VERSION, signal });
    const known = objects.find(({ metadata }) => metadata.name === 'kafkas.kafka.strimzi.io') as Definition;
    const versions = known.spec.versions.map((version) => ({
      ...version,
      additionalPrinterColumns: [{ name: 'Theirs', type: 'string', jsonPath: '.metadata.name' }],
    }));
    const other: Definition = { ...known, spec: { ...known.spec, versions } };
    await theirs.define(other);
  });
  afterEach(async () => {
    await theirs.remove();
    await bench.close();
  });

  it('are rejected, and not changed', async () => {
    const before = await theirs.now();
    const environment = await bench.open(await bench.manifests(IDLE));
    const failure = await environment.create(await bench.cluster()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).toContain(
      'The cluster has a CustomResourceDefinition kafkas.kafka.strimzi.io of another Strimzi version, which was not installed by remigrate. ' +
        'Use another cluster (--kind creates one), or use the installed definitions, with --use-installed-definitions.',
    );
    expect(await theirs.now()).toEqual(before);
    expect(await bench.left()).toEqual([]);
  });

  it('are used with --use-installed-definitions, and not changed', async () => {
    const before = await theirs.now();
    const environment = await bench.open(await bench.manifests(IDLE), { useInstalledDefinitions: true });
    const cluster = await environment.create(await bench.cluster());
    await cluster.close({ hurry: true });
    expect(await theirs.now()).toEqual(before);
    expect(await bench.left()).toEqual([]);
  });
});

describeOnCluster("another user's operator, which watches all namespaces", () => {
  const namespace = `payments-${randomBytes(3).toString('hex')}`;
  let theirBench: Bench;
  let theirs: Theirs;
  let bench: Bench;

  beforeAll(async () => {
    theirBench = await Bench.create();
    theirs = new Theirs(theirBench);
    await theirs.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const release = await readRelease(releaseFolder(VERSION), { version: VERSION, signal });
    const place = { namespace, run: '', version: VERSION, reconciliationIntervalMs: 5_000 };
    const kubernetes = await theirBench.api.serverVersion({ signal });
    const { definitions, own } = operatorObjects(release, { ...place, kubernetes });
    for (const definition of definitions) await theirs.define(withoutLabel(definition));
    for (const object of own.flatMap(everywhere)) await theirs.create(withoutLabel(object));
    await theirBench.seen<Deployment>(
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace },
      "the other user's operator to be idle",
      ({ status }) =>
        status?.availableReplicas === 1 &&
        status.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable') === true,
    );
  });
  afterAll(async () => {
    await theirs.remove();
    await theirBench.close();
  });
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(() => bench.close());

  it('is rejected with exit code 2, and advice', async () => {
    const before = await theirs.now();
    const result = await runOnCluster(['rollback-only', '--operator', VERSION]);
    expectExitCode(result, 2);
    expect(result.all).toContain(
      `has the Cluster Operator ${namespace}/strimzi-cluster-operator, which watches all namespaces`,
    );
    expect(result.all).toContain('--use-installed-operator');
    expect(result.all).not.toMatch(/^\s+at .*\.js:\d+/m);
    expect(result.leftBehind).toEqual([]);
    expect(await theirs.now()).toEqual(before);
  });

  it('is not used for another version: exit code 2', async () => {
    const args = ['rollback-only', '--operator', '0.45.0', '--use-installed-operator'];
    const result = await runOnCluster(args, 'nowhere');
    expectExitCode(result, 2);
    expect(result.all).toContain(
      `The Cluster Operator ${namespace}/strimzi-cluster-operator is ${VERSION}, but the run is for 0.45.0`,
    );
    expect(result.leftBehind).toEqual([]);
  });

  it("reconciles the run's Kafka resource with --use-installed-operator, and is neither upgraded nor changed", async () => {
    const before = await theirs.now();
    const environment = await bench.open('nowhere', { useInstalledOperator: true });
    expect(environment.parts.operator).toBe('stand-in');
    const options = await bench.cluster({ stateTimeoutMs: 420_000 });
    const cluster = await environment.create(options);
    try {
      expect(await bench.left()).toEqual([`Namespace ${bench.run}`]);
      await cluster.deploy();
      expect(cluster.state()).toBe('ZooKeeper');
      await expect(cluster.upgradeOperator('0.45.0')).rejects.toThrow(UsageError);
      expect(cluster.operatorVersion()).toBe(VERSION);
      const deployments = await bench.api.list(
        { apiVersion: 'apps/v1', kind: 'Deployment', namespace: bench.run },
        { signal },
      );
      expect(deployments.items).toEqual([]);
    } finally {
      await cluster.close({ hurry: true });
    }
    expect(bench.failures).toEqual([]);
    // Its log was followed, although it is in another namespace.
    expect(options.journal.events()).toContainEqual(
      expect.objectContaining({ type: 'pass-ended', outcome: 'reconciled' }),
    );
    expect(await theirs.now()).toEqual(before);
    expect(await bench.left()).toEqual([]);
    expect((await everyObject(bench.api)).filter((one) => JSON.stringify(one).includes(bench.run))).toEqual([]);
  });
});

describeOnCluster('--use-installed-operator in a cluster without an operator', () => {
  it('is rejected', async () => {
    const bench = await Bench.create();
    try {
      const failure = await bench.open('nowhere', { useInstalledOperator: true }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(UsageError);
      expect(String(failure)).toContain('has no Cluster Operator that watches all namespaces: omit');
    } finally {
      await bench.close();
    }
  });
});

function withoutLabel(object: KubeObject): KubeObject {
  const labels = Object.entries(object.metadata.labels ?? {}).filter(([name]) => name !== RUN_LABEL);
  return { ...object, metadata: { ...object.metadata, labels: Object.fromEntries(labels) } };
}

/** The operator as installed by its Helm chart with `watchAnyNamespace`, with its rights in all namespaces. */
function everywhere(object: KubeObject): readonly KubeObject[] {
  if (object.kind === 'RoleBinding') {
    const { namespace, name } = object.metadata;
    const metadata = { ...object.metadata, name: `${name}-${namespace}-all` };
    const { namespace: _, ...clusterWide } = metadata;
    return [{ ...object, apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: clusterWide }];
  }
  if (object.kind !== 'Deployment') return [object];
  const deployment = object as Deployment;
  const { template } = deployment.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    env: [
      ...container.env.filter(({ name }) => name !== 'STRIMZI_NAMESPACE'),
      { name: 'STRIMZI_NAMESPACE', value: '*' },
    ],
  }));
  const spec = { ...deployment.spec, template: { ...template, spec: { ...template.spec, containers } } };
  const watchingAll: Deployment = { ...deployment, spec };
  return [watchingAll];
}
