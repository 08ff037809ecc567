import { expect } from '@jest/globals';
import type { Outcome } from '../../src/inspection/forecast.js';
import { testScenario } from '../../src/jest/index.js';
import type { Verdict } from '../../src/journal/events.js';
import { expectForeseen, foreseenAtEnd } from '../support/foreseen.js';
import { ofType, scenarioEnvironment, violations } from './support.js';

/** `npm run test:scenarios` runs every version; `npm test` leaves 0.45.2 to the five steps (rollback-remigrate.test.ts). */
const OPERATORS =
  process.env.REMIGRATE_ALL_VERSIONS === undefined ? ['0.45.0', '0.45.1'] : ['0.45.0', '0.45.1', '0.45.2'];

const ISSUE = 'strimzi-kafka-operator#11262';

/** What `inspect` says before each migration of a scenario, and where it has come to. */
interface Foreseen {
  readonly migrations: readonly Outcome[];
  readonly atEnd: Outcome;
}

const ONCE = ['first-copy'] as const;
const TWICE = ['first-copy', 'first-copy'] as const;
const WIPED: Foreseen = { migrations: ['first-copy', 'skip-and-wipe'], atEnd: 'wiped' };

/** What 0.45.0 comes to in each scenario, and what the known issue explains of it. Every other version survives spotless. */
const LIBRARY: readonly {
  readonly scenario: string;
  readonly verdict: Verdict;
  readonly violated: readonly string[];
  readonly foreseen: Foreseen;
  /** With 0.45.0, where that is something else. */
  readonly foreseenOfBroken?: Foreseen;
}[] = [
  {
    scenario: 'rollback-only',
    verdict: 'survived',
    violated: ['migration-znode-absent'],
    foreseen: { migrations: ONCE, atEnd: 'first-copy' },
    foreseenOfBroken: { migrations: ONCE, atEnd: 'skip-and-wipe' },
  },
  {
    scenario: 'rollback-manual-cleanup',
    verdict: 'survived',
    violated: ['migration-znode-absent'],
    foreseen: { migrations: TWICE, atEnd: 'under-way' },
  },
  {
    scenario: 'upgrade-after-rollback',
    verdict: 'lost',
    violated: ['migration-znode-absent', 'zookeeper-metadata-survives'],
    foreseen: { migrations: TWICE, atEnd: 'under-way' },
    foreseenOfBroken: WIPED,
  },
  {
    scenario: 'upgrade-cleanup-finalize',
    verdict: 'survived',
    violated: ['migration-znode-absent'],
    foreseen: { migrations: TWICE, atEnd: 'finalised' },
  },
  {
    scenario: 'migrate-and-finalize',
    verdict: 'survived',
    violated: [],
    foreseen: { migrations: ONCE, atEnd: 'finalised' },
  },
  {
    scenario: 'remigrate-and-finalize',
    verdict: 'lost',
    violated: ['migration-znode-absent', 'zookeeper-metadata-survives'],
    foreseen: { migrations: TWICE, atEnd: 'finalised' },
    foreseenOfBroken: WIPED,
  },
];

for (const { scenario, verdict, violated, foreseen, foreseenOfBroken = foreseen } of LIBRARY) {
  testScenario(scenario, {
    operators: OPERATORS,
    knownIssues: 'excuse',
    ...scenarioEnvironment(),
    verify: ({ operatorVersion, events, verdict: reached }) => {
      const broken = operatorVersion === '0.45.0';
      expect(reached).toBe(broken ? verdict : 'survived');
      const found = violations(events);
      expect([...new Set(found.map(({ invariant }) => invariant))].toSorted()).toEqual(broken ? violated : []);
      for (const { issue } of found) expect(issue).toBe(ISSUE);
      const { migrations, atEnd } = broken ? foreseenOfBroken : foreseen;
      expectForeseen(events, migrations);
      expect(foreseenAtEnd(events).outcome).toBe(atEnd);
      if (scenario.endsWith('finalize') && reached === 'survived') {
        expect(ofType(events, 'state-changed').at(-1)?.to).toBe('KRaft');
        expect(ofType(events, 'node-gone').map(({ pod }) => pod)).toContain('my-cluster-zookeeper-0');
        expect(ofType(events, 'snapshot-taken').at(-1)?.source).toBe('kraft');
      }
    },
  });
}
