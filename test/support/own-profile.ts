import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedProfilesFolder } from '../../src/operator/profile.js';

/** Adds a version with the rules of a shipped one to a user's folder for `--data`. */
export async function addProfile(data: string, version: string, like: string): Promise<void> {
  const profile = await readFile(join(shippedProfilesFolder(), `${like}.yaml`), 'utf8');
  const renamed = profile.replace(/^version: .*$/m, `version: '${version}'`);
  if (renamed === profile) throw new Error(`the profile of ${like} has no version`);
  await mkdir(join(data, 'operators'), { recursive: true });
  await writeFile(join(data, 'operators', `${version}.yaml`), renamed);
}
