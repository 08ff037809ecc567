import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { CacheFolder } from '../../src/distribution/cache.js';
import { ClassDataArchives } from '../../src/distribution/class-data.js';
import { findJava, type Java } from '../../src/distribution/java.js';
import { type KafkaDistribution, resolveKafka } from '../../src/distribution/kafka.js';
import { KAFKA_VERSIONS } from '../../src/distribution/kafka-versions.js';
import { formatArguments } from '../../src/operator/container-start.js';

/** A first resolution downloads some 60 MB. */
const TIMEOUT = 10 * 60_000;

/** The real Java, Maven and jars of this machine. */
describe('the distribution', () => {
  let folder: string;
  let cache: CacheFolder;
  let java: Java;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-test-'));
    cache = await CacheFolder.open({ REMIGRATE_CACHE: join(folder, 'cache') });
    java = await findJava({ env: process.env });
  }, TIMEOUT);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Fetched by mvn, whatever this machine's environment prefers. */
  function resolve(version: string): Promise<KafkaDistribution> {
    const { KAFKA_HOME: _home, REMIGRATE_KAFKA_URL: _url, ...env } = process.env;
    return resolveKafka({ version, env, cache, progress: () => undefined });
  }
  /** Runs a Kafka program that exits on its own and logs to a file; returns everything that it printed. */
  async function run(classpath: readonly string[], flags: readonly string[], log: string): Promise<string> {
    const configuration = join(folder, 'log4j.properties');
    await writeFile(
      configuration,
      [
        'log4j.rootLogger=INFO, file',
        'log4j.appender.file=org.apache.log4j.FileAppender',
        `log4j.appender.file.File=${log}`,
        'log4j.appender.file.layout=org.apache.log4j.PatternLayout',
        'log4j.appender.file.layout.ConversionPattern=%p %m%n',
      ].join('\n'),
    );
    const { all } = await execa(
      java.executable,
      [...flags, `-Dlog4j.configuration=file:${configuration}`, '-cp', classpath.join(':')].concat(
        'kafka.tools.StorageTool',
        'random-uuid',
      ),
      { all: true, stdin: 'ignore' },
    );
    return all;
  }
  /** What `kafka-storage random-uuid` prints, and nothing else. */
  const ONLY_A_UUID = /^[\w-]{22}$/;

  it.each(KAFKA_VERSIONS)(
    'resolves Kafka $kafka with ZooKeeper $zookeeper in $jars jars, and it runs and logs',
    async ({ kafka: version, zookeeper, jars }) => {
      const kafka = await resolve(version);
      expect(kafka).toMatchObject({ version, zookeeperVersion: zookeeper, origin: 'maven' });
      expect(kafka.classpath).toHaveLength(jars);
      const names = kafka.classpath.map((path) => basename(path));
      expect(names).toEqual(expect.arrayContaining([`kafka_2.13-${version}.jar`, `zookeeper-${zookeeper}.jar`]));
      const log = join(folder, `${version}.log`);
      expect(await run(kafka.classpath, [], log)).toMatch(ONLY_A_UUID);
      expect(await readFile(log, 'utf8')).toContain('Registered kafka:type=kafka.Log4jController');
    },
    TIMEOUT,
  );

  it(
    'formats for a cluster whose id begins with a hyphen, as one in 64 does',
    async () => {
      const { classpath } = await resolve('3.9.0');
      const data = join(folder, 'hyphen');
      const properties = join(folder, 'hyphen.properties');
      const settings = [
        'process.roles=controller',
        'node.id=1',
        'controller.quorum.voters=1@127.0.0.1:9090',
        'listeners=CONTROLLER://127.0.0.1:9090',
        'controller.listener.names=CONTROLLER',
        `log.dirs=${data}`,
      ];
      await writeFile(properties, settings.join('\n'));
      const clusterId = '-6bxydVGR_et-RWns8dhoA';
      const format = formatArguments({ clusterId, metadataVersion: '3.9' }, properties);
      await execa(java.executable, ['-cp', classpath.join(':'), 'kafka.tools.StorageTool', ...format]);
      expect(await readFile(join(data, 'meta.properties'), 'utf8')).toContain(`cluster.id=${clusterId}`);
    },
    TIMEOUT,
  );

  it(
    'dumps class data, uses them, and starts without a warning if they do not fit',
    async () => {
      const kafka = await resolve('3.9.0');
      const archives = new ClassDataArchives(cache);
      const jvm = { java, kafka, jvmFlags: ['-XX:+UseSerialGC'], kind: 'storage-tool' } as const;
      /** Runs with the archive's flags; returns what was printed, and whether Kafka's classes came from an archive. */
      const runWith = async (flags: readonly string[], classpath: readonly string[]) => {
        const loads = join(folder, 'loads.log');
        const all = [...jvm.jvmFlags, ...flags, `-Xlog:class+load=info:file=${loads}`];
        const printed = await run(classpath, all, join(folder, 'run.log'));
        const loaded = (await readFile(loads, 'utf8')).split('\n').filter((line) => / kafka\.tools\./.test(line));
        expect(loaded).not.toEqual([]);
        await rm(loads);
        return { printed, shared: loaded.some((line) => line.includes('shared objects file')) };
      };

      const first = archives.flagsFor(jvm);
      expect(first.mode).toBe('dump');
      expect(await runWith(first.flags, kafka.classpath)).toEqual({
        printed: expect.stringMatching(ONLY_A_UUID),
        shared: false,
      });
      await first.commit();

      const second = archives.flagsFor(jvm);
      expect(second.mode).toBe('use');
      expect(await runWith(second.flags, kafka.classpath)).toEqual({
        printed: expect.stringMatching(ONLY_A_UUID),
        shared: true,
      });

      // The same archive with jars in another folder, and with a JVM with other flags.
      const elsewhere = join(folder, 'elsewhere');
      await mkdir(elsewhere);
      const moved = kafka.classpath.map((path) => join(elsewhere, basename(path)));
      await Promise.all(kafka.classpath.map((path, index) => copyFile(path, moved[index] ?? '')));
      expect(await runWith(second.flags, moved)).toEqual({
        printed: expect.stringMatching(ONLY_A_UUID),
        shared: false,
      });
      const otherFlags = [...second.flags, '-XX:-UseCompressedOops', '-XX:-UseCompressedClassPointers'];
      expect((await runWith(otherFlags, kafka.classpath)).printed).toMatch(ONLY_A_UUID);
    },
    TIMEOUT,
  );
});
