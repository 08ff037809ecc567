import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execa } from 'execa';
import { KindCluster } from '../../../src/environments/kubernetes/api/kind.js';
import { KubeApi } from '../../../src/environments/kubernetes/api/kube-api.js';
import type { KubeObject } from '../../../src/environments/kubernetes/api/kube-object.js';
import { Watched } from '../../../src/environments/kubernetes/api/watched.js';

jest.setTimeout(600_000);

const { REMIGRATE_TEST_KIND, REMIGRATE_TEST_KIND_IMAGE: image, REMIGRATE_TEST_KIND_CONFIG: configFile } = process.env;
const asked = REMIGRATE_TEST_KIND === '1';
if (!asked) console.warn('SKIPPED: an API server that is killed: set REMIGRATE_TEST_KIND=1 to create clusters');

const BACK_MS = 300_000;
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const named = (name: string) => ({ ...CONFIG_MAP, metadata: { name, namespace: 'default' } });

/** On a cluster of its own: the controllers of one that others use would be gone for a while, too. */
(asked ? describe : describe.skip)('an API server that is killed, and started again by the kubelet', () => {
  const { signal } = new AbortController();
  const name = `remigrate-test-${randomBytes(3).toString('hex')}`;
  let folder: string;
  let cluster: KindCluster;
  let api: KubeApi;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
    cluster = await KindCluster.create({
      name,
      kubeconfig: join(folder, 'config'),
      ...(image === undefined ? {} : { image }),
      ...(configFile === undefined ? {} : { configFile }),
      signal,
      progress: () => undefined,
    });
    api = await KubeApi.connect({ kubeconfig: cluster.kubeconfig, context: cluster.context, signal });
  });
  afterAll(async () => {
    api?.close();
    await cluster?.delete();
    await rm(folder, { recursive: true });
  });

  it('loses its watches, refuses and fails for a while, and requests and watches go on', async () => {
    const failures: unknown[] = [];
    const watched = await Watched.start<KubeObject>(
      api,
      { ...CONFIG_MAP, namespace: 'default' },
      { signal, onFailure: (failure) => failures.push(failure) },
    );
    try {
      // A starting server refuses (403) what it allows a moment later: only what was allowed before is asked for again.
      await api.apply(named('before'), { signal });
      await execa('docker', ['exec', `${name}-control-plane`, 'pkill', '-KILL', 'kube-apiserver']);
      await api.apply(named('after'), { signal, timeoutMs: BACK_MS });
      await watched.waitFor(
        'the watch to tell of what was made after its server was killed',
        (all) => (all.has('after') ? true : undefined),
        BACK_MS,
        signal,
      );
      expect(failures).toEqual([]);
    } finally {
      await watched.close();
    }
  });
});
