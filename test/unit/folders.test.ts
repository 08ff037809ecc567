import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeFolder, realLocation, tryFolder } from '../../src/folders.js';
import { type Folder, makeFolder as makePlace } from './distribution/fakes.js';

let place: Folder;
beforeEach(async () => {
  place = await makePlace();
});
afterEach(() => place.delete());

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('makeFolder', () => {
  it('creates the folders above it, too, and accepts one that exists', async () => {
    await makeFolder(place.join('a', 'b', 'c'));
    await makeFolder(place.join('a', 'b', 'c'));
    expect(existsSync(place.join('a', 'b', 'c'))).toBe(true);
  });

  it('is done by several at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(place.join('a', 'b', 'c', 'd'))));
    expect(existsSync(place.join('a', 'b', 'c', 'd'))).toBe(true);
  });

  it.each([
    ['where a file is', 'file', 'EEXIST'],
    ['below a file', 'file/a/b', 'EEXIST'],
    ['where a symbolic link leads nowhere', 'dangling', 'EEXIST'],
  ])('fails %s', async (_where, name, code) => {
    await place.write('file', '');
    await symlink(place.join('nowhere'), place.join('dangling'));
    await expect(makeFolder(place.join(name))).rejects.toMatchObject({ code });
  });

  // Node's own mkdir never returns here: this test would take a processor until it is killed.
  onLinux('fails below /proc', async () => {
    await expect(makeFolder('/proc/remigrate-test/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(makeFolder('/proc/self/remigrate-test')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('tryFolder', () => {
  it('leaves nothing behind', async () => {
    await tryFolder(place.path);
    expect(await readdir(place.path)).toEqual([]);
  });

  onLinux('fails in a folder in which no file can be created, whatever its permissions say', async () => {
    await expect(tryFolder('/proc/self')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('realLocation', () => {
  it('resolves symbolic links and "..", also above what does not exist', async () => {
    await mkdir(place.join('real'));
    await symlink(place.join('real'), place.join('link'));
    expect(await realLocation(`${place.path}/link/missing/../a/b`)).toBe(join(place.path, 'real', 'a', 'b'));
    expect(await realLocation(place.join('link'))).toBe(place.join('real'));
  });
});
