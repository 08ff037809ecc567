import { UsageError } from '../errors.js';

const DOTTED = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/;

function parse(version: string): { readonly numbers: readonly number[]; readonly suffix: string | undefined } {
  const match = DOTTED.exec(version);
  if (match === null) {
    throw new UsageError(`"${version}" is not a version: write MAJOR.MINOR.PATCH, for example 0.45.1 or 3.9.0`);
  }
  return { numbers: match.slice(1, 4).map(Number), suffix: match[4] };
}

/**
 * Orders dotted versions of Strimzi or Kafka, oldest first; `0.45.1-rc1` comes before `0.45.1`.
 * @throws UsageError if one is not a version
 */
export function compareVersions(left: string, right: string): number {
  const a = parse(left);
  const b = parse(right);
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.suffix === b.suffix) return 0;
  if (a.suffix === undefined) return 1;
  if (b.suffix === undefined) return -1;
  return a.suffix < b.suffix ? -1 : 1;
}

/**
 * The protocol, message format and metadata version that Strimzi's table gives a Kafka version: `3.9` for `3.9.0`.
 * Source: Strimzi 0.45.2 `kafka-versions.yaml:338-387`, keys `protocol`, `format` and `metadata`: the same value in all
 * three, and the first two numbers, for every version that 0.45.0, 0.45.1 or 0.45.2 supports.
 * @throws UsageError if it is not a version
 */
export function protocolVersion(kafkaVersion: string): string {
  return parse(kafkaVersion).numbers.slice(0, 2).join('.');
}

/** Whether a version is older than another. @throws UsageError if one is not a version */
export function olderThan(version: string, other: string): boolean {
  return compareVersions(version, other) < 0;
}
