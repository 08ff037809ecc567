import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CacheFolder } from '../../../src/distribution/cache.js';
import { type KafkaDistribution, resolveKafka } from '../../../src/distribution/kafka.js';
import { KAFKA_VERSIONS, kafkaRelease } from '../../../src/distribution/kafka-versions.js';
import type { Progress } from '../../../src/distribution/progress.js';
import { readChecksum } from '../../../src/distribution/tarball.js';
import { UsageError, WaitAborted } from '../../../src/errors.js';
import { eventually, type Folder, isAlive, jarNames, makeFolder } from './fakes.js';

let folder: Folder;
let cache: CacheFolder;
/** Texts that are not transient. */
let lines: string[];
/** Transient texts, which only a terminal shows. */
let counts: string[];
beforeEach(async () => {
  folder = await makeFolder();
  cache = await CacheFolder.open({ REMIGRATE_CACHE: folder.join('cache') });
  lines = [];
  counts = [];
});
afterEach(() => folder.delete());

/** An environment in which only the folder's own programs and the system's are found. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: `${folder.join('bin')}:/usr/bin:/bin`, ...more };
}
function resolve(env: NodeJS.ProcessEnv, version = '3.9.0', signal?: AbortSignal): Promise<KafkaDistribution> {
  const progress: Progress = (text, options) => {
    (options?.transient ? counts : lines).push(text);
  };
  return resolveKafka({ version, env, cache, progress, ...(signal === undefined ? {} : { signal }) });
}
async function failure(resolving: Promise<unknown>): Promise<string> {
  const error: unknown = await resolving.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}
/** What the cache holds of Kafka, scratch folders included. */
function cached(): string[] {
  return existsSync(cache.join('kafka')) ? readdirSync(cache.join('kafka')) : [];
}
async function makeHome(names: readonly string[]): Promise<string> {
  for (const name of names) await folder.write(`home/libs/${name}`, name);
  return folder.join('home');
}

/** A `mvn` that writes these jars to the output folder, and counts its runs. */
function fakeMaven(names: readonly string[] = jarNames('3.9.0'), before = ''): Promise<string> {
  const jars = names.map((name) => `printf '%s' '${name}' > "$out/${name}"`).join('\n');
  return folder.program(
    'bin/mvn',
    `printf x >> '${folder.join('runs')}'
for argument; do case $argument in -DoutputDirectory=*) out=\${argument#*=};; -Dkafka.version=*) version=\${argument#*=};; esac; done
${before}
printf '\\033[1mDownloaded\\033[m from there: a.jar\\n'
printf 'Downloaded from there: b.jar\\n'
${jars}`,
  );
}
const runs = () => readFileSync(folder.join('runs'), 'utf8').length;

describe('the versions', () => {
  it('are those that Strimzi 0.45 can migrate, each with its ZooKeeper', () => {
    expect(KAFKA_VERSIONS.map(({ kafka, zookeeper }) => `${kafka} ${zookeeper}`)).toEqual([
      '3.8.1 3.8.4',
      '3.9.0 3.8.4',
      '3.9.1 3.8.4',
      '3.9.2 3.8.4',
    ]);
  });

  it('are listed when another one is requested', () => {
    expect(() => kafkaRelease('3.7.0')).toThrow(UsageError);
    expect(() => kafkaRelease('3.7.0')).toThrow('Choose one of 3.8.1, 3.9.0, 3.9.1, 3.9.2.');
    expect(() => kafkaRelease('4.0.0')).toThrow('Kafka 4 has no ZooKeeper');
  });

  it('are checked before anything else', async () => {
    expect(await failure(resolve(environment({ KAFKA_HOME: '/nowhere' }), 'latest'))).toContain('Kafka latest');
  });
});

describe('KAFKA_HOME', () => {
  it('is used as it is, silently and without the cache', async () => {
    const home = await makeHome([...jarNames('3.9.0'), 'kafka_2.13-3.9.0-sources.jar', 'README']);
    const kafka = await resolve(environment({ KAFKA_HOME: home }));
    expect(kafka).toMatchObject({ version: '3.9.0', zookeeperVersion: '3.8.4', origin: 'KAFKA_HOME' });
    expect(kafka.classpath).toEqual(
      jarNames('3.9.0')
        .map((name) => `${home}/libs/${name}`)
        .sort(),
    );
    expect([...lines, ...counts]).toEqual([]);
    expect(cached()).toEqual([]);
  });

  it.each<[string, readonly string[], string]>([
    ['is not Kafka at all', ['guava.jar'], 'which is not Kafka: it has no libs/kafka_2.13-*.jar'],
    ['is Kafka 4, without ZooKeeper', jarNames('4.0.0', ''), 'which holds Kafka 4.0.0 without ZooKeeper'],
    ['is of another version', jarNames('3.9.1'), 'which holds Kafka 3.9.1, but this run needs Kafka 3.9.0'],
    ['lacks the logging library', jarNames('3.9.0').filter((name) => !name.includes('reload4j')), 'slf4j-reload4j'],
  ])('is refused if it %s, even if mvn is available', async (_what, names, sentence) => {
    await fakeMaven();
    const home = await makeHome(
      names.filter((name) => !name.includes('zookeeper-.jar') && !name.includes('jute-.jar')),
    );
    const message = await failure(resolve(environment({ KAFKA_HOME: home })));
    expect(message).toContain(`KAFKA_HOME is ${home}, `);
    expect(message).toContain(sentence);
    expect(message).toContain('Set KAFKA_HOME to an unpacked release of Kafka 3.9.0, or unset it');
    expect(existsSync(folder.join('runs'))).toBe(false);
  });

  it('is refused if it is not a folder', async () => {
    expect(await failure(resolve(environment({ KAFKA_HOME: folder.join('no') })))).toContain('is not Kafka');
  });

  it('is refused if a class path cannot contain it', async () => {
    expect(await failure(resolve(environment({ KAFKA_HOME: '/a:b' })))).toContain(
      'which separates the entries of a class path',
    );
  });
});

describe('the key of a distribution', () => {
  it('stays the same for the same jars, and changes when one is written again or moved', async () => {
    const home = await makeHome(jarNames('3.9.0'));
    const { key } = await resolve(environment({ KAFKA_HOME: home }));
    expect((await resolve(environment({ KAFKA_HOME: home }))).key).toBe(key);
    await cp(home, folder.join('copy'), { recursive: true, preserveTimestamps: true });
    expect((await resolve(environment({ KAFKA_HOME: folder.join('copy') }))).key).not.toBe(key);
    utimesSync(folder.join('home/libs/kafka_2.13-3.9.0.jar'), 1, 1);
    expect((await resolve(environment({ KAFKA_HOME: home }))).key).not.toBe(key);
  });
});

describe('mvn', () => {
  it('is run once, with a line before and a line after it, and the cache is used from then on', async () => {
    const mvn = await fakeMaven();
    const first = await resolve(environment());
    expect(first).toMatchObject({ version: '3.9.0', zookeeperVersion: '3.8.4', origin: 'maven' });
    expect(first.classpath.map((path) => readFileSync(path, 'utf8'))).toEqual(jarNames('3.9.0').sort());
    const folder = cache.join('kafka', cached()[0] ?? '');
    expect(lines).toEqual([
      `Fetching Kafka 3.9.0 and ZooKeeper 3.8.4 with Maven (${mvn}), up to 60 MB. This happens once.`,
      expect.stringMatching(/^Fetched Kafka 3\.9\.0 in \d+ s into /),
    ]);
    expect(lines[1]?.endsWith(` into ${folder}`)).toBe(true);
    expect(counts).toEqual(['Fetching Kafka 3.9.0: 1 file downloaded', 'Fetching Kafka 3.9.0: 2 files downloaded', '']);

    await rm(mvn);
    expect(await resolve(environment())).toEqual(first);
    expect(runs()).toBe(1);
    expect(lines).toHaveLength(2);
    expect(cached()).toHaveLength(1);
  });

  it('is run by one of two processes that start at the same time; the other one waits and says so', async () => {
    await fakeMaven();
    const [one, two] = await Promise.all([resolve(environment()), resolve(environment())]);
    expect(one).toEqual(two);
    expect(runs()).toBe(1);
    expect(lines.filter((text) => text.startsWith('Waiting for another remigrate process'))).toHaveLength(1);
  });

  it('repairs a damaged cache', async () => {
    await fakeMaven();
    const [jar = ''] = (await resolve(environment())).classpath;
    await rm(jar);
    await resolve(environment());
    expect(existsSync(jar)).toBe(true);
    await folder.write(jar.slice(folder.path.length), 'other bytes');
    await resolve(environment());
    expect(readFileSync(jar, 'utf8')).toBe(jarNames('3.9.0').sort()[0]);
    expect(runs()).toBe(3);
  });

  it('repairs a cache whose list of jars is not JSON', async () => {
    await fakeMaven();
    await resolve(environment());
    await folder.write(`cache/kafka/${cached()[0]}/distribution.json`, '{');
    await resolve(environment());
    expect(runs()).toBe(2);
  });

  it('removes what a killed run left behind', async () => {
    await fakeMaven();
    await mkdir(cache.join('kafka', '.3.9.0-abc123', 'whole'), { recursive: true });
    await resolve(environment());
    expect(cached()).toEqual([expect.stringMatching(/^3\.9\.0-maven-/)]);
  });

  it('leaves folders alone that it has not made', async () => {
    await fakeMaven();
    await mkdir(cache.join('kafka', '.3.9.0-my-own-build'), { recursive: true });
    const [jar = ''] = (await resolve(environment())).classpath;
    const made = dirname(dirname(jar));
    await rm(made, { recursive: true });
    await mkdir(made);
    expect(await failure(resolve(environment()))).toMatch(
      /is in the way of Kafka's jars: it has no distribution\.json/,
    );
    expect(existsSync(made)).toBe(true);
    expect(existsSync(cache.join('kafka', '.3.9.0-my-own-build'))).toBe(true);
  });

  it('is refused if a file is where its folder should be', async () => {
    await fakeMaven();
    await folder.write('cache/kafka', '');
    expect(await failure(resolve(environment()))).toMatch(/^The cache folder .*cache\/kafka cannot be created: EEXIST/);
  });

  it.each<[string, readonly string[], string]>([
    ['another Kafka', jarNames('3.9.1'), 'with Kafka 3.9.1 instead of 3.9.0'],
    ['another ZooKeeper', jarNames('3.9.0', '3.9.3'), 'with ZooKeeper 3.9.3 instead of 3.8.4'],
    ['nothing', [], 'got 0 jars, and Kafka is not among them'],
    [
      'no logging library',
      jarNames('3.9.0').filter((name) => !name.includes('reload4j')),
      'slf4j-reload4j is not among',
    ],
  ])('is rejected when it fetches %s', async (_what, names, sentence) => {
    await fakeMaven(names);
    const env = { PATH: folder.join('bin') };
    expect(await failure(resolve(env))).toContain(sentence);
    expect(cached()).toEqual([]);
  });

  it('fails with its errors and the other ways to get Kafka, and leaves nothing behind', async () => {
    await folder.program(
      'bin/mvn',
      `echo '[INFO] Scanning for projects...'
echo '[ERROR] Could not transfer artifact'
echo '[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.'
exit 1`,
    );
    // Without tar, the tarball is not available either, and nothing is requested from the network.
    const message = await failure(resolve({ PATH: folder.join('bin') }));
    expect(message).toContain('Kafka 3.9.0 could not be fetched:');
    expect(message).toContain('mvn failed (exit code 1):\n    [ERROR] Could not transfer artifact\n');
    expect(message).not.toContain('Scanning');
    expect(message).not.toContain('-e switch');
    expect(message).toContain('is not on PATH');
    expect(message).toContain('install Maven');
    expect(message).toContain('set KAFKA_HOME to an unpacked release of Kafka 3.9.0');
    expect(message).toContain('set REMIGRATE_KAFKA_URL to a release tarball');
    expect(cached()).toEqual([]);
    const mvn = folder.join('bin/mvn');
    expect(lines).toEqual([
      expect.stringMatching(/^Fetching Kafka 3\.9\.0 /),
      `Kafka 3.9.0: ${mvn} failed (exit code 1). Trying the next source.`,
    ]);
    // A terminal does not keep a count above the error.
    expect(counts.at(-1)).toBe('');
  });

  it('fails with its last lines if it reports no error', async () => {
    await folder.program('bin/mvn', 'echo "The JAVA_HOME environment variable is not defined" >&2; exit 1');
    expect(await failure(resolve({ PATH: folder.join('bin') }))).toContain('    The JAVA_HOME environment variable');
  });

  it('is one of the reasons if it is missing', async () => {
    expect(await failure(resolve({ PATH: folder.join('bin') }))).toContain('  - mvn is not on PATH');
  });

  it('is stopped by the signal, and leaves nothing behind', async () => {
    const pidFile = folder.join('pid');
    // Renamed when it is whole: an empty file would be read as process 0, which is always alive.
    await fakeMaven([], `echo $$ > '${pidFile}.new'; mv '${pidFile}.new' '${pidFile}'; exec sleep 60`);
    const stop = new AbortController();
    const resolving = resolve(environment(), '3.9.0', stop.signal);
    await eventually('mvn to start', () => existsSync(pidFile));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    stop.abort();
    await expect(resolving).rejects.toThrow(WaitAborted);
    expect(isAlive(pid)).toBe(false);
    expect(cached()).toEqual([]);
  });
});

describe('a release tarball', () => {
  /** Packs a release as Apache does, with a folder above `libs`; returns its path. */
  async function pack(names = jarNames('3.9.0'), checksum?: string): Promise<string> {
    const top = 'kafka_2.13-3.9.0';
    for (const name of names) await folder.write(`${top}/libs/${name}`, name);
    await folder.write(`${top}/LICENSE`, '');
    const tarball = folder.join('mirror', `${top}.tgz`);
    await mkdir(folder.join('mirror'));
    const packed = spawnSync('tar', ['-czf', tarball, '-C', folder.path, top], { encoding: 'utf8' });
    if (packed.status !== 0) throw new Error(packed.stderr);
    const found = createHash('sha512').update(readFileSync(tarball)).digest('hex');
    await folder.write(`mirror/${top}.tgz.sha512`, `${checksum ?? found}  ${top}.tgz\n`);
    return tarball;
  }
  const fileUrl = () => `${pathToFileURL(folder.join('mirror'))}/kafka_2.13-{version}.tgz`;

  it('is read from a file: URL, before mvn, once', async () => {
    await fakeMaven();
    await pack();
    const env = environment({ REMIGRATE_KAFKA_URL: fileUrl() });
    const kafka = await resolve(env);
    expect(kafka).toMatchObject({ version: '3.9.0', zookeeperVersion: '3.8.4', origin: 'tarball' });
    expect(kafka.classpath.map((path) => readFileSync(path, 'utf8'))).toEqual(jarNames('3.9.0').sort());
    expect(existsSync(folder.join('runs'))).toBe(false);
    expect(counts).toContain('Unpacking Kafka 3.9.0');

    await rm(folder.join('mirror'), { recursive: true });
    expect(await resolve(env)).toEqual(kafka);
  });

  it('is refused and deleted if its checksum does not match', async () => {
    await pack(jarNames('3.9.0'), 'ab'.repeat(64));
    const message = await failure(resolve(environment({ REMIGRATE_KAFKA_URL: fileUrl() })));
    expect(message).toMatch(/kafka_2\.13-3\.9\.0\.tgz does not match its checksum, and was deleted: SHA-512 .*abab/);
    expect(cached()).toEqual([]);
  });

  it('is refused without a checksum', async () => {
    await pack();
    const checksum = folder.join('mirror', 'kafka_2.13-3.9.0.tgz.sha512');
    await folder.write('mirror/kafka_2.13-3.9.0.tgz.sha512', '<html>moved</html>');
    const env = environment({ REMIGRATE_KAFKA_URL: fileUrl() });
    expect(await failure(resolve(env))).toContain('does not contain a SHA-512 checksum');
    await rm(checksum);
    expect(await failure(resolve(env))).toMatch(/the checksum file:.*\.sha512 cannot be read: ENOENT/);
    expect(cached()).toEqual([]);
  });

  it('is refused if it is another release', async () => {
    await pack(jarNames('3.8.1'));
    const env = environment({ REMIGRATE_KAFKA_URL: fileUrl() });
    expect(await failure(resolve(env))).toContain('with Kafka 3.8.1 instead of 3.9.0');
    expect(cached()).toEqual([]);
  });

  it('is refused if it is not a tarball, even if its checksum matches', async () => {
    const text = 'not a tarball';
    await folder.write('mirror/kafka_2.13-3.9.0.tgz', text);
    await folder.write('mirror/kafka_2.13-3.9.0.tgz.sha512', createHash('sha512').update(text).digest('hex'));
    const env = environment({ REMIGRATE_KAFKA_URL: fileUrl() });
    expect(await failure(resolve(env))).toContain('tar could not unpack');
    expect(cached()).toEqual([]);
  });

  it.each(['kafka.tgz', 'ftp://mirror/kafka.tgz'])('is not looked for at %s', async (url) => {
    const message = await failure(resolve(environment({ REMIGRATE_KAFKA_URL: url })));
    expect(message).toContain(`REMIGRATE_KAFKA_URL is ${url}, which is not a file:, http: or https: URL.`);
  });

  describe('from a server', () => {
    let server: Server;
    let asked: string[];
    let served: (path: string, response: import('node:http').ServerResponse) => void;
    beforeEach(async () => {
      asked = [];
      served = (path, response) => {
        const file = folder.join('mirror', path);
        if (!existsSync(file)) response.writeHead(404).end();
        else response.end(readFileSync(file));
      };
      server = createServer(({ url = '', headers }, response) => {
        asked.push(`${headers.authorization ?? ''} ${url}`.trim());
        served(url.slice(1), response);
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = (user = '') =>
      `http://${user}127.0.0.1:${(server.address() as AddressInfo).port}/kafka_2.13-{version}.tgz`;

    it('is downloaded, with the percentage shown', async () => {
      await pack();
      expect((await resolve(environment({ REMIGRATE_KAFKA_URL: url() }))).origin).toBe('tarball');
      expect(asked).toEqual(['/kafka_2.13-3.9.0.tgz.sha512', '/kafka_2.13-3.9.0.tgz']);
      expect(counts).toContain('Fetching Kafka 3.9.0: 100 % downloaded');
      expect(lines).toEqual([
        expect.stringMatching(/^Fetching Kafka 3\.9\.0 and ZooKeeper 3\.8\.4 from http:.*\.tgz\. This happens once\.$/),
        expect.stringMatching(/^Fetched Kafka 3\.9\.0 in \d+ s into /),
      ]);
    });

    it('receives the user name and password of the URL, which are never shown', async () => {
      const env = environment({ REMIGRATE_KAFKA_URL: url('me:se%20cret@') });
      const message = await failure(resolve(env));
      expect(asked[0]).toBe(`Basic ${Buffer.from('me:se cret').toString('base64')} /kafka_2.13-3.9.0.tgz.sha512`);
      expect(message).toContain('the server responded with 404');
      expect(`${message} ${lines} ${counts}`).not.toContain('cret');
    });

    it('is refused if the connection breaks', async () => {
      await pack();
      const whole = served;
      served = (path, response) => {
        if (path.endsWith('.sha512')) return whole(path, response);
        response.writeHead(200, { 'content-length': '1000' });
        response.write('x', () => response.destroy());
      };
      expect(await failure(resolve(environment({ REMIGRATE_KAFKA_URL: url() })))).toMatch(/\.tgz cannot be read: \S+/);
      expect(cached()).toEqual([]);
    });

    it('is stopped by the signal', async () => {
      await pack();
      const whole = served;
      const stop = new AbortController();
      served = (path, response) => {
        if (path.endsWith('.sha512')) return whole(path, response);
        response.writeHead(200, { 'content-length': '1000' });
        response.write('x', () => stop.abort());
      };
      const resolving = resolve(environment({ REMIGRATE_KAFKA_URL: url() }), '3.9.0', stop.signal);
      await expect(resolving).rejects.toThrow(WaitAborted);
      expect(cached()).toEqual([]);
    });
  });
});

describe('readChecksum', () => {
  const digits = '0123456789abcdef'.repeat(8);
  it("reads sha512sum's form", () => {
    expect(readChecksum(`${digits}  kafka_2.13-3.9.0.tgz\n`)).toBe(digits);
  });
  it("reads gpg's form, as Apache Kafka publishes it", () => {
    const groups = (digits.toUpperCase().match(/.{8}/g) ?? []).map((group, index) =>
      index % 4 === 3 ? `${group}\n                     ` : `${group} `,
    );
    expect(readChecksum(`kafka_2.13-3.9.0.tgz: ${groups.join('')}\n`)).toBe(digits);
  });
  it.each(['', 'kafka.tgz:', digits.slice(1), `${digits}0`, '<html></html>'])('finds none in %j', (text) => {
    expect(readChecksum(text)).toBeUndefined();
  });
});
