import fc from 'fast-check';
import type { MomentKey } from './moments.js';
import { OUTSIDE_DAMAGE } from './outside-damage.js';
import { PROFILE_MUTANTS } from './profile-mutants.js';
import type { OutsideDamage, ProfileMutant } from './sort.js';

/** One run of the campaign: what is planted, and when. It follows from the seed and the number of the run alone. */
export interface PlannedRun {
  readonly seed: number;
  readonly index: number;
  readonly sort: PlannedSort;
  /** undefined for a profile mutant, whose operator is wrong from the start. */
  readonly moment: MomentKey | undefined;
  readonly choice: number;
}

export type PlannedSort =
  | ({ readonly kind: 'profile' } & ProfileMutant)
  | ({ readonly kind: 'outside' } & OutsideDamage);

/** Every sort of fault that is planted. */
export const SORTS: readonly PlannedSort[] = [
  ...PROFILE_MUTANTS.map((sort) => ({ kind: 'profile', ...sort }) as const),
  ...OUTSIDE_DAMAGE.map((sort) => ({ kind: 'outside', ...sort }) as const),
];

/** Fewer runs of a mutant than of a damage: a mutant does the same each time. */
const ROUNDS_PER_MUTANT = 4;

/**
 * The sorts in the order of the runs: each damage once a round, each mutant once in four rounds, each round in an order
 * of its own.
 */
function sortOf(seed: number, index: number): PlannedSort {
  let rest = index;
  for (let round = 0; ; round++) {
    const due = SORTS.filter(
      ({ kind }, at) => kind === 'outside' || at % ROUNDS_PER_MUTANT === round % ROUNDS_PER_MUTANT,
    );
    if (rest < due.length) {
      const [order] = fc.sample(fc.shuffledSubarray([...due], { minLength: due.length }), {
        seed: seed + round,
        numRuns: 1,
      });
      const sort = order?.[rest];
      if (sort === undefined) throw new Error(`round ${round} has no run ${rest}`);
      return sort;
    }
    rest -= due.length;
  }
}

/** The run with this number, from 0. */
export function planRun(seed: number, index: number): PlannedRun {
  const sort = sortOf(seed, index);
  const own = { seed: seed * 1_000_003 + index, numRuns: 1 };
  const [choice = 0] = fc.sample(fc.nat({ max: 1_000 }), own);
  const moments = sort.kind === 'outside' ? sort.moments : [];
  return { seed, index, sort, moment: moments.length === 0 ? undefined : moments[choice % moments.length], choice };
}
