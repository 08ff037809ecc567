import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeRun } from '../../../../src/environments/kubernetes/removal.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import { StubCluster } from './stub-cluster.js';

const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kafkas.kafka.strimzi.io';

describe('the definitions that runs have installed', () => {
  const { signal } = new AbortController();
  let cluster: StubCluster;
  let api: KubeApi;

  beforeEach(async () => {
    cluster = await StubCluster.start();
    api = await cluster.connect();
    namespace('remigrate-1');
    define('remigrate-1');
  });

  afterEach(async () => {
    api.close();
    await cluster.stop();
  });

  function namespace(run: string): void {
    cluster.put(`/api/v1/namespaces/${run}`, { metadata: { name: run, labels: { 'remigrate.io/run': run } } });
  }

  function define(run: string): void {
    cluster.put(DEFINITION, {
      metadata: { name: 'kafkas.kafka.strimzi.io', labels: { 'remigrate.io/run': run } },
      spec: { group: 'kafka.strimzi.io', names: { kind: 'Kafka' }, versions: [{ name: 'v1beta2' }] },
    });
  }

  it('are removed with the last run', async () => {
    expect(await removeRun(api, 'remigrate-1', signal)).toEqual([
      'namespace remigrate-1',
      'CustomResourceDefinition kafkas.kafka.strimzi.io',
    ]);
    expect(cluster.paths()).toEqual([]);
  });

  it('stay while another run is there, or a Kafka resource of anybody', async () => {
    namespace('remigrate-2');
    expect(await removeRun(api, 'remigrate-1', signal)).toEqual(['namespace remigrate-1']);
    cluster.put('/apis/kafka.strimzi.io/v1beta2/namespaces/shop/kafkas/orders', {});
    expect(await removeRun(api, 'remigrate-2', signal)).toEqual(['namespace remigrate-2']);
    expect(cluster.get(DEFINITION)).toBeDefined();
  });

  it('stay when a run begins to use them while this one looks who does', async () => {
    cluster.before = ({ method, url }) => {
      // After the list of the runs, and before the definition is deleted.
      if (method === 'GET' && url.pathname.endsWith('/kafkas')) {
        namespace('remigrate-2');
        define('remigrate-2');
      }
    };
    expect(await removeRun(api, 'remigrate-1', signal)).toEqual(['namespace remigrate-1']);
    expect(cluster.get(DEFINITION)?.metadata.labels).toEqual({ 'remigrate.io/run': 'remigrate-2' });
  });
});
