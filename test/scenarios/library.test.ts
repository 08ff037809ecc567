import { expect } from '@jest/globals';
import { testScenario } from '../../src/jest/index.js';
import type { Verdict } from '../../src/journal/events.js';
import { ofType, violations } from './support.js';

/** `npm run test:scenarios` runs every version; `npm test` leaves 0.45.2 to the five steps (rollback-remigrate.test.ts). */
const OPERATORS =
  process.env.REMIGRATE_ALL_VERSIONS === undefined ? ['0.45.0', '0.45.1'] : ['0.45.0', '0.45.1', '0.45.2'];

const ISSUE = 'strimzi-kafka-operator#11262';

/** What 0.45.0 comes to in each scenario, and what the known issue explains of it. Every other version survives spotless. */
const LIBRARY: readonly {
  readonly scenario: string;
  readonly verdict: Verdict;
  readonly violated: readonly string[];
}[] = [
  { scenario: 'rollback-only', verdict: 'survived', violated: ['migration-znode-absent'] },
  { scenario: 'rollback-manual-cleanup', verdict: 'survived', violated: ['migration-znode-absent'] },
  {
    scenario: 'upgrade-after-rollback',
    verdict: 'lost',
    violated: ['migration-znode-absent', 'zookeeper-metadata-survives'],
  },
  { scenario: 'upgrade-cleanup-finalize', verdict: 'survived', violated: ['migration-znode-absent'] },
  { scenario: 'migrate-and-finalize', verdict: 'survived', violated: [] },
  {
    scenario: 'remigrate-and-finalize',
    verdict: 'lost',
    violated: ['migration-znode-absent', 'zookeeper-metadata-survives'],
  },
];

for (const { scenario, verdict, violated } of LIBRARY) {
  testScenario(scenario, {
    operators: OPERATORS,
    knownIssues: 'excuse',
    verify: ({ operatorVersion, events, verdict: reached }) => {
      const broken = operatorVersion === '0.45.0';
      expect(reached).toBe(broken ? verdict : 'survived');
      const found = violations(events);
      expect([...new Set(found.map(({ invariant }) => invariant))].toSorted()).toEqual(broken ? violated : []);
      for (const { issue } of found) expect(issue).toBe(ISSUE);
      if (scenario.endsWith('finalize') && reached === 'survived') {
        expect(ofType(events, 'state-changed').at(-1)?.to).toBe('KRaft');
        expect(ofType(events, 'node-gone').map(({ pod }) => pod)).toContain('my-cluster-zookeeper-0');
        expect(ofType(events, 'snapshot-taken').at(-1)?.source).toBe('kraft');
      }
    },
  });
}
