import { describe, expect, it } from '@jest/globals';
import { expectExitCode, journalOf, remigrateRun, SCENARIO_TIMEOUT_MS, verdictOf } from './support.js';

/** All other tests run Kafka 3.9.0. */
const VERSIONS = [
  ['3.8.1', '0.45.0,0.45.1'],
  ['3.9.1', '0.45.1'],
  ['3.9.2', '0.45.2'],
] as const;

describe('rollback-remigrate', () => {
  it.each(VERSIONS)(
    'has the expected verdicts with Kafka %s and operators %s',
    async (kafka, operators) => {
      const result = await remigrateRun(['rollback-remigrate', '--kafka', kafka, '--operator', operators]);
      expectExitCode(result, 0);
      expect(result.leftBehind).toEqual([]);
      for (const operator of operators.split(',')) {
        const events = journalOf(result, `rollback-remigrate-${operator}`);
        expect(events[0]).toMatchObject({ type: 'run-started', kafkaVersion: kafka });
        const verdict = operator === '0.45.0' ? 'lost' : 'survived';
        expect(verdictOf(events)).toMatchObject({ verdict, asExpected: true });
      }
    },
    SCENARIO_TIMEOUT_MS,
  );
});
