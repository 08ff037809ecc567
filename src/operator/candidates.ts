import { UsageError } from '../errors.js';
import { compareVersions } from '../strimzi/versions.js';
import type { OperatorProfiles } from './profile.js';

/**
 * The version that each candidate is held against. A candidate is an operator version without a profile, a build of the
 * user's own for example: nothing is known of it but that it should be no worse than what came before.
 *
 * @param versions that are to be run.
 * @param asked the version of `--baseline`; undefined: the newest that has a profile.
 * @returns by candidate; those with a profile are not in it.
 * @throws UsageError for what is no version, for a baseline without a profile, and for a baseline where no version is a
 *   candidate.
 */
export function baselines(
  profiles: OperatorProfiles,
  versions: readonly string[],
  asked: string | undefined,
): ReadonlyMap<string, string> {
  const baseline = asked === undefined ? profiles.newest().version : profiles.get(asked).version;
  const candidates = versions.filter((version) => !profiles.has(version));
  // It throws for what is no version: a slip of the pen is no candidate.
  for (const version of candidates) compareVersions(version, baseline);
  if (asked !== undefined && candidates.length === 0) {
    throw new UsageError(
      `--baseline is for candidates, versions that remigrate has no profile of: it has one of ${versions.join(', ')}.`,
    );
  }
  return new Map(candidates.map((version) => [version, baseline]));
}
