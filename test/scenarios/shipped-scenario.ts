import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { compareJournals } from '../../src/comparison/compare.js';
import { recordingLike } from '../../src/comparison/recordings.js';
import { type ScenarioTestOptions, testScenario } from '../../src/jest/index.js';
import { summarise } from '../../src/journal/summary.js';
import { judgeAgain } from '../../src/scenario/judge-again.js';
import { expectEnd } from '../support/expect-end.js';
import { endOf } from '../support/library.js';
import { ofType, scenarioEnvironment, violations } from './support.js';

/** Runs of one node of each role that are recorded. */
const RECORDED: ReadonlySet<string> = new Set([
  'rollback-only 0.45.1',
  'rollback-manual-cleanup 0.45.0',
  'upgrade-after-rollback 0.45.0',
  'upgrade-cleanup-finalize 0.45.0',
  'migrate-and-finalize 0.45.2',
  'remigrate-and-finalize 0.45.1',
  'broker-added-then-rolled-back 0.45.2',
  'broker-volume-replaced-then-rolled-back 0.45.2',
]);

/**
 * Registers the tests of a shipped scenario with these operator versions: it ends as `LIBRARY` says, agrees with the
 * recording of the real operator where there is one, and its folder is enough to judge it again, with the same result.
 */
export function testShippedScenario(
  scenario: string,
  operators: readonly string[],
  more: Pick<ScenarioTestOptions, 'stateTimeoutMs'> = {},
): void {
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'test-shipped-'));
  });
  afterAll(() => rm(scratch, { recursive: true }));
  testScenario(scenario, {
    operators,
    knownIssues: 'excuse',
    ...more,
    ...scenarioEnvironment(),
    results: (run) => join(scratch, run),
    verify: async ({ name, operatorVersion, events, verdict }) => {
      expect(await judgeAgain(join(scratch, name))).toEqual({
        repeated: ofType(events, 'invariant-evaluated').length,
        changed: [],
        notJudged: [],
      });
      expectEnd(events, endOf(scenario, operatorVersion));
      const recording = await recordingLike(summarise(events).started, operatorVersion);
      if (RECORDED.has(`${scenario} ${operatorVersion}`)) expect(recording).toBeDefined();
      if (recording !== undefined) expect(compareJournals(events, recording.events).firstDifference).toBeUndefined();
      const { issues = ['strimzi-kafka-operator#11262'] } = endOf(scenario, operatorVersion);
      for (const { issue } of violations(events)) expect(issues).toContain(issue);
      if (scenario.endsWith('finalize') && verdict === 'survived') {
        expect(ofType(events, 'state-changed').at(-1)?.to).toBe('KRaft');
        expect(ofType(events, 'node-gone').map(({ pod }) => pod)).toContain('my-cluster-zookeeper-0');
        expect(ofType(events, 'snapshot-taken').at(-1)?.source).toBe('kraft');
      }
    },
  });
}
