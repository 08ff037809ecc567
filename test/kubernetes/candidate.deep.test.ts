import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { expectExitCode, journalOf, ofType, verdictOf } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { runOnCluster } from './support/run-on-cluster.js';
import { releaseFolder } from './support/stand-in-manifests.js';

const TIMEOUT_MS = 20 * 60_000;

describeOnCluster('an operator version without a profile', () => {
  let manifests: string;
  beforeAll(async () => {
    manifests = await mkdtemp(join(tmpdir(), 'test-candidate-'));
    // 0.45.8 behaves like 0.45.1 and is as good as its baseline; 0.45.9 behaves like 0.45.0 and is worse.
    for (const [version, release] of [
      ['0.45.8', '0.45.1'],
      ['0.45.9', '0.45.0'],
    ] as const) {
      await cp(releaseFolder(release), join(manifests, version), { recursive: true });
    }
  });
  afterAll(() => rm(manifests, { recursive: true, force: true }));

  it(
    'passes if it is no worse than its baseline, and fails if it is',
    async () => {
      const result = await runOnCluster(
        ['rollback-only', '--operator', '0.45.8,0.45.9', '--baseline', '0.45.1'],
        join(manifests, '{version}'),
      );
      expectExitCode(result, 1);
      const runs = ['0.45.8', '0.45.9'].map((version) => journalOf(result, `rollback-only-${version}`));
      expect(runs.map((journal) => ofType(journal, 'run-started')[0]?.baseline)).toEqual(['0.45.1', '0.45.1']);
      expect(runs.map((journal) => verdictOf(journal).asExpected)).toEqual([true, false]);
      const report = result.all.replaceAll(/\s+/g, ' ');
      expect(report).toContain('0.45.8 compared with 0.45.1: no difference in what was lost, broken or left behind');
      expect(report).toMatch(/0\.45\.9 compared with 0\.45\.1: worse, .*\/migration/);
    },
    TIMEOUT_MS,
  );
});
