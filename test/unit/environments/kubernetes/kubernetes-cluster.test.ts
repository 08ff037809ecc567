import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { KubernetesCluster } from '../../../../src/environments/kubernetes/kubernetes-cluster.js';
import { UsageError } from '../../../../src/errors.js';
import { Journal } from '../../../../src/journal/journal.js';
import type { Pod } from '../../../../src/kubernetes/core-objects.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import type { KafkaResource } from '../../../../src/strimzi/resources.js';
import { type Folder, makeFolder } from '../../distribution/fakes.js';
import { StubCluster } from './stub-cluster.js';

const KAFKA = '/apis/kafka.strimzi.io/v1beta2/namespaces/demo/kafkas/my-cluster';
const OPERATOR: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace: 'demo' } };

let stub: StubCluster;
let api: KubeApi;
let folder: Folder;
beforeEach(async () => {
  stub = await StubCluster.start();
  api = await stub.connect();
  folder = await makeFolder();
});
afterEach(async () => {
  api.close();
  await stub.stop();
  await folder.delete();
});

it('annotate sets a value that Strimzi does not know only on purpose, and as it is', async () => {
  stub.put(KAFKA, { metadata: { annotations: { 'strimzi.io/kraft': 'disabled' } } });
  const value = () => stub.get<KafkaResource>(KAFKA)?.metadata.annotations?.['strimzi.io/kraft'];
  const run = new AbortController();
  const journal = new Journal();
  const cluster = await KubernetesCluster.start(
    {
      api,
      objects: { name: 'my-cluster', namespace: 'demo', run: 'a-run' },
      progress: () => undefined,
      upgrade: async () => OPERATOR,
      tearDown: async () => undefined,
      run: 'a-run',
      workspace: { folder: folder.path, results: folder.path, mark: 'a-mark' },
      operatorVersion: '0.45.1',
      kafkaVersion: '3.9.0',
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      journal,
      signal: run.signal,
      stateTimeoutMs: 1000,
      failed: () => undefined,
    },
    OPERATOR,
  );
  try {
    await expect(cluster.annotate('kraft-now')).rejects.toBeInstanceOf(UsageError);
    expect(value()).toBe('disabled');
    await cluster.annotate('Kraft-Now', { unknown: true });
    expect(value()).toBe('Kraft-Now');
    expect(journal.ofType('gesture')).toMatchObject([{ gesture: 'annotate', value: 'Kraft-Now' }]);
  } finally {
    run.abort();
    await cluster.close({ hurry: true });
  }
});
