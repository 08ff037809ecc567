import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OperatorReleases, readRelease } from '../../../../src/environments/kubernetes/operator-release.js';
import { UsageError } from '../../../../src/errors.js';

const ACCOUNT = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: strimzi-cluster-operator }\n';
const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: strimzi-cluster-operator }\n';
const OPTIONS = { version: '0.45.1', signal: new AbortController().signal };

describe("a release's manifests", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'test-release-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are read from a folder, in the order of its names', async () => {
    await mkdir(join(folder, '0.45.1'));
    await writeFile(join(folder, '0.45.1', '060-Deployment.yaml'), DEPLOYMENT);
    await writeFile(join(folder, '0.45.1', '010-ServiceAccount.yaml'), ACCOUNT);
    await writeFile(join(folder, '0.45.1', 'README.md'), 'not: read');
    const release = await readRelease(join(folder, '{version}'), OPTIONS);
    expect(release.objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Deployment']);
    expect(release.source).toBe(join(folder, '0.45.1'));
    expect(release.checksum).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are read from one file with several documents; the checksum is the file’s', async () => {
    const file = join(folder, 'all.yaml');
    await writeFile(file, `${ACCOUNT}---\n---\n${DEPLOYMENT}`);
    const first = await readRelease(file, OPTIONS);
    expect(first.objects).toHaveLength(2);
    await writeFile(file, `${ACCOUNT}---\n${DEPLOYMENT}`);
    expect((await readRelease(file, OPTIONS)).checksum).not.toBe(first.checksum);
  });

  it('are read from a URL; an error of the server is reported', async () => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/0.45.1/all.yaml' ? 200 : 404).end(DEPLOYMENT);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const release = await readRelease(`${root}/{version}/all.yaml`, OPTIONS);
      expect(release.source).toBe(`${root}/0.45.1/all.yaml`);
      const missing = readRelease(`${root}/none.yaml`, OPTIONS);
      await expect(missing).rejects.toThrow(UsageError);
      await expect(missing).rejects.toThrow(
        `The operator manifests cannot be read from ${root}/none.yaml: the server answered 404`,
      );
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    ['invalid YAML', 'a: [', 'is not valid YAML'],
    ['a list', '- a\n- b\n', 'something that is not a Kubernetes object'],
    ['a web page', '<!DOCTYPE html>', 'something that is not a Kubernetes object'],
    ['an object without metadata', 'apiVersion: v1\nkind: List\nmetadata:\n', 'not a Kubernetes object'],
    ['an object without a name', 'apiVersion: v1\nkind: List\nmetadata: { labels: {} }\n', 'not a Kubernetes object'],
    [
      'an object whose name is not a string',
      'apiVersion: v1\nkind: List\nmetadata: { name: 5 }\n',
      'not a Kubernetes object',
    ],
    ['an object without an apiVersion', 'kind: List\nmetadata: { name: x }\n', 'not a Kubernetes object'],
    ['an object without a kind', 'apiVersion: v1\nmetadata: { name: x }\n', 'not a Kubernetes object'],
    [
      'another Deployment',
      DEPLOYMENT.replace('strimzi-cluster', 'other'),
      'has no Deployment strimzi-cluster-operator',
    ],
    ['no operator', ACCOUNT, 'has no Deployment strimzi-cluster-operator'],
  ])('are rejected with %s in them', async (_what, text, sentence) => {
    const file = join(folder, 'all.yaml');
    await writeFile(file, text);
    const refused = readRelease(file, OPTIONS);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(sentence);
  });

  it('are rejected, with the reason, if there is no server', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const refused = readRelease(`http://127.0.0.1:${port}/`, OPTIONS);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow('ECONNREFUSED');
  });

  it('are no longer downloaded when the run is aborted, and its reason is thrown', async () => {
    const end = new AbortController();
    const reason = new Error('interrupted');
    const server = createServer(() => end.abort(reason));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const reading = readRelease(`http://127.0.0.1:${port}/`, { version: '0.45.1', signal: end.signal });
      await expect(reading).rejects.toBe(reason);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('are named in the error, with the reason, if they cannot be read', async () => {
    await mkdir(join(folder, '010-folder.yaml'));
    const refused = readRelease(folder, OPTIONS);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(`The operator manifests cannot be read from ${folder}: EISDIR`);
  });

  it('are rejected if the folder is empty', async () => {
    await expect(readRelease(folder, OPTIONS)).rejects.toThrow('has no Deployment strimzi-cluster-operator');
  });

  it('are named in the error if they do not exist', async () => {
    await expect(readRelease(join(folder, '{version}'), OPTIONS)).rejects.toThrow(
      `There are no operator manifests at ${join(folder, '0.45.1')}.`,
    );
  });

  it('are read once per command', async () => {
    const file = join(folder, 'all.yaml');
    await writeFile(file, DEPLOYMENT);
    const releases = new OperatorReleases(file);
    const first = await releases.get('0.45.1', OPTIONS.signal);
    await rm(file);
    expect(await releases.get('0.45.1', OPTIONS.signal)).toBe(first);
    await expect(releases.get('0.45.2', OPTIONS.signal)).rejects.toThrow('There are no operator manifests');
  });
});
