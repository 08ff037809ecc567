import { mkdir, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** Folders that a user names: created, tried and located so that every failure is an error. */

/**
 * Creates a folder, and the folders above it that are missing. The folder may exist.
 *
 * Node's `mkdir` with `recursive` never returns if the operating system answers ENOENT although the folder above exists,
 * as Linux does below /proc: it creates the folder above again and again, in a thread that no signal ends (Node.js
 * 20.20.2). Use this function for every folder that a user names.
 *
 * @throws the error of the operating system.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let at = resolve(path);
  while (!(await isFolder(at))) {
    missing.push(at);
    if (dirname(at) === at) break;
    at = dirname(at);
  }
  for (const folder of missing.reverse()) {
    try {
      await mkdir(folder);
    } catch (error) {
      // Another process may have created it meanwhile.
      if (!(await isFolder(folder))) throw error;
    }
  }
}

/**
 * Creates a file with content in the folder and deletes it. Permissions do not show whether that works: the file system
 * may be full or read-only, or refuse new files, as /proc does even to root.
 * @throws the error of the operating system.
 */
export async function tryFolder(folder: string): Promise<void> {
  const scratch = await mkdtemp(join(folder, '.remigrate-try-'));
  try {
    await writeFile(join(scratch, 'file'), 'content');
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The absolute path without symbolic links. What does not exist yet has none. */
export async function realLocation(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(absolute) === absolute) throw error;
    return join(await realLocation(dirname(absolute)), basename(absolute));
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
