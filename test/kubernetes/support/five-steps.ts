import { expect } from '@jest/globals';
import { expectAgreement } from '../../scenarios/conformance.js';
import { type CommandResult, expectExitCode, journalOf, ofType } from '../../scenarios/support.js';
import { expectEnd } from '../../support/expect-end.js';
import { endOf } from '../../support/library.js';

/** rollback-remigrate with the stand-in: the loss and the survival, as in the recordings of real operators. */
export async function expectFiveSteps(result: CommandResult, versions: readonly string[]): Promise<void> {
  expectExitCode(result, 0);
  expect(result.leftBehind).toEqual([]);
  for (const version of versions) {
    const journal = journalOf(result, `rollback-remigrate-${version}`);
    expectEnd(journal, endOf('rollback-remigrate', version));
    // The run says that the operator is a stand-in.
    expect(ofType(journal, 'run-started')[0]?.parts).toEqual({
      environment: 'kubernetes',
      operator: 'stand-in',
      kafka: 'real',
      observedWithinSeconds: 2,
    });
    await expectAgreement(journal, `${version}-one-broker`);
  }
}
