import { isDeepStrictEqual } from 'node:util';
import { INVARIANTS } from '../invariants/index.js';
import type { Invariant, Violation } from '../invariants/invariant.js';
import type { InvariantEvaluated } from '../journal/events.js';
import { type JudgedMoment, NotRecorded, rebuildObservations } from './rebuild.js';

/** What one invariant says of one moment. */
export interface InvariantAtStep {
  readonly step: string;
  readonly invariant: string;
}

/** An evaluation that is not the same as in the run. undefined: the invariant did not apply. */
export interface ChangedFinding extends InvariantAtStep {
  readonly inRun: Violation | 'holds' | undefined;
  readonly again: Violation | 'holds' | undefined;
}

/** An evaluation of the run that cannot be repeated. */
export interface NotJudged extends InvariantAtStep {
  /** `the journal does not have the records that were read back` */
  readonly why: string;
}

/** A run that was judged again, by the invariants of this version. */
export interface JudgedAgain {
  /** How many evaluations were repeated, those that changed included. */
  readonly repeated: number;
  readonly changed: readonly ChangedFinding[];
  readonly notJudged: readonly NotJudged[];
}

/**
 * Judges a run again from its folder.
 * @throws UsageError as `rebuildObservations` does.
 */
export async function judgeAgain(folder: string, invariants: readonly Invariant[] = INVARIANTS): Promise<JudgedAgain> {
  const moments = await rebuildObservations(folder);
  const results = moments.flatMap((moment) => judgeMoment(moment, invariants));
  return {
    repeated: results.filter(({ why }) => why === undefined).length,
    changed: results.flatMap(({ step, invariant, inRun, again, why }) =>
      why === undefined && !isDeepStrictEqual(inRun, again) ? [{ step, invariant, inRun, again }] : [],
    ),
    notJudged: results.flatMap(({ step, invariant, why }) => (why === undefined ? [] : [{ step, invariant, why }])),
  };
}

interface Result extends ChangedFinding {
  /** Why it was not judged; undefined: it was. */
  readonly why?: string;
}

function judgeMoment(
  { observation, recorded, only, evaluated }: JudgedMoment,
  invariants: readonly Invariant[],
): readonly Result[] {
  const { step } = observation;
  const inRun = new Map(evaluated.map((event) => [event.invariant, resultOf(event)]));
  const known = new Set(invariants.map(({ name }) => name));
  const judged = invariants
    .filter(({ name, about }) => inRun.has(name) || (recorded && (only === undefined || only === about)))
    .map((invariant): Result => {
      const before = inRun.get(invariant.name);
      const finding = { step, invariant: invariant.name, inRun: before };
      try {
        if (!invariant.applies(observation)) return { ...finding, again: undefined };
        return { ...finding, again: asJournalled(invariant.evaluate(observation)) };
      } catch (error) {
        if (!(error instanceof NotRecorded)) throw error;
        return { ...finding, again: undefined, why: error.message };
      }
    })
    .filter(({ inRun: before, again, why }) => before !== undefined || again !== undefined || why !== undefined);
  const others = evaluated
    .filter(({ invariant }) => !known.has(invariant))
    .map(({ invariant }): Result => {
      const why = 'this version has no such invariant; a check of a scenario needs the scenario';
      return { step, invariant, inRun: inRun.get(invariant), again: undefined, why };
    });
  return [...judged, ...others];
}

function resultOf({ holds, message = '', evidence = [] }: InvariantEvaluated): Violation | 'holds' {
  return holds ? 'holds' : { message, evidence };
}

/** As it would be read from a journal: without fields that are undefined. */
function asJournalled(violation: Violation | undefined): Violation | 'holds' {
  if (violation === undefined) return 'holds';
  const { message, evidence } = violation;
  return { message, evidence: JSON.parse(JSON.stringify(evidence)) };
}
