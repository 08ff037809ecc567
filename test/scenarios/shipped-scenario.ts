import { expect } from '@jest/globals';
import { testScenario } from '../../src/jest/index.js';
import { expectEnd } from '../support/expect-end.js';
import { endOf } from '../support/library.js';
import { ofType, scenarioEnvironment, violations } from './support.js';

/** Registers the tests of a shipped scenario with these operator versions: it ends as `LIBRARY` says. */
export function testShippedScenario(scenario: string, operators: readonly string[]): void {
  testScenario(scenario, {
    operators,
    knownIssues: 'excuse',
    ...scenarioEnvironment(),
    verify: ({ operatorVersion, events, verdict }) => {
      expectEnd(events, endOf(scenario, operatorVersion));
      for (const { issue } of violations(events)) expect(issue).toBe('strimzi-kafka-operator#11262');
      if (scenario.endsWith('finalize') && verdict === 'survived') {
        expect(ofType(events, 'state-changed').at(-1)?.to).toBe('KRaft');
        expect(ofType(events, 'node-gone').map(({ pod }) => pod)).toContain('my-cluster-zookeeper-0');
        expect(ofType(events, 'snapshot-taken').at(-1)?.source).toBe('kraft');
      }
    },
  });
}
