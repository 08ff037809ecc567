import type { Mutant } from './mutants.js';

/** What the worker is asked: run these test files with this mutant. */
export interface Question {
  /** Undefined: the source as it is. */
  readonly mutant: Mutant | undefined;
  /** Paths from the root of the repository. */
  readonly tests: readonly string[];
}

export interface Answer {
  /** How many test files were run. */
  readonly files: number;
  /** The test files that failed. */
  readonly failed: readonly string[];
  /** Of the first of them. */
  readonly message: string;
}
