import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkMachine, type Finding, type Machine } from '../../../src/distribution/doctor.js';
import { type Folder, jarNames, javaScript, makeFolder } from './fakes.js';

const GIB = 1024 ** 3;
const machine: Machine = {
  platform: 'linux',
  availableMemory: () => 4 * GIB,
  loadZooKeeperClient: () => Promise.resolve({}),
};

describe('checkMachine', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.delete());

  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: `${folder.join('bin')}:/usr/bin:/bin`,
    REMIGRATE_CACHE: folder.join('cache'),
    DOCKER_HOST: `unix://${folder.join('docker.sock')}`,
    ...more,
  });
  /** An environment in which only the folder's own programs are found. */
  const bare = (more: NodeJS.ProcessEnv = {}) => environment({ PATH: folder.join('bin'), ...more });
  async function finding(what: string, env: NodeJS.ProcessEnv, has: Partial<Machine> = {}): Promise<Finding> {
    const found = (await checkMachine(env, { ...machine, ...has })).find((one) => one.what === what);
    if (found === undefined) throw new Error(`there is no finding about ${what}`);
    return found;
  }

  it('reports no problem if everything is available, and creates nothing', async () => {
    await folder.program('bin/java', javaScript(17));
    const mvn = await folder.program('bin/mvn', 'exit 1');
    expect(await checkMachine(environment(), machine)).toEqual([
      { what: 'platform', ok: true, found: 'Linux' },
      { what: 'Java', ok: true, found: `Acme 17.0.1+7 amd64, ${folder.join('bin/java')}` },
      { what: 'Kafka', ok: true, found: `to be fetched with Maven, ${mvn}` },
      {
        what: 'Docker',
        ok: false,
        found: expect.stringContaining('Docker does not respond'),
        remedy: expect.stringContaining('Start it'),
        optionalBecause: 'only --env containers needs it',
      },
      { what: 'npm package zookeeper', ok: true, found: 'installed' },
      { what: 'cache folder', ok: true, found: folder.join('cache') },
      { what: 'memory', ok: true, found: '4.0 GiB available' },
    ]);
    expect(existsSync(folder.join('cache'))).toBe(false);
  });

  it('says what to do about each thing that is missing', async () => {
    await folder.write('cache', 'a file');
    const findings = await checkMachine(bare(), {
      platform: 'win32',
      availableMemory: () => GIB / 2,
      loadZooKeeperClient: () => Promise.reject(new Error("Cannot find package 'zookeeper'\nRequire stack: ...")),
    });
    expect(findings.filter(({ ok }) => ok)).toEqual([]);
    for (const { remedy, optionalBecause } of findings) {
      expect(remedy).toMatch(/^\S.*\.$/);
      expect(optionalBecause).toBeUndefined();
    }
  });

  it('makes Java and Kafka optional if Docker responds', async () => {
    const server = createServer((_request, response) => response.end('{"Version":"28.0.1"}'));
    await new Promise<void>((resolve) => server.listen(folder.join('docker.sock'), () => resolve()));
    try {
      const address = `unix://${folder.join('docker.sock')}`;
      expect(await finding('Docker', bare())).toEqual({ what: 'Docker', ok: true, found: `28.0.1, ${address}` });
      expect(await finding('Java', bare())).toMatchObject({ ok: false, optionalBecause: 'nodes can run in Docker' });
      expect(await finding('Kafka', bare())).toMatchObject({ ok: false, optionalBecause: 'nodes can run in Docker' });
      expect(await finding('memory', bare(), { availableMemory: () => 0 })).not.toHaveProperty('optionalBecause');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('names the JDK to install', async () => {
    const found = await finding('Java', bare());
    expect(found.found).toContain('there is no java on PATH');
    expect(found.remedy).toContain('openjdk-17-jre-headless');
  });

  it('names what the npm package zookeeper is compiled with', async () => {
    const loadZooKeeperClient = () => Promise.reject(new Error("Cannot find package 'zookeeper'\nRequire stack: ..."));
    const found = await finding('npm package zookeeper', bare(), { loadZooKeeperClient });
    expect(found).toMatchObject({ ok: false, found: "cannot be loaded: Cannot find package 'zookeeper'" });
    for (const needed of ['python3', 'make', 'g++']) expect(found.remedy).toContain(needed);
  });

  it('accepts macOS', async () => {
    expect(await finding('platform', bare(), { platform: 'darwin' })).toMatchObject({ ok: true, found: 'macOS' });
  });

  it('requires memory for one cluster', async () => {
    expect(await finding('memory', bare(), { availableMemory: () => GIB })).toMatchObject({ ok: true });
    const found = await finding('memory', bare(), { availableMemory: () => GIB - 1 });
    expect(found.ok).toBe(false);
    expect(found.remedy).toContain('about 1 GiB');
  });

  describe('of Kafka', () => {
    it.each(['3.8.1', '3.9.2'])('reads KAFKA_HOME with Kafka %s', async (version) => {
      for (const name of jarNames(version)) await folder.write(`home/libs/${name}`, '');
      const env = bare({ KAFKA_HOME: folder.join('home') });
      expect(await finding('Kafka', env)).toEqual({
        what: 'Kafka',
        ok: true,
        found: `Kafka ${version} with ZooKeeper 3.8.4 in KAFKA_HOME, ${folder.join('home')}`,
      });
    });

    it('refuses a KAFKA_HOME without Kafka, even if mvn is available', async () => {
      await folder.program('bin/mvn', 'exit 1');
      const found = await finding('Kafka', bare({ KAFKA_HOME: folder.path }));
      expect(found).toMatchObject({ ok: false, found: expect.stringContaining('is not Kafka') });
      expect(found.remedy).toContain('unset it');
    });

    it('refuses a KAFKA_HOME of an unsupported version', async () => {
      for (const name of jarNames('3.7.0')) await folder.write(`home/libs/${name}`, '');
      const found = await finding('Kafka', bare({ KAFKA_HOME: folder.join('home') }));
      expect(found).toMatchObject({ ok: false, found: expect.stringContaining('holds Kafka 3.7.0') });
    });

    it('falls back to the tarball, which tar unpacks', async () => {
      expect(await finding('Kafka', bare())).toMatchObject({
        ok: false,
        found: expect.stringContaining('tar is not on PATH'),
      });
      await folder.program('bin/tar', '');
      expect(await finding('Kafka', bare())).toMatchObject({
        ok: true,
        found: expect.stringContaining("Apache's archive, because KAFKA_HOME is not set and mvn is not on PATH"),
      });
    });

    it('prefers REMIGRATE_KAFKA_URL to mvn, as the run does', async () => {
      await folder.program('bin/mvn', '');
      await folder.program('bin/tar', '');
      const good = await finding('Kafka', bare({ REMIGRATE_KAFKA_URL: 'file:///kafka.tgz' }));
      expect(good).toMatchObject({ ok: true, found: expect.stringContaining('from REMIGRATE_KAFKA_URL') });
      const bad = await finding('Kafka', bare({ REMIGRATE_KAFKA_URL: 'kafka.tgz' }));
      expect(bad).toMatchObject({ ok: false, found: expect.stringContaining('not a file:, http: or https: URL') });
    });
  });
});
