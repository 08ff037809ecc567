import { expect } from '@jest/globals';
import { compareJournals } from '../../../src/journal/compare.js';
import {
  type CommandResult,
  expectExitCode,
  journalOf,
  ofType,
  recording,
  verdictOf,
  violations,
} from '../../scenarios/support.js';
import { expectForeseen } from '../../support/foreseen.js';

const EXPECTED = {
  '0.45.0': {
    verdict: { verdict: 'lost', asExpected: true, step: 'migrate again' },
    violated: ['migration-znode-absent', 'zookeeper-metadata-survives'],
    foreseen: ['first-copy', 'skip-and-wipe'],
  },
  '0.45.1': {
    verdict: { verdict: 'survived', asExpected: true },
    violated: [],
    foreseen: ['first-copy', 'first-copy'],
  },
} as const;

export type FiveStepsVersion = keyof typeof EXPECTED;

/** rollback-remigrate with the stand-in: the loss and the survival, as the recordings of real operators have them. */
export async function expectFiveSteps(result: CommandResult, versions: readonly FiveStepsVersion[]): Promise<void> {
  expectExitCode(result, 0);
  expect(result.leftBehind).toEqual([]);
  for (const version of versions) {
    const journal = journalOf(result, `rollback-remigrate-${version}`);
    const { verdict, violated, foreseen } = EXPECTED[version];
    expect(verdictOf(journal)).toMatchObject(verdict);
    expect(new Set(violations(journal).map(({ invariant }) => invariant))).toEqual(new Set(violated));
    expectForeseen(journal, foreseen);
    // Honest about what took the operator's place.
    expect(ofType(journal, 'run-started')[0]?.parts).toEqual({
      environment: 'kubernetes',
      operator: 'stand-in',
      kafka: 'real',
    });
    const { firstDifference } = compareJournals(journal, await recording(`${version}-one-broker`));
    if (firstDifference !== undefined) throw new Error(JSON.stringify(firstDifference, null, 2));
  }
}
