import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeDiagnostics } from '../../../../src/environments/kubernetes/diagnostics.js';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import type { ZooKeeperReads } from '../../../../src/metadata/zookeeper/reader.js';
import { json, StubApiServer, status } from '../../kubernetes/stub-api-server.js';

const POD = {
  metadata: { name: 'p', uid: 'u', managedFields: [{ manager: 'kubelet' }] },
  status: {
    containerStatuses: [
      { name: 'main', restartCount: 2 },
      { name: 'steady', restartCount: 0 },
      { name: 'forgotten', restartCount: 1 },
    ],
  },
};
const NO_ZNODES: ZooKeeperReads = { get: async () => undefined, children: async () => undefined };

let stub: StubApiServer;
let api: KubeApi;
let folder: string;

beforeEach(async () => {
  stub = await StubApiServer.start();
  api = await stub.connect();
  folder = await mkdtemp(join(tmpdir(), 'test-diagnostics-'));
  stub.answer = ({ url }, response) => {
    const { pathname, searchParams } = url;
    if (pathname.endsWith('/pods')) json(response, 200, { metadata: { resourceVersion: '1' }, items: [POD] });
    else if (pathname.endsWith('/log') && searchParams.get('container') === 'main') {
      response.end(searchParams.get('previous') === 'true' ? 'last words\n' : 'the present\n');
    } else if (pathname.endsWith('/log'))
      status(response, 400, 'BadRequest', 'previous terminated container not found');
    else if (pathname.endsWith('/kafkas')) status(response, 403, 'Forbidden', 'you may not');
    else json(response, 200, { metadata: { resourceVersion: '1' }, items: [] });
  };
});

afterEach(async () => {
  api.close();
  await stub.stop();
  await rm(folder, { recursive: true, force: true });
});

const write = (zookeeper: ZooKeeperReads | undefined = NO_ZNODES, into = folder): Promise<void> =>
  writeDiagnostics({ api, namespace: 'demo', zookeeper }, into, new AbortController().signal);
const read = (...path: readonly string[]): Promise<string> => readFile(join(folder, ...path), 'utf8');

describe('diagnostics', () => {
  it('are the objects without their managedFields, and the znodes', async () => {
    await write();
    expect(await read('Pod.yaml')).toContain('name: p\n');
    expect(await read('Pod.yaml')).not.toContain('managedFields');
    expect(await read('znodes.yaml')).toContain('path: /migration\n  absent: true\n');
  });

  it('do not read Secrets', async () => {
    await write();
    expect(stub.received.length).toBeGreaterThan(3);
    expect(stub.received.filter(({ url }) => url.pathname.includes('secrets'))).toEqual([]);
  });

  it('have the previous log of each container that was restarted', async () => {
    await write();
    expect((await readdir(join(folder, 'previous'))).sort()).toEqual(['p-forgotten.log', 'p-main.log']);
    expect(await read('previous', 'p-main.log')).toBe('last words\n');
    expect(await read('previous', 'p-forgotten.log')).toMatch(/^# Cannot be read: .*not found.*\n$/);
  });

  it('report what cannot be read in its file, and have everything else', async () => {
    await write({ get: () => Promise.reject(new Error('no session')), children: NO_ZNODES.children });
    expect(await read('Kafka.yaml')).toMatch(/^# Cannot be read: .*you may not.*\n$/);
    // The stub does not serve it.
    expect(await read('StrimziPodSet.yaml')).toMatch(/^# Cannot be read: .*StrimziPodSet.*\n$/);
    expect(await read('znodes.yaml')).toContain('path: /controller\n  unreadable: no session\n');
    expect(await read('Pod.yaml')).toContain('name: p\n');
    expect(await read('previous', 'p-main.log')).toBe('last words\n');
  });

  it('say that there is no ZooKeeper', async () => {
    await writeDiagnostics({ api, namespace: 'demo', zookeeper: undefined }, folder, new AbortController().signal);
    expect(await read('znodes.yaml')).toBe('# There is no ZooKeeper.\n');
  });

  it('fail when they cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(write(NO_ZNODES, join(folder, 'file', 'below'))).rejects.toThrow('ENOTDIR');
  });

  it('fail when one file cannot be written, after all others were written', async () => {
    await mkdir(join(folder, 'ConfigMap.yaml'));
    await expect(write()).rejects.toThrow('EISDIR');
    expect(await read('previous', 'p-main.log')).toBe('last words\n');
  });
});
