import { expect, it } from '@jest/globals';
import { expectExitCode, journalOf, verdictOf } from '../scenarios/support.js';
import { expectForeseen, foreseenAtEnd } from '../support/foreseen.js';
import { connectToCluster, describeOnCluster } from './api/real-cluster.js';
import { expectFiveSteps, type FiveStepsVersion } from './support/five-steps.js';
import { leftovers } from './support/inventory.js';
import { runOnCluster } from './support/run-on-cluster.js';

/** A run takes one to three minutes on two idle cores. */
const TIMEOUT_MS = 20 * 60_000;

/** Where there is kind, own-kind.test.ts has both, and beside-others.test.ts has the second on this cluster. */
const VERSIONS: readonly FiveStepsVersion[] = ['0.45.0', '0.45.1'];
const elsewhere = process.env.REMIGRATE_TEST_KIND === '1';

/** What runs have left in the cluster. */
async function left(): Promise<readonly string[]> {
  const api = await connectToCluster();
  try {
    return await leftovers(api);
  } finally {
    api.close();
  }
}

describeOnCluster('rollback-remigrate on Kubernetes, by the same file as on this machine', () => {
  if (!elsewhere) {
    it(
      `ends as expected with the stand-in of ${VERSIONS.join(' and ')}, and leaves nothing in the cluster`,
      async () => {
        const result = await runOnCluster(['rollback-remigrate', '--operator', VERSIONS.join(',')]);
        await expectFiveSteps(result, VERSIONS);
        expect(await left()).toEqual([]);
      },
      TIMEOUT_MS,
    );
  }

  it(
    'finds the silent loss where the controllers keep their volumes',
    async () => {
      const result = await runOnCluster(['rollback-remigrate-volumes-kept', '--operator', '0.45.1']);
      expectExitCode(result, 0);
      const journal = journalOf(result, 'rollback-remigrate-volumes-kept-0.45.1');
      expect(verdictOf(journal)).toMatchObject({ verdict: 'lost', asExpected: true });
      expect(verdictOf(journal).summary).toContain('after-rollback');
      expectForeseen(journal, ['first-copy', 'loses-since-rollback']);
      expect(foreseenAtEnd(journal).outcome).toBe('on-stale-metadata');
      expect(await left()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
