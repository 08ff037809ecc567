import { existsSync } from 'node:fs';
import { mkdir, rm, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CacheFolder, cacheProblem, locateCache } from '../../../src/distribution/cache.js';
import { EnvironmentError, UsageError, WaitAborted, WaitTimedOut } from '../../../src/errors.js';
import { type Folder, makeFolder, makeGate } from './fakes.js';

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.delete());

describe('locateCache', () => {
  it.each([
    ['REMIGRATE_CACHE first', { REMIGRATE_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }, '/a'],
    ['then XDG_CACHE_HOME', { XDG_CACHE_HOME: '/b', HOME: '/c' }, '/b/remigrate'],
    ['then the home folder', { HOME: '/c' }, '/c/.cache/remigrate'],
    ['not a relative XDG_CACHE_HOME', { XDG_CACHE_HOME: 'b', HOME: '/c' }, '/c/.cache/remigrate'],
    ['the home folder of the user if HOME is not set', {}, `${homedir()}/.cache/remigrate`],
  ])('takes %s', (_what, env, path) => {
    expect(locateCache(env)).toBe(path);
  });
});

describe('CacheFolder.open', () => {
  it('creates the folder', async () => {
    const cache = await CacheFolder.open({ REMIGRATE_CACHE: folder.join('a', 'b') });
    expect(cache.join('c')).toBe(folder.join('a', 'b', 'c'));
    expect(existsSync(folder.join('a', 'b'))).toBe(true);
  });

  it.each([
    ['is a file', 'file', /ENOTDIR|EACCES/],
    ['lies below a file', 'file/below', /ENOTDIR/],
    ['cannot be part of a class path', 'a:b', /class path/],
  ])('refuses a folder that %s', async (_what, name, reason) => {
    await folder.write('file', '');
    const opened = CacheFolder.open({ REMIGRATE_CACHE: folder.join(name) });
    await expect(opened).rejects.toThrow(UsageError);
    await expect(opened).rejects.toThrow(reason);
    await expect(opened).rejects.toThrow(`The cache folder ${folder.join(name)} cannot be used`);
    await expect(opened).rejects.toThrow('Set REMIGRATE_CACHE to a folder');
  });
});

describe('cacheProblem', () => {
  // The permissions of /proc allow root to write, and Node's own recursive mkdir never returns there.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux.each(['/proc/self', '/proc/remigrate-test/a/b'])('finds that %s cannot be used', async (path) => {
    expect(await cacheProblem(path)).toMatch(/^(?:ENOENT|EPERM)/);
    await expect(CacheFolder.open({ REMIGRATE_CACHE: path })).rejects.toThrow(UsageError);
  });

  it('creates nothing', async () => {
    expect(await cacheProblem(folder.join('a', 'b'))).toBeUndefined();
    expect(existsSync(folder.join('a'))).toBe(false);
  });
});

describe('withLock', () => {
  let cache: CacheFolder;
  let another: CacheFolder;
  beforeEach(async () => {
    cache = await CacheFolder.open({ REMIGRATE_CACHE: folder.path });
    another = await CacheFolder.open({ REMIGRATE_CACHE: folder.path });
  });
  const lock = () => folder.join('jars.lock');

  /** Holds the lock until the returned function is called. */
  async function hold(): Promise<() => Promise<void>> {
    const started = makeGate();
    const finish = makeGate();
    const held = cache.withLock('jars', () => {
      started.open();
      return finish.passed;
    });
    await started.passed;
    return () => {
      finish.open();
      return held;
    };
  }

  it('returns what the work returns, and frees the lock', async () => {
    expect(await cache.withLock('jars', async () => existsSync(lock()))).toBe(true);
    expect(existsSync(lock())).toBe(false);
  });

  it('throws what the work throws, and frees the lock', async () => {
    await expect(cache.withLock('jars', () => Promise.reject(new TypeError('odd')))).rejects.toThrow(TypeError);
    expect(existsSync(lock())).toBe(false);
  });

  it('makes a second process wait until the first is done, and reports that once', async () => {
    const release = await hold();
    const order: string[] = [];
    const waits = makeGate();
    const progress = (text: string) => {
      order.push(text);
      waits.open();
    };
    const second = another.withLock('jars', async () => order.push('second'), { progress });
    await waits.passed;
    order.push('first is done');
    await release();
    await second;
    expect(order).toEqual([
      `Waiting for another remigrate process, which holds the lock ${lock()}`,
      'first is done',
      'second',
    ]);
  });

  it('keeps locks of different names apart', async () => {
    const release = await hold();
    expect(await another.withLock('other', async () => 'done')).toBe('done');
    await release();
  });

  it('takes over the lock of a holder that died', async () => {
    await mkdir(lock());
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock(), longAgo, longAgo);
    expect(await cache.withLock('jars', async () => 'done')).toBe('done');
  });

  it('times out at its deadline, naming the lock', async () => {
    const release = await hold();
    const waiting = another.withLock('jars', async () => 'never', { deadline: 0 });
    await expect(waiting).rejects.toThrow(WaitTimedOut);
    await expect(waiting).rejects.toThrow(lock());
    await release();
  });

  it('ends the wait on a signal', async () => {
    const release = await hold();
    const stop = new AbortController();
    const waiting = another.withLock('jars', async () => 'never', {
      progress: () => stop.abort(),
      signal: stop.signal,
    });
    await expect(waiting).rejects.toThrow(WaitAborted);
    await release();
  });

  it('does not return the result of work that has lost its lock', async () => {
    const work = cache.withLock('jars', async (lost) => {
      await rm(lock(), { recursive: true });
      await new Promise((resolve) => lost.addEventListener('abort', resolve));
      return 'unreliable';
    });
    await expect(work).rejects.toThrow(EnvironmentError);
  });
});
