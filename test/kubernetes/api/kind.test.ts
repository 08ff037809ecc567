import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execa } from 'execa';
import { KindCluster, type KindOptions } from '../../../src/environments/kubernetes/kind-cluster.js';
import { KubeApi } from '../../../src/kubernetes/kube-api.js';

jest.setTimeout(600_000);

const { REMIGRATE_TEST_KIND, REMIGRATE_TEST_KIND_IMAGE: image, REMIGRATE_TEST_KIND_CONFIG: configFile } = process.env;
const asked = REMIGRATE_TEST_KIND === '1';
if (!asked) console.warn('SKIPPED: KindCluster with the real kind: set REMIGRATE_TEST_KIND=1 to create clusters');

(asked ? describe : describe.skip)('KindCluster with the real kind', () => {
  const name = `remigrate-test-${randomBytes(3).toString('hex')}`;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function options(more: Partial<KindOptions> = {}): KindOptions {
    return {
      name,
      kubeconfig: join(folder, 'config'),
      ...(image === undefined ? {} : { image }),
      ...(configFile === undefined ? {} : { configFile }),
      signal: new AbortController().signal,
      progress: () => undefined,
      ...more,
    };
  }

  async function clusters(): Promise<readonly string[]> {
    return (await execa('kind', ['get', 'clusters'], { lines: true })).stdout;
  }

  it('creates a cluster, rejects a second one of that name, and deletes it', async () => {
    const cluster = await KindCluster.create(options());
    const { signal } = new AbortController();
    const api = await KubeApi.connect({ kubeconfig: cluster.kubeconfig, context: cluster.context, signal });
    expect((await api.list({ apiVersion: 'v1', kind: 'Node' }, { signal })).items).not.toEqual([]);
    api.close();
    await expect(KindCluster.create(options())).rejects.toThrow(`a kind cluster ${name} already exists`);
    expect(await clusters()).toContain(name);
    await cluster.delete();
    expect(await clusters()).not.toContain(name);
  });

  it('leaves nothing behind when the creation is aborted', async () => {
    const run = new AbortController();
    const progress = (step: string): void => {
      if (step.includes('Preparing nodes')) run.abort(new Error('Ctrl-C'));
    };
    await expect(KindCluster.create(options({ signal: run.signal, progress }))).rejects.toThrow('Ctrl-C');
    expect(await clusters()).not.toContain(name);
    expect((await execa('docker', ['ps', '--all', '--format', '{{.Names}}'])).stdout).not.toContain(name);
  });
});
