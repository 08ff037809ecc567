import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectRefusal, makePlace, type Place, remigrate, removePlace } from './support/command.js';
import { processesIn } from './support/processes.js';

const TEST_TIMEOUT_MS = 120_000;

const SCENARIO = `import { migrate, scenario, step } from 'remigrate';
export default scenario({
  name: 'mine',
  title: 'brokers with ZooKeeper, controllers whose volumes are formatted, and a broker that is rolled',
  expected: { survives: 'A first migration copies everything.' },
  steps: [
    step('deploy', async ({ cluster, topics }) => { await cluster.deploy(); await topics.create('before'); }),
    step('migrate', async ({ cluster }) => { await migrate(cluster, { deleteClaim: true }); }),
  ],
});
`;

describe('the folder for temporary files', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it(
    'may be relative and have spaces, backslashes and letters beyond ASCII, also in the locale C',
    async () => {
      const TMPDIR = 'my tmp \\u0041\\für %20 Ω';
      const temporary = join(place.folder, TMPDIR);
      await mkdir(temporary);
      await writeFile(join(place.folder, 'my.scenario.ts'), SCENARIO);
      const run = ['run', 'my.scenario.ts', '--operator', '0.45.1'];
      const { exitCode, all } = await remigrate(place, run, { TMPDIR, LC_ALL: '', LC_CTYPE: '', LANG: 'C' });
      expect(all).toContain('SURVIVED as expected');
      expect(exitCode).toBe(0);
      expect(await readdir(temporary)).toEqual([]);
      expect(await processesIn(temporary)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'must not have a comma, which separates the folders of a broker',
    async () => {
      const TMPDIR = join(place.folder, 'a,b');
      await mkdir(TMPDIR);
      await expectRefusal(place, ['run', 'rollback-remigrate', '--operator', '0.45.1'], {
        exitCode: 2,
        sentences: [
          `cannot be created in ${TMPDIR}: a "," separates`,
          'Set TMPDIR to a folder whose path has no comma.',
        ],
        env: { TMPDIR },
      });
    },
    TEST_TIMEOUT_MS,
  );
});
