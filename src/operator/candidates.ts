import { UsageError } from '../errors.js';
import { compareVersions } from '../strimzi/versions.js';
import type { OperatorProfiles } from './profile.js';

/**
 * The version that each candidate is compared with. A candidate is an operator version without a profile, for example
 * the user's own build: it should be no worse than the version before it.
 *
 * @param versions that are to be run.
 * @param requested the version of `--baseline`; undefined: the newest that has a profile.
 * @returns baselines by candidate; versions with a profile are not in it.
 * @throws UsageError for a malformed version, for a baseline without a profile, and for a baseline if no version is a
 *   candidate.
 */
export function baselines(
  profiles: OperatorProfiles,
  versions: readonly string[],
  requested: string | undefined,
): ReadonlyMap<string, string> {
  const baseline = requested === undefined ? profiles.newest().version : profiles.get(requested).version;
  const candidates = versions.filter((version) => !profiles.has(version));
  // Throws for a malformed version: a typing error is not a candidate.
  for (const version of candidates) compareVersions(version, baseline);
  if (requested !== undefined && candidates.length === 0) {
    throw new UsageError(
      `--baseline is for candidates, which are versions without a profile. There is a profile for ${versions.join(', ')}.`,
    );
  }
  return new Map(candidates.map((version) => [version, baseline]));
}
