import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectRefusal, makePlace, type Place, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 120_000;
const FIVE_STEPS = ['run', 'rollback-remigrate', '--operator', '0.45.1'] as const;
const RUN = 'rollback-remigrate-0.45.1';

/** Folders that a run must not delete, and folders in which nothing can be created. Nothing is started in any of them. */
describe('the folders of a run', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  async function thesis(folder: string): Promise<string> {
    const file = join(place.folder, folder, 'thesis.txt');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'years of work');
    return file;
  }

  it(
    'do not include one outside of --out that the name of a scenario leads to',
    async () => {
      const file = await thesis('evil-0.45.1');
      const scenario = `export default { kind: 'scenario', name: '../evil', title: 'evil', expected: { survives: 'x' },
        steps: [{ name: 'deploy', run: async () => undefined }] };`;
      await writeFile(join(place.folder, 'evil.ts'), scenario);
      await expectRefusal(place, ['run', 'evil.ts', '--operator', '0.45.1', '--out', 'out'], {
        exitCode: 2,
        sentences: ['../evil'],
        env: {},
      });
      expect(await readFile(file, 'utf8')).toBe('years of work');
    },
    TEST_TIMEOUT_MS,
  );

  it.each([
    [['--out', 'out'], 'out', 'or choose another folder for --out.'],
    [[], 'remigrate-results', 'or choose another folder with --out.'],
  ] as const)(
    'with %j do not replace one in %s that no run has made',
    async (options, folder, remedy) => {
      const file = await thesis(join(folder, RUN));
      await expectRefusal(place, [...FIVE_STEPS, ...options], {
        exitCode: 2,
        sentences: [`${dirname(file)} is in the way of the results of ${RUN}`, `Delete or move it yourself, ${remedy}`],
        env: {},
      });
      expect(await readFile(file, 'utf8')).toBe('years of work');
      expect(existsSync(join(place.folder, folder, 'result.json'))).toBe(false);
    },
    TEST_TIMEOUT_MS,
  );

  // Node's own recursive mkdir never returns below /proc, and takes a processor.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux(
    'are not created below /proc, by --out',
    async () => {
      await expectRefusal(place, [...FIVE_STEPS, '--out', '/proc/remigrate-test/out'], {
        exitCode: 2,
        sentences: [
          '--out: cannot write to /proc/remigrate-test/out',
          'Name a folder that you can create or write to.',
        ],
        env: {},
      });
    },
    TEST_TIMEOUT_MS,
  );

  onLinux(
    'are not created below /proc, by REMIGRATE_CACHE',
    async () => {
      await expectRefusal(place, FIVE_STEPS, {
        exitCode: 2,
        sentences: ['The cache folder /proc/remigrate-test/cache cannot be used', 'Set REMIGRATE_CACHE to a folder'],
        env: { REMIGRATE_CACHE: '/proc/remigrate-test/cache' },
      });
    },
    TEST_TIMEOUT_MS,
  );
});
