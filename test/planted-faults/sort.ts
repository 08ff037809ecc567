import type { Verdict } from '../../src/journal/events.js';
import type { MomentKey } from './moments.js';
import type { RunningCluster } from './running-cluster.js';

/** How a run ended: its verdict, and whether the command called that expected (exit code 0). */
export type Outcome = Verdict | 'survived, with a violation';

/** The rules of an operator profile, as far as mutants change them. */
export interface Rules {
  znodeDeletions: {
    path: string;
    onAbsent: string;
    at: { state: string; annotation: string };
    position: string;
    source: string;
    recording: string;
  }[];
  nodeRolls: { role: string; from: string[]; to: string[]; rolls: string; forgets?: number[] }[];
  migrationDone: { value: string };
  leftoverControllers: { treatment: string };
  deletedClaims: { data: string };
  dynamicUpdate: { onRefused: string };
}

/** One sort of fault that is planted in runs of `rollback-remigrate` with the rules of Strimzi 0.45.1. */
export interface Sort {
  readonly name: string;
  /** What is done, in one sentence. */
  readonly what: string;
  /** The outcomes that are right. Anything else is a wrong verdict. */
  readonly right: readonly Outcome[];
  /** What the verdict's summary must name, unless the run survived. */
  readonly names?: RegExp;
}

/** An operator that does something wrong. */
export interface ProfileMutant extends Sort {
  readonly plant: (rules: Rules) => void;
}

/** Another process that damages the cluster while the run goes on. */
export interface OutsideDamage extends Sort {
  /** When it may be done. */
  readonly moments: readonly MomentKey[];
  /** @param choice a number of the run's own, to choose between equal targets. */
  readonly damage: (cluster: RunningCluster, choice: number) => Promise<void>;
}
