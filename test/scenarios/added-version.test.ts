import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { addProfile } from '../support/own-profile.js';
import { expectExitCode, journalOf, remigrateRun, SCENARIO_TIMEOUT_MS, verdictOf, violations } from './support.js';

describe('an operator version that the user added', () => {
  let data: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'test-data-'));
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  it(
    'fails if it leaves /migration behind and no known issue explains it, even if nothing is wiped',
    async () => {
      await addProfile(data, '0.45.8', '0.45.0');
      const lucky = await readFile(join(packageRoot(), 'scenarios/rollback-remigrate.ts'), 'utf8');
      // The user happens to delete it before the second migration, which then goes well.
      const story = lucky.replace(
        "await topics.create('after-rollback');",
        "await topics.create('after-rollback');\n    }),\n    step('luck', async ({ cluster }) => {\n      await cluster.deleteZnode('/migration');",
      );
      expect(story).not.toBe(lucky);
      const file = join(data, 'lucky.ts');
      await writeFile(file, story);

      const wiped = await remigrateRun(['rollback-remigrate', '--operator', '0.45.8', '--data', data]);
      expectExitCode(wiped, 1);
      expect(verdictOf(journalOf(wiped, 'rollback-remigrate-0.45.8'))).toMatchObject({
        verdict: 'lost',
        asExpected: false,
      });

      const avoided = await remigrateRun([file, '--operator', '0.45.8', '--data', data]);
      expectExitCode(avoided, 1);
      const events = journalOf(avoided, 'rollback-remigrate-0.45.8');
      expect(verdictOf(events)).toMatchObject({ verdict: 'survived', asExpected: false });
      expect(violations(events)).toContainEqual({ invariant: 'migration-znode-absent', issue: undefined });
    },
    SCENARIO_TIMEOUT_MS,
  );
});
