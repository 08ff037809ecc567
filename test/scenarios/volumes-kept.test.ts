import { beforeAll, describe, expect, it } from '@jest/globals';
import { expectEnd } from '../support/expect-end.js';
import { endOf } from '../support/library.js';
import { expectAgreement, expectPlantsFound } from './conformance.js';
import {
  type CommandResult,
  expectExitCode,
  journalOf,
  ofType,
  remigrateRun,
  SCENARIO_TIMEOUT_MS,
  verdictOf,
  violations,
} from './support.js';

const SCENARIO = 'rollback-remigrate-volumes-kept';

describe(SCENARIO, () => {
  let result: CommandResult;
  beforeAll(async () => {
    result = await remigrateRun([SCENARIO, '--operator', '0.45.0,0.45.1,0.45.2']);
  }, SCENARIO_TIMEOUT_MS);
  const journal = (version: string) => journalOf(result, `${SCENARIO}-${version}`);

  it('exits 0, since every loss is a known issue, and leaves nothing behind', () => {
    expectExitCode(result, 0);
    expect(result.leftBehind).toEqual([]);
  });

  it.each(['0.45.0', '0.45.1', '0.45.2'])('loses the topic that was created after the rollback with %s', (version) => {
    const verdict = verdictOf(journal(version));
    expect(verdict).toMatchObject({ verdict: 'lost', expected: 'lost', asExpected: true, step: 'migrate again' });
    expect(verdict.summary).toContain('after-rollback');
    expect(violations(journal(version)).filter(({ issue }) => issue === undefined)).toEqual([]);
  });

  it('0.45.0: the old log and the leftover /migration make KRaft delete it in ZooKeeper at once', () => {
    expect(violations(journal('0.45.0'))).toEqual(
      expect.arrayContaining([
        { invariant: 'zookeeper-metadata-survives', issue: 'strimzi-kafka-operator#11262' },
        { invariant: 'migration-znode-absent', issue: 'strimzi-kafka-operator#11262' },
        { invariant: 'controllers-start-empty', issue: 'stale-controller-volumes' },
      ]),
    );
    const pool = ofType(journal('0.45.0'), 'gesture').findLast(({ gesture }) => gesture === 'create-controller-pool');
    const vanished = ofType(journal('0.45.0'), 'topics-changed').filter(
      ({ t, deleted }) => deleted !== undefined && t > (pool?.t ?? Number.POSITIVE_INFINITY),
    );
    expect(vanished.flatMap(({ deleted }) => deleted)).toEqual(['after-rollback']);
  });

  it.each(['0.45.1', '0.45.2'])(
    '%s: the driver refuses, the operator goes on, and the brokers never hear of it',
    (version) => {
      const events = journal(version);
      expect(violations(events)).toEqual(
        ['kraft-metadata-survives', 'records-survive', 'migration-completes', 'controllers-start-empty'].map(
          (invariant) => ({ invariant, issue: 'stale-controller-volumes' }),
        ),
      );
      expect(ofType(events, 'controller-log').map(({ text }) => text)).toContainEqual(
        expect.stringContaining('KRaft controller indicates an active migration, but the ZK state does not.'),
      );
      expect(ofType(events, 'state-changed').at(-1)?.to).toBe('KRaftPostMigration');
    },
  );

  it.each(['0.45.0', '0.45.1', '0.45.2'])('%s: is what inspect would have said before, and says of it', (version) => {
    expectEnd(journal(version), endOf(SCENARIO, version));
  });

  it.each(['0.45.0', '0.45.1'])('does what the real %s did', async (version) => {
    await expectAgreement(journal(version), `${version}-claims-kept`);
  });

  it.each(['0.45.0', '0.45.1'])(
    'no longer agrees with the real %s when any one thing is changed',
    async (version) => {
      await expectPlantsFound(journal(version), `${version}-claims-kept`);
    },
    SCENARIO_TIMEOUT_MS,
  );
});
