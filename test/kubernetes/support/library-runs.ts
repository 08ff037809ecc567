import { LIBRARY } from '../../support/library.js';
import type { KubernetesRun } from './inspected-runs.js';

/**
 * The runs with end states that no other quick test on Kubernetes has: a finished migration, and the unreported loss.
 * Without kind, also the loss that own-kind.test.ts would test.
 */
const QUICK: ReadonlySet<string> = new Set([
  'migrate-and-finalize 0.45.1',
  'rollback-remigrate-volumes-kept 0.45.1',
  ...(process.env.REMIGRATE_TEST_KIND === '1' ? [] : ['rollback-remigrate 0.45.0']),
]);

const ALL: readonly KubernetesRun[] = LIBRARY.filter(({ where }) => where === 'everywhere').flatMap(({ scenario }) =>
  ['0.45.0', '0.45.1'].map((version) => [scenario, version] as const),
);

const isQuick = ([scenario, version]: KubernetesRun) => QUICK.has(`${scenario} ${version}`);

export const QUICK_RUNS = ALL.filter(isQuick);

/** The other runs are in files `library-N.deep.test.ts`, N from 1 to this number, so that each turn of CI has a few. */
export const DEEP_FILES = 7;

/** @param n of the file. @throws RangeError if there is no such file */
export function deepRuns(n: number): readonly KubernetesRun[] {
  if (!(n >= 1 && n <= DEEP_FILES)) throw new RangeError(`library-${n}: there are ${DEEP_FILES} files`);
  return ALL.filter((run) => !isQuick(run)).filter((_, index) => index % DEEP_FILES === n - 1);
}
