import { expect } from '@jest/globals';
import { testScenario } from '../../src/jest/index.js';
import { expectEnd } from '../support/expect-end.js';
import { endOf, LIBRARY } from '../support/library.js';
import { ofType, scenarioEnvironment, violations } from './support.js';

/** `npm run test:scenarios` runs every version; `npm test` leaves 0.45.2 to the five steps (rollback-remigrate.test.ts). */
const OPERATORS =
  process.env.REMIGRATE_ALL_VERSIONS === undefined ? ['0.45.0', '0.45.1'] : ['0.45.0', '0.45.1', '0.45.2'];

/** They have files of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['rollback-remigrate', 'rollback-remigrate-volumes-kept']);

for (const { scenario } of LIBRARY.filter((one) => !ELSEWHERE.has(one.scenario))) {
  testScenario(scenario, {
    operators: OPERATORS,
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
