import { type AcceptedMutant, isFor } from './accepted.js';
import type { Mutant } from './mutants.js';

export interface Tried {
  readonly mutant: Mutant;
  /** The test file that failed, `TypeScript`, or how the run ended; undefined: no test noticed the mutant. */
  readonly caughtBy: string | undefined;
}

export interface Score {
  readonly mutants: number;
  readonly caught: number;
  /** Noticed by no test, with a reason in accepted.yaml. They do not count. */
  readonly accepted: readonly Mutant[];
  readonly survivors: readonly Mutant[];
  /** Entries of accepted.yaml for mutants that a test notices by now. */
  readonly needless: readonly AcceptedMutant[];
}

export function scoreOf(tried: readonly Tried[], entries: readonly AcceptedMutant[]): Score {
  const unnoticed = tried.filter(({ caughtBy }) => caughtBy === undefined).map(({ mutant }) => mutant);
  const isAccepted = (mutant: Mutant) => entries.some((entry) => isFor(entry, mutant));
  const caught = tried.filter(({ caughtBy }) => caughtBy !== undefined);
  return {
    mutants: tried.length,
    caught: caught.length,
    accepted: unnoticed.filter(isAccepted),
    survivors: unnoticed.filter((mutant) => !isAccepted(mutant)),
    needless: entries.filter(
      (entry) => caught.some(({ mutant }) => isFor(entry, mutant)) && !unnoticed.some((mutant) => isFor(entry, mutant)),
    ),
  };
}

/** In percent, of the mutants that are not accepted. */
export function percentCaught({ caught, survivors }: Score): number {
  return caught + survivors.length === 0 ? 100 : (100 * caught) / (caught + survivors.length);
}

export function asText(name: string, score: Score): string {
  const { mutants, caught, accepted, survivors } = score;
  return (
    `${name}: ${mutants} mutants, ${caught} caught, ${accepted.length} accepted, ${survivors.length} survived: ` +
    `${percentCaught(score).toFixed(1)} %`
  );
}

export function survivorAsText({ file, line, change }: Mutant): string {
  return `${file}:${line}  ${change}`;
}
