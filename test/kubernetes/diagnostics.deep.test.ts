import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { POD, type Pod } from '../../src/kubernetes/core-objects.js';
import type { KubeObject } from '../../src/kubernetes/kube-object.js';
import { Watched } from '../../src/kubernetes/watched.js';
import { Ledger } from '../../src/metadata/ledger.js';
import { Clients } from '../../src/metadata/seeding.js';
import { describeOnCluster, perlPod } from './api/real-cluster.js';
import { StartedCluster } from './support/started-cluster.js';

jest.setTimeout(900_000);

const { REMIGRATE_TEST_MANIFESTS: manifests = '' } = process.env;
const DEADLINE_MS = 60_000;
const TOPIC = { name: 'diagnosed', partitions: 1, replicationFactor: 1, configs: { 'retention.ms': '7200000' } };
const SECRET = randomBytes(12).toString('hex');
/** The container's first run ends, the second one continues. */
const RESTARTED =
  'if (-e "/lives/one") { print "second life\\n"; sleep 3600 } open F, ">/lives/one"; die "last words\\n"';

describeOnCluster('The results of a run', () => {
  const { signal } = new AbortController();
  let started: StartedCluster;

  beforeAll(async () => {
    started = await StartedCluster.start({ operatorVersion: '0.45.1', manifests });
    const { cluster, namespace, api } = started;
    await api.create(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret', namespace }, stringData: { token: SECRET } },
      { signal },
    );
    await api.create(unsteadyPod(namespace), { signal });
    await cluster.deploy();
    const clients = new Clients({ ...cluster.kafka(), ledger: new Ledger(), deadlineMs: DEADLINE_MS, signal });
    await clients.createTopics([{ ...TOPIC, records: 0 }]);
    await untilRestarted('unsteady');
    await started.end();
  });

  afterAll(() => started?.close());

  const read = (...path: readonly string[]): Promise<string> =>
    readFile(join(started.results, 'diagnostics', ...path), 'utf8');

  async function untilRestarted(pod: string): Promise<void> {
    const selection = { ...POD, namespace: started.namespace, fieldSelector: `metadata.name=${pod}` };
    const watched = await Watched.start<Pod>(started.api, selection, { signal });
    try {
      await watched.waitFor(
        `a restart of ${pod}`,
        (all) =>
          all.get(pod)?.status?.containerStatuses?.some(({ restartCount }) => restartCount > 0) ? true : undefined,
        DEADLINE_MS,
        signal,
      );
    } finally {
      await watched.close();
    }
  }

  it('have the objects of every kind, with their status', async () => {
    const objects = parseAllDocuments(await read('Kafka.yaml')).map((document) => document.toJS() as KubeObject);
    expect(objects).toMatchObject([
      { kind: 'Kafka', metadata: { name: 'my-cluster' }, status: { kafkaMetadataState: 'ZooKeeper' } },
    ]);
    const kinds = ['KafkaNodePool', 'StrimziPodSet', 'Pod', 'PersistentVolumeClaim', 'ConfigMap', 'Service', 'Event'];
    for (const kind of [...kinds, 'Deployment']) {
      const text = await read(`${kind}.yaml`);
      expect([kind, text]).toEqual([kind, expect.stringContaining(`kind: ${kind}\n`)]);
      expect(text).not.toContain('Cannot be read');
    }
  });

  it('have the previous logs of restarted containers, and no others', async () => {
    // An operator that starts before its roles take effect may crash once, too.
    const pods = parseAllDocuments(await read('Pod.yaml')).map((document) => document.toJS() as Pod);
    const restarted = pods.flatMap(({ metadata, status }) =>
      (status?.containerStatuses ?? [])
        .filter(({ restartCount }) => restartCount > 0)
        .map(({ name }) => `${metadata.name}-${name}.log`),
    );
    expect(restarted).toContain('unsteady-main.log');
    expect((await readdir(join(started.results, 'diagnostics/previous'))).sort()).toEqual(restarted.sort());
    expect(await read('previous', 'unsteady-main.log')).toBe('last words\n');
  });

  it('have the znodes of the migration and of topics', async () => {
    const znodes = parse(await read('znodes.yaml')) as readonly { readonly path: string }[];
    const at = (path: string) => znodes.find((znode) => znode.path === path);
    expect(at(`/brokers/topics/${TOPIC.name}`)).toMatchObject({
      data: expect.stringContaining('"partitions":{"0":[0]}'),
      stat: { version: 0, numChildren: 1 },
    });
    expect(at(`/config/topics/${TOPIC.name}`)).toMatchObject({ data: expect.stringContaining('7200000') });
    expect(at('/brokers/ids/0')).toMatchObject({ stat: { ephemeralOwner: expect.stringMatching(/^0x/) } });
    expect(at('/controller')).toMatchObject({ data: expect.stringContaining('"brokerid":0') });
    expect(at('/controller_epoch')).toMatchObject({ data: '1' });
    expect(at('/cluster/id')).toMatchObject({ data: expect.stringContaining('"id"') });
    // Its content, or that it is absent.
    expect(at('/migration')).toBeDefined();
    expect(znodes.filter(({ path }) => path.startsWith('/config/users'))).toEqual([]);
  });

  it("have the operator's whole log, and the nodes' logs", async () => {
    const logs = await readdir(join(started.results, 'logs'));
    const [operator = ''] = logs.filter((name) => name.startsWith('strimzi-cluster-operator-'));
    expect(await started.log(operator.replace(/\.log$/, ''))).toContain('reconciled');
    expect(logs).toEqual(expect.arrayContaining(['my-cluster-broker-0.log', 'my-cluster-zookeeper-0.log']));
  });

  it('have no content of a Secret', async () => {
    const files = (await readdir(started.results, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    expect(files.length).toBeGreaterThan(10);
    const texts = await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'utf8')));
    const secrets = [SECRET, Buffer.from(SECRET).toString('base64')];
    expect(texts.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
    // The reference to the Secret is not secret, and shows that the search covers the pod that uses it.
    expect(await read('Pod.yaml')).toContain('secretKeyRef');
  });
});

/** A pod that uses the Secret, and whose container crashes once. */
function unsteadyPod(namespace: string): KubeObject {
  const pod = perlPod(namespace, 'unsteady', RESTARTED) as KubeObject & {
    readonly spec: { readonly containers: readonly object[] };
  };
  const containers = pod.spec.containers.map((container) => ({
    ...container,
    env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'secret', key: 'token' } } }],
    volumeMounts: [{ name: 'lives', mountPath: '/lives' }],
  }));
  return { ...pod, spec: { ...pod.spec, containers, volumes: [{ name: 'lives', emptyDir: {} }] } } as KubeObject;
}
