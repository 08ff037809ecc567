import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cleanUp } from '../../../src/cli/cleanup.js';
import { UsageError } from '../../../src/errors.js';
import type { KubeApi } from '../../../src/kubernetes/kube-api.js';
import { StubCluster } from '../environments/kubernetes/stub-cluster.js';

const LIVE = 'remigrate-1';
const LEFT = 'remigrate-2';

describe('cleanup', () => {
  const { signal } = new AbortController();
  let cluster: StubCluster;
  let api: KubeApi;

  beforeEach(async () => {
    cluster = await StubCluster.start();
    api = await cluster.connect();
  });

  afterEach(async () => {
    api.close();
    await cluster.stop();
  });

  function run(name: string, renewTime: string): void {
    const labels = { 'remigrate.io/run': name };
    cluster.put(`/api/v1/namespaces/${name}`, { metadata: { name, labels } });
    cluster.put(`/apis/coordination.k8s.io/v1/namespaces/${name}/leases/remigrate-run`, {
      metadata: { name: 'remigrate-run', labels },
      spec: { holderIdentity: 'process 12 on lab-host', leaseDurationSeconds: 60, renewTime },
    });
  }

  async function cleanup(name?: string): Promise<readonly string[]> {
    const lines: string[] = [];
    await cleanUp(api, { context: 'lab', run: name }, signal, (line) =>
      lines.push(line.replace(/\d+ s ago/, 'N s ago')),
    );
    return lines;
  }

  const namespaces = () => cluster.paths().filter((path) => path.startsWith('/api/v1/namespaces/'));

  it('removes what was left behind, and lists what is live with how to remove it', async () => {
    run(LIVE, new Date().toISOString());
    run(LEFT, '2020-01-01T00:00:00.000000Z');
    expect(await cleanup()).toEqual([
      'run remigrate-1 (process 12 on lab-host, seen N s ago) is live and is not removed. To remove it all the same: remigrate cleanup --context lab --run remigrate-1',
      'run remigrate-2 (process 12 on lab-host, seen N s ago) was left behind',
      'removed namespace remigrate-2',
    ]);
    expect(namespaces()).toEqual([`/api/v1/namespaces/${LIVE}`]);
  });

  it('removes a live run only if it is named, and says that it is live', async () => {
    run(LIVE, new Date().toISOString());
    run(LEFT, '2020-01-01T00:00:00.000000Z');
    expect(await cleanup(LIVE)).toEqual([
      'run remigrate-1 (process 12 on lab-host, seen N s ago) is live, and is removed because it was named',
      'removed namespace remigrate-1',
    ]);
    expect(namespaces()).toEqual([`/api/v1/namespaces/${LEFT}`]);
  });

  it('does not touch definitions of a run that has ended while another run is live', async () => {
    run(LIVE, new Date().toISOString());
    const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kafkas.kafka.strimzi.io';
    cluster.put(definition, { metadata: { labels: { 'remigrate.io/run': LEFT } } });
    expect(await cleanup()).toEqual([
      expect.stringContaining('remigrate-1'),
      'Context lab has no leftovers of remigrate.',
    ]);
    expect(cluster.get(definition)).toBeDefined();
  });

  it('of a run that does not exist is a usage error with the runs that do', async () => {
    await expect(cleanup('remigrate-7')).rejects.toThrow(
      new UsageError('--run remigrate-7: the cluster of context lab has no such run. It has no run of remigrate.'),
    );
    run(LIVE, new Date().toISOString());
    await expect(cleanup('remigrate-7')).rejects.toThrow('It has remigrate-1.');
    expect(namespaces()).toEqual([`/api/v1/namespaces/${LIVE}`]);
  });
});
