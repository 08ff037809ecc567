/** Scenarios that have test files of their own. */
export const ELSEWHERE: ReadonlySet<string> = new Set([
  'rollback-remigrate',
  'rollback-remigrate-volumes-kept',
  'broker-added-then-rolled-back',
  'broker-volume-replaced-then-rolled-back',
  'broker-volume-replaced-again-before-disabled',
  'broker-volume-replaced-again-after-disabled',
  'added-broker-volume-replaced-after-disabled',
  'meta-properties-rewritten-after-disabled',
  'only-controller-on-ephemeral-storage',
  'migration-znode-without-data',
  'migration-znode-empty',
  'paused-in-dual-write',
  'quorum-epoch-above-zookeepers',
  'quorum-epoch-raised-in-zookeeper',
]);

/**
 * The other scenarios, with the operator versions that `library.test.ts` runs each of them with. If a scenario
 * ends differently with 0.45.0, it is 0.45.0; otherwise the version of its recording. `library.deep.test.ts` runs the
 * other versions.
 */
export const QUICK_RUNS: ReadonlyMap<string, readonly string[]> = new Map([
  ['rollback-only', ['0.45.0']],
  ['rollback-manual-cleanup', ['0.45.0']],
  ['upgrade-after-rollback', ['0.45.0']],
  ['upgrade-cleanup-finalize', ['0.45.0']],
  ['migrate-and-finalize', ['0.45.2']],
  ['remigrate-and-finalize', ['0.45.1']],
]);
