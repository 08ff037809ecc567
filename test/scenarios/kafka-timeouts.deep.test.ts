import { describe, expect, it } from '@jest/globals';
import { expectExitCode, journalOf, remigrateRun, SCENARIO_TIMEOUT_MS, verdictOf } from './support.js';

describe("rollback-remigrate with Kafka's own timeouts", () => {
  it(
    'has the same verdicts',
    async () => {
      const result = await remigrateRun([
        'rollback-remigrate',
        '--operator',
        '0.45.0,0.45.1',
        '--timings',
        'kafka-defaults',
        '--timeout',
        '400',
      ]);
      expectExitCode(result, 0);
      expect(verdictOf(journalOf(result, 'rollback-remigrate-0.45.0'))).toMatchObject({
        verdict: 'lost',
        asExpected: true,
      });
      expect(verdictOf(journalOf(result, 'rollback-remigrate-0.45.1'))).toMatchObject({
        verdict: 'survived',
        asExpected: true,
      });
    },
    SCENARIO_TIMEOUT_MS,
  );
});
