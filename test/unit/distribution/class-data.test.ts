import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CacheFolder } from '../../../src/distribution/cache.js';
import { type ClassData, ClassDataArchives, type JvmDescription } from '../../../src/distribution/class-data.js';
import { type Folder, makeFolder } from './fakes.js';

const jvm: JvmDescription = {
  java: { executable: '/jdk/bin/java', home: '/jdk', major: 17, version: 'Acme 17.0.1+7 amd64', sharing: true },
  kafka: { version: '3.9.0', zookeeperVersion: '3.8.4', origin: 'maven', classpath: ['/a.jar'], key: 'abc' },
  jvmFlags: ['-XX:+UseSerialGC', '-Dlog4j.configuration=file:/run-1/log4j.properties'],
  kind: 'controller',
};
/** The first bytes of a dynamic archive. */
const HEADER = Buffer.from('a8ab0bf0', 'hex');

describe('ClassDataArchives', () => {
  let folder: Folder;
  let cache: CacheFolder;
  let archives: ClassDataArchives;
  beforeEach(async () => {
    folder = await makeFolder();
    cache = await CacheFolder.open({ REMIGRATE_CACHE: folder.path });
    archives = new ClassDataArchives(cache);
  });
  afterEach(() => folder.delete());

  const flag = ({ flags }: ClassData, name: string) => {
    const found = flags.find((text) => text.startsWith(`-XX:${name}=`));
    if (found === undefined) throw new Error(`no ${name} in ${flags}`);
    return found.slice(`-XX:${name}=`.length);
  };
  /** Does what the JVM does at its exit. */
  const dump = async (data: ClassData, text = 'classes') => {
    const file = flag(data, 'ArchiveClassesAtExit');
    await writeFile(file, Buffer.concat([HEADER, Buffer.from(text)]));
    return file;
  };
  const content = (data: ClassData) => readFileSync(flag(data, 'SharedArchiveFile')).subarray(HEADER.length).toString();
  const left = () => (existsSync(folder.join('class-data')) ? readdirSync(folder.join('class-data')) : []);
  /** Another run with the same cache. */
  const anotherRun = () => new ClassDataArchives(cache);

  it('dumps the first time and uses the dump from then on', async () => {
    const first = archives.flagsFor(jvm);
    expect(first.mode).toBe('dump');
    const file = await dump(first);
    await first.commit();
    expect(existsSync(file)).toBe(false);

    const second = archives.flagsFor(jvm);
    expect(second.mode).toBe('use');
    expect(content(second)).toBe('classes');
    expect(left()).toHaveLength(1);
  });

  it('silences the JVM either way', async () => {
    const silent = ['-Xshare:auto', '-Xlog:cds*=off', '-Xlog:class+path=off'];
    const first = archives.flagsFor(jvm);
    expect(first.flags).toEqual(expect.arrayContaining(silent));
    await dump(first);
    await first.commit();
    expect(archives.flagsFor(jvm).flags).toEqual(expect.arrayContaining(silent));
  });

  it.each<[string, JvmDescription]>([
    ['another kind', { ...jvm, kind: 'broker-kraft' }],
    ['another JVM', { ...jvm, java: { ...jvm.java, version: 'Acme 17.0.2+8 amd64' } }],
    ['another location of the JVM', { ...jvm, java: { ...jvm.java, home: '/jdk-2' } }],
    ['other jars', { ...jvm, kafka: { ...jvm.kafka, key: 'abd' } }],
    ['other flags', { ...jvm, jvmFlags: ['-XX:+UseG1GC'] }],
  ])('keeps %s apart', async (_what, other) => {
    const first = archives.flagsFor(jvm);
    await dump(first);
    await first.commit();
    expect(archives.flagsFor(other).mode).toBe('dump');
  });

  it('uses the same archive regardless of system properties', async () => {
    const first = archives.flagsFor(jvm);
    await dump(first);
    await first.commit();
    expect(archives.flagsFor({ ...jvm, jvmFlags: ['-XX:+UseSerialGC', '-Dlog4j.configuration=b'] }).mode).toBe('use');
  });

  it('lets only one JVM of a kind dump at a time', async () => {
    const first = archives.flagsFor(jvm);
    const second = archives.flagsFor(jvm);
    expect(second).toMatchObject({ mode: 'none', flags: [] });
    await second.commit();
    await second.discard();
    expect(archives.flagsFor({ ...jvm, kind: 'zookeeper' }).mode).toBe('dump');
    await first.discard();
    expect(archives.flagsFor(jvm).mode).toBe('dump');
  });

  it('drops the dump on discard', async () => {
    const first = archives.flagsFor(jvm);
    await dump(first);
    await first.discard();
    expect(left()).toEqual([]);
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['is missing', () => Promise.resolve()],
    ['is empty', (file) => writeFile(file, '')],
    ['is incomplete, without its header', (file) => writeFile(file, Buffer.alloc(4096))],
  ])('ignores a dump that %s', async (_what, make) => {
    const first = archives.flagsFor(jvm);
    await make(flag(first, 'ArchiveClassesAtExit'));
    await first.commit();
    expect(left()).toEqual([]);
    expect(archives.flagsFor(jvm).mode).toBe('dump');
  });

  it('keeps the first of two runs', async () => {
    const one = archives.flagsFor(jvm);
    const two = anotherRun().flagsFor(jvm);
    await dump(one, 'of one');
    await dump(two, 'of two');
    await one.commit();
    await two.commit();
    expect(content(archives.flagsFor(jvm))).toBe('of one');
    expect(left()).toHaveLength(1);
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['truncated, which crashes a JVM', (file) => truncate(file, 6)],
    ['missing', (file) => rm(file)],
    ['without its description', (file) => rm(file.replace(/[^/]*$/, 'about.json'))],
    ['with a broken description', (file) => writeFile(file.replace(/[^/]*$/, 'about.json'), '{')],
  ])('does not use an archive that is %s, and replaces it', async (_what, damage) => {
    const first = archives.flagsFor(jvm);
    await dump(first, 'first');
    await first.commit();
    await damage(flag(archives.flagsFor(jvm), 'SharedArchiveFile'));

    const second = archives.flagsFor(jvm);
    expect(second.mode).toBe('dump');
    await dump(second, 'second');
    await second.commit();
    expect(content(archives.flagsFor(jvm))).toBe('second');
    expect(left()).toHaveLength(1);
  });

  it('passes no flags to a JVM that shares no class data: it would not start', () => {
    expect(archives.flagsFor({ ...jvm, java: { ...jvm.java, sharing: false } })).toMatchObject({
      mode: 'none',
      flags: [],
    });
  });

  it('leaves no file if a run is killed before a dump', () => {
    const { flags } = archives.flagsFor(jvm);
    expect(flags).not.toEqual([]);
    expect(left()).toEqual([]);
  });

  it('deletes what a killed run left long ago, and nothing that may be in use', async () => {
    const old = await folder.write('class-data/.controller-3.9.0-0123456789abcdef-1-00000001.jsa', '');
    const recent = await folder.write('class-data/.controller-3.9.0-0123456789abcdef-2-00000002.jsa', '');
    const kept = await folder.write('class-data/controller-3/classes.jsa', '');
    const scratch = dirname(await folder.write('class-data/.keep-aB3dE6/classes.jsa', ''));
    const foreign = await folder.write('class-data/.thesis', 'years of work');
    for (const one of [old, scratch, foreign]) utimesSync(one, 1, 1);
    utimesSync(dirname(kept), 1, 1);
    archives.flagsFor(jvm);
    expect([old, scratch].filter((path) => existsSync(path))).toEqual([]);
    expect([recent, kept, foreign].filter((path) => !existsSync(path))).toEqual([]);
  });

  it('archives nothing if a file is where its folder should be', async () => {
    await folder.write('class-data', '');
    expect(archives.flagsFor(jvm)).toMatchObject({ mode: 'none', flags: [] });
  });

  it('allows another dump if the folder of the first is gone', async () => {
    const first = archives.flagsFor(jvm);
    await dump(first);
    await rm(dirname(flag(first, 'ArchiveClassesAtExit')), { recursive: true });
    await first.commit();
    expect(archives.flagsFor(jvm).mode).toBe('dump');
  });
});
