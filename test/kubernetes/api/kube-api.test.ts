import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import type { KubeObject } from '../../../src/kubernetes/kube-object.js';
import { type Change, Watched } from '../../../src/kubernetes/watched.js';
import { connectToCluster, createNamespace, deleteNamespace, describeOnCluster } from './real-cluster.js';

jest.setTimeout(120_000);

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const { signal } = new AbortController();
const WIDGETS = 'tests.remigrate.example';
const WIDGET = { apiVersion: `${WIDGETS}/v1beta2`, kind: 'Widget' };

/** With a status subresource, like Strimzi's. */
const WIDGET_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${WIDGETS}` },
  spec: {
    group: WIDGETS,
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1beta2',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

describeOnCluster('KubeApi on a cluster', () => {
  let api: KubeApi;
  let namespace: string;

  beforeAll(async () => {
    api = await connectToCluster();
    namespace = await createNamespace(api);
  });

  afterAll(async () => {
    await api.delete({ ...WIDGET_DEFINITION, name: WIDGET_DEFINITION.metadata.name }, { signal });
    await deleteNamespace(api, namespace);
    api.close();
  });

  function configMap(name: string, data: Readonly<Record<string, string>>): ConfigMap {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { set: 'mine' } }, data };
  }

  it('returns the version of the server', async () => {
    const { major, minor, gitVersion } = await api.serverVersion({ signal });
    expect(gitVersion).toContain(`v${major}.${minor}.`);
  });

  it('creates, reads, patches, applies and deletes', async () => {
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'a' };
    const created = await api.create(configMap('a', { x: '1', y: '2' }), { signal });
    expect(created.metadata.uid).toEqual(expect.any(String));
    await expect(api.create(configMap('a', {}), { signal })).rejects.toMatchObject({ reason: 'AlreadyExists' });
    await api.mergePatch<ConfigMap>(reference, { data: { x: null, z: '3' } }, { signal });
    expect((await api.get<ConfigMap>(reference, { signal }))?.data).toEqual({ y: '2', z: '3' });
    const { labels: _, ...metadata } = configMap('a', {}).metadata;
    const applied = { ...configMap('a', { z: '4' }), metadata };
    await expect(api.apply(applied, { signal })).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
    expect((await api.apply(applied, { signal, force: true })).data).toEqual({ y: '2', z: '4' });
    await expect(api.delete(reference, { signal, uid: 'another' })).rejects.toMatchObject({ reason: 'Conflict' });
    await expect(
      api.delete(reference, { signal, uid: created.metadata.uid ?? '', propagation: 'Foreground' }),
    ).resolves.toBe(true);
    // Dependent objects are deleted first: there are none, but the garbage collector is used.
    const maps = await Watched.start<ConfigMap>(api, { apiVersion: 'v1', kind: 'ConfigMap', namespace }, { signal });
    await maps.waitFor('a to be gone', (all) => (all.has('a') ? undefined : true), 60_000, signal);
    await maps.close();
    await expect(api.get(reference, { signal })).resolves.toBeUndefined();
    await expect(api.delete(reference, { signal })).resolves.toBe(false);
  });

  it('handles custom resources like core kinds, as soon as they are served', async () => {
    await expect(api.serves(WIDGET, { signal })).resolves.toBe(false);
    await expect(api.list({ ...WIDGET, namespace }, { signal })).rejects.toThrow(/does not serve Widget/);
    const definitions = await Watched.start<
      KubeObject & { status?: { conditions?: { type: string; status: string }[] } }
    >(
      api,
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        fieldSelector: `metadata.name=${WIDGET_DEFINITION.metadata.name}`,
      },
      { signal },
    );
    await api.create(WIDGET_DEFINITION, { signal });
    await definitions.waitFor(
      'the definition to be established',
      (all) =>
        [...all.values()].some(({ status }) =>
          status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True'),
        ) || undefined,
      30_000,
      signal,
    );
    await definitions.close();
    // The condition Established is set a moment before every part of the server has the definition.
    while (!(await api.serves(WIDGET, { signal }))) await new Promise((resolve) => setImmediate(resolve));
    const widget = {
      ...WIDGET,
      metadata: { name: 'w', namespace },
      spec: { deep: { list: [1, 'two'] } },
      status: { no: 1 },
    };
    await api.create(widget, { signal });
    const reference = { ...WIDGET, namespace, name: 'w' };
    await api.mergePatch(reference, { status: { kafkaMetadataState: 'ZooKeeper' } }, { signal, subresource: 'status' });
    await expect(api.get(reference, { signal })).resolves.toMatchObject({
      spec: { deep: { list: [1, 'two'] } },
      status: { kafkaMetadataState: 'ZooKeeper' },
    });
    expect((await api.list({ ...WIDGET, namespace }, { signal })).items).toHaveLength(1);
  });

  it('says which rights a user lacks, both when it checks them and when a request is denied', async () => {
    const rights = [
      { verb: 'create', group: '', resource: 'pods/portforward', namespace },
      { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    ];
    await expect(api.missingRights(rights, { signal })).resolves.toEqual([]);
    const nobody = await connectToCluster('system:serviceaccount:default:nobody');
    await expect(nobody.missingRights(rights, { signal })).resolves.toEqual(rights);
    await expect(nobody.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { signal })).rejects.toMatchObject({
      status: 403,
      message: expect.stringMatching(`^no right to list pods in namespace ${namespace} at the API server https://`),
    });
    nobody.close();
  });

  it('watches one kind by label, beginning with the list', async () => {
    await api.create(configMap('b', { at: 'first' }), { signal });
    const changes: string[] = [];
    const watched = await Watched.start<ConfigMap>(
      api,
      { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'set=mine' },
      {
        signal,
        listener: ({ change, object }: Change<ConfigMap>) =>
          changes.push(`${change} ${object.metadata.name} ${object.data?.at}`),
      },
    );
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'b' };
    await api.create({ ...configMap('other', {}), metadata: { name: 'other', namespace } }, { signal });
    await api.mergePatch(reference, { data: { at: 'second' } }, { signal });
    await api.delete(reference, { signal });
    await api.create(configMap('c', { at: 'third' }), { signal });
    await watched.waitFor('c', (objects) => objects.get('c'), 30_000, signal);
    await watched.close();
    expect(changes).toEqual(['added b first', 'modified b second', 'deleted b second', 'added c third']);
  });
});
