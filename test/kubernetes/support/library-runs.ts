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

const ALL: readonly KubernetesRun[] = LIBRARY.flatMap(({ scenario }) =>
  ['0.45.0', '0.45.1'].map((version) => [scenario, version] as const),
);

const isQuick = ([scenario, version]: KubernetesRun) => QUICK.has(`${scenario} ${version}`);

export const QUICK_RUNS = ALL.filter(isQuick);
export const DEEP_RUNS = ALL.filter((run) => !isQuick(run));
