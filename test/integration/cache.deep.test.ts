import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { locateCache } from '../../src/distribution/cache.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 240_000;
const FIVE_STEPS = ['run', 'rollback-remigrate', '--operator', '0.45.1'] as const;

describe('a cache folder', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it(
    'used by two first runs at the same time: one prepares it, and both succeed',
    async () => {
      const cache = join(place.folder, 'cache');
      const runs = await Promise.all([
        remigrate(place, FIVE_STEPS, { REMIGRATE_CACHE: cache }),
        remigrate(place, FIVE_STEPS, { REMIGRATE_CACHE: cache }),
      ]);
      for (const run of runs) {
        expect(run.all).toContain('SURVIVED as expected');
        expect(run.exitCode).toBe(0);
      }
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'with a damaged archive of classes: the archive is not used',
    async () => {
      const cache = join(place.folder, 'cache');
      await mkdir(cache);
      await cp(join(locateCache(process.env), 'kafka'), join(cache, 'kafka'), {
        recursive: true,
        preserveTimestamps: true,
      });
      await mkdir(join(cache, 'class-data'));
      await writeFile(join(cache, 'class-data', 'stray'), 'not an archive');
      const run = await remigrate(place, ['run', 'migrate-and-finalize', '--operator', '0.45.1'], {
        REMIGRATE_CACHE: cache,
      });
      expect(run.exitCode).toBe(0);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
