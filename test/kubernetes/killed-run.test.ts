import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { RUN_LABEL } from '../../src/environments/kubernetes/manifests.js';
import { LEASE, type Lease, NAMESPACE, VOLUME, type Volume } from '../../src/kubernetes/core-objects.js';
import type { KubeApi } from '../../src/kubernetes/kube-api.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { atLine } from '../integration/support/moments.js';
import { connectToCluster, describeOnCluster } from './api/real-cluster.js';
import { leftovers } from './support/inventory.js';
import { ON_CLUSTER } from './support/run-on-cluster.js';

jest.setTimeout(900_000);

const { REMIGRATE_TEST_CONTEXT = '', REMIGRATE_TEST_MANIFESTS = '' } = process.env;
const RUN = ['run', 'rollback-only', '--operator', '0.45.1', '--env', 'kubernetes', ...ON_CLUSTER];
/** The migration has begun: there is a namespace with an operator, pods and claims. */
const IN_THE_MIDDLE = 'state ZooKeeper -> KRaftMigration';
/** The first pod of the cluster has started. */
const AT_THE_BEGINNING = 'zookeeper-0 started';
const MOMENT_MS = 600_000;
/** A namespace that was not created by a run, but has a name like a run's. */
const BYSTANDER = 'remigrate-0123456789ab';

describeOnCluster('A run on a cluster that is killed or interrupted', () => {
  const { signal } = new AbortController();
  let api: KubeApi;
  let place: Place;

  beforeAll(async () => {
    api = await connectToCluster();
    await api.create({ ...NAMESPACE, metadata: { name: BYSTANDER } }, { signal });
  });
  afterAll(async () => {
    await api.delete({ ...NAMESPACE, name: BYSTANDER }, { signal });
    api.close();
  });
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  function endAt(moment: string, how: 'SIGINT' | 'SIGTERM' | 'SIGKILL') {
    const run = remigrate(place, [...RUN, '--operator-manifests', REMIGRATE_TEST_MANIFESTS]);
    return atLine(run, moment, () => void run.kill(how), MOMENT_MS);
  }

  /** As if the time of the run's lease had passed since it was renewed. */
  async function expireLease(namespace: string): Promise<void> {
    const { items } = await api.list<Lease>({ ...LEASE, namespace, labelSelector: RUN_LABEL }, { signal });
    expect(items).toHaveLength(1);
    for (const { metadata } of items) {
      const spec = { renewTime: '2020-01-01T00:00:00.000000Z' };
      await api.mergePatch({ ...LEASE, namespace, name: metadata.name }, { spec }, { signal });
    }
  }

  function cleanup() {
    return remigrate(place, ['cleanup', ...ON_CLUSTER]);
  }

  /** Traces of runs in the cluster, except the bystander and what Kubernetes creates in it. */
  async function left(): Promise<readonly string[]> {
    return (await leftovers(api)).filter((object) => !object.includes(BYSTANDER));
  }

  const bystander = () => api.get({ ...NAMESPACE, name: BYSTANDER }, { signal });

  it('by SIGKILL leaves its objects, and cleanup removes them, including retained volumes', async () => {
    const before = await bystander();
    const killed = await endAt(IN_THE_MIDDLE, 'SIGKILL');
    expect(killed.signal).toBe('SIGKILL');
    const [namespace = ''] = /remigrate-[0-9a-f]{12}/.exec((await left()).join(' ')) ?? [];
    const { items } = await api.list<Volume>(VOLUME, { signal });
    const volumes = items.filter(({ spec }) => spec?.claimRef?.namespace === namespace);
    expect(volumes).toHaveLength(3);
    const retained = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    for (const { metadata } of volumes) await api.mergePatch({ ...VOLUME, name: metadata.name }, retained, { signal });

    // Nobody can know yet that its harness will not renew its lease any more.
    const early = await cleanup();
    expect(early.all).toContain(`run ${namespace} (rollback-only-0.45.1, process `);
    expect(early.all).toContain('is live and is not removed.');
    expect(early.all).toContain(`Context ${REMIGRATE_TEST_CONTEXT} has no leftovers of remigrate.`);
    expect(early.exitCode).toBe(0);
    await expireLease(namespace);

    const first = await cleanup();
    const [which, ...removed] = first.all.split('\n');
    expect(which).toMatch(new RegExp(`^run ${namespace} \\(.*\\) was left behind$`));
    expect(removed.sort()).toEqual(
      [
        ...['global', 'namespaced', 'watched'].map(
          (role) => `removed ClusterRole strimzi-cluster-operator-${role}-${namespace}`,
        ),
        `removed ClusterRoleBinding strimzi-cluster-operator-${namespace}`,
        ...['kafkas.kafka', 'kafkanodepools.kafka', 'strimzipodsets.core'].map(
          (kind) => `removed CustomResourceDefinition ${kind}.strimzi.io`,
        ),
        `removed namespace ${namespace}`,
        ...volumes.map(({ metadata }) => `removed volume ${metadata.name}`),
      ].sort(),
    );
    expect(first.exitCode).toBe(0);
    expect(await left()).toEqual([]);
    expect(await bystander()).toEqual(before);

    const second = await cleanup();
    expect(second.all).toBe(`Context ${REMIGRATE_TEST_CONTEXT} has no leftovers of remigrate.`);
    expect(second.exitCode).toBe(0);
    await expectNothingLeft(place);
  });

  it.each([
    ['SIGINT', IN_THE_MIDDLE, 130],
    ['SIGTERM', AT_THE_BEGINNING, 143],
  ] as const)('by %s at "%s" removes everything, and exits with code %i', async (how, moment, exitCode) => {
    const before = await bystander();
    const result = await endAt(moment, how);
    expect(result.all).toContain(`${how}: stopping the nodes`);
    expect(result.exitCode).toBe(exitCode);
    expect(await left()).toEqual([]);
    expect(await bystander()).toEqual(before);
    await expectNothingLeft(place);
  });
});
