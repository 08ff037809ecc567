import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { baselines } from '../operator/candidates.js';
import type { OperatorProfiles } from '../operator/profile.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ResultsPlace } from './results-folder.js';
import type { FinishedRun } from './session.js';

/** What is decided before the first run of a session, and where the results of a run go. */

/**
 * The version that each candidate (an operator version without a profile) is compared with.
 * @param options `replayed`: the operator is replayed. `baseline`: the version that the user names.
 * @throws UsageError for a version without a profile if the operator is replayed, because there is nothing to replay;
 *   and what `baselines` throws.
 */
export function candidateBaselines(
  profiles: OperatorProfiles,
  operators: readonly string[],
  { replayed, baseline }: { readonly replayed: boolean; readonly baseline?: string | undefined },
): ReadonlyMap<string, string> {
  if (replayed) for (const version of operators) profiles.get(version);
  return baselines(profiles, operators, baseline);
}

/** @throws UsageError for two scenarios with one name: their runs would write to one folder. */
export function refuseDuplicateNames(scenarios: readonly Scenario[]): void {
  const seen = new Set<string>();
  for (const { name } of scenarios) {
    if (seen.has(name)) throw new UsageError(`Two scenarios have the name "${name}". Give each scenario once.`);
    seen.add(name);
  }
}

/** Where runs that did not end as expected leave their journal and logs if no folder is named. */
const RESULTS_FOLDER = 'remigrate-results';

/**
 * Where the journal and logs of a run go if they are kept: below `out` if there is one, otherwise below the working
 * folder.
 */
export function resultsPlace(run: string, out: string | undefined): ResultsPlace {
  const folder = resolve(out ?? RESULTS_FOLDER);
  const [option, remedy] =
    out === undefined ? [undefined, 'choose another folder with --out'] : ['--out', 'choose another folder for --out'];
  return { run, path: resolve(folder, run), within: { folder, option, remedy } };
}

/** Without `out`, only the results of a run are kept that did not end as expected. */
export function keepsResults(
  { judgement }: Pick<FinishedRun, 'judgement'>,
  { out, interrupted }: { readonly out?: string | undefined; readonly interrupted: boolean },
): boolean {
  return out !== undefined || !(judgement.exitCode === 0 || interrupted);
}
