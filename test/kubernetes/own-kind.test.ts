import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execa } from 'execa';
import { KubeApi } from '../../src/kubernetes/kube-api.js';
import { waitUntil } from '../../src/waiting/wait.js';
import { makePlace, type Place, processesOf, remigrate, removePlace } from '../integration/support/command.js';
import { atLine } from '../integration/support/moments.js';
import { remigrateRun } from '../scenarios/support.js';
import { expectFiveSteps } from './support/five-steps.js';

jest.setTimeout(1_200_000);

const {
  REMIGRATE_TEST_KIND,
  REMIGRATE_TEST_KIND_IMAGE: image,
  REMIGRATE_TEST_KIND_CONFIG: config,
  REMIGRATE_TEST_MANIFESTS = '',
  REMIGRATE_TEST_IMAGES = '',
} = process.env;
const asked = REMIGRATE_TEST_KIND === '1';
if (!asked) console.warn('SKIPPED: --kind: set REMIGRATE_TEST_KIND=1 to create clusters');

const ON_KIND = [
  ...['--env', 'kubernetes', '--kind', '--operator-manifests', REMIGRATE_TEST_MANIFESTS],
  ...(image === undefined ? [] : ['--kind-image', image]),
  ...(config === undefined ? [] : ['--kind-config', config]),
];
const LOADED = REMIGRATE_TEST_IMAGES.split(',').flatMap((one) => ['--load-image', one]);
const MOMENT_MS = 600_000;
const DELETED_MS = 120_000;
const LOOK_MS = 200;

(asked ? describe : describe.skip)('A run with --kind', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it('reproduces the loss, and leaves no cluster, container or kubeconfig behind', async () => {
    const before = await containers();
    const kubeconfig = join(place.folder, 'my-kubeconfig');
    await writeFile(kubeconfig, 'apiVersion: v1\nkind: Config\n');
    const result = await remigrateRun(['rollback-remigrate', '--operator', '0.45.0', ...ON_KIND, ...LOADED], {
      KUBECONFIG: kubeconfig,
    });
    await expectFiveSteps(result, ['0.45.0']);
    expect(await clusters()).not.toContain(nameIn(result.all));
    expect(await containers()).toEqual(before);
    expect(await readFile(kubeconfig, 'utf8')).toBe('apiVersion: v1\nkind: Config\n');
  });

  it.each([
    ['is being created', 'Preparing nodes', []],
    ['is in use', 'zookeeper-0 started', LOADED],
  ] as const)('leaves nothing behind when it is killed while its cluster %s', async (_when, moment, loaded) => {
    const before = await containers();
    const run = remigrate(place, ['run', 'rollback-only', '--operator', '0.45.1', ...ON_KIND, ...loaded]);
    const killed = await atLine(run, moment, () => void run.kill('SIGKILL'), MOMENT_MS);
    expect(killed.signal).toBe('SIGKILL');
    await untilNoProcessIsLeft();
    expect(await clusters()).not.toContain(nameIn(killed.all));
    expect(await containers()).toEqual(before);
    expect(await readdir(place.temporary)).toEqual([]);
  });

  it('keeps the cluster with --keep, and says how to use and delete it', async () => {
    // The operator's image is not loaded, so that the operator does not start and the run ends soon.
    const result = await remigrate(place, ['run', 'rollback-only', '--operator', '0.45.1', '--keep', ...ON_KIND]);
    const name = nameIn(result.all);
    expect(await clusters()).toContain(name);
    const [, kubeconfig = '', context = '', command = ''] =
      /is kept\. Its kubeconfig is (\S+), its context is (\S+)\. To delete both: (.+)$/m.exec(result.all) ?? [];
    const { signal } = new AbortController();
    const api = await KubeApi.connect({ kubeconfig, context, signal });
    expect((await api.list({ apiVersion: 'v1', kind: 'Node' }, { signal })).items).toHaveLength(1);
    api.close();
    await execa('sh', ['-c', command]);
    expect(await clusters()).not.toContain(name);
    expect((await readdir(place.temporary)).filter((entry) => entry.includes('kind'))).toEqual([]);
    expect(await processesOf(place)).toEqual([]);
  });

  /** The guardian exits when it has deleted the cluster. */
  async function untilNoProcessIsLeft(): Promise<void> {
    let left: readonly { readonly args: string }[] = await processesOf(place);
    const { signal } = new AbortController();
    await waitUntil(
      { what: () => `the end of ${left.map(({ args }) => args).join(', ')}`, timeoutMs: DELETED_MS, signal },
      (wake) => {
        const timer = setInterval(async () => {
          left = await processesOf(place);
          wake();
        }, LOOK_MS);
        return () => clearInterval(timer);
      },
      () => (left.length === 0 ? true : undefined),
    );
  }
});

function nameIn(output: string): string {
  const name = /Creating the kind cluster (remigrate-[0-9a-f]+)/.exec(output)?.[1];
  if (name === undefined) throw new Error(`no cluster was created. The command printed:\n${output}`);
  return name;
}

async function clusters(): Promise<readonly string[]> {
  return (await execa('kind', ['get', 'clusters'], { lines: true })).stdout;
}

/** The nodes of clusters that remigrate has created. Other clusters may be created on this machine at the same time. */
async function containers(): Promise<readonly string[]> {
  const { stdout } = await execa('docker', ['ps', '--all', '--format', '{{.Names}}'], { lines: true });
  return stdout.filter((name) => /^remigrate-[0-9a-f]{8}-/.test(name)).sort();
}
