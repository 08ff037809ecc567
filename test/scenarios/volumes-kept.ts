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

/**
 * Registers the tests of the scenario with some of 0.45.0, 0.45.1 and 0.45.2.
 * @param recorded the versions for which there is a recording of the real operator.
 */
export function describeVolumesKept(versions: readonly string[], recorded: readonly string[]): void {
  describe(SCENARIO, () => {
    let result: CommandResult;
    beforeAll(async () => {
      result = await remigrateRun([SCENARIO, '--operator', versions.join(',')]);
    }, SCENARIO_TIMEOUT_MS);
    const journal = (version: string) => journalOf(result, `${SCENARIO}-${version}`);

    it('exits 0, since every loss is a known issue, and leaves nothing behind', () => {
      expectExitCode(result, 0);
      expect(result.leftBehind).toEqual([]);
    });

    it.each(versions)('loses the topic that was created after the rollback with %s', (version) => {
      const verdict = verdictOf(journal(version));
      expect(verdict).toMatchObject({ verdict: 'lost', expected: 'lost', asExpected: true, step: 'migrate again' });
      expect(verdict.summary).toContain('after-rollback');
      expect(violations(journal(version)).filter(({ issue }) => issue === undefined)).toEqual([]);
    });

    for (const version of versions.filter((one) => one === '0.45.0')) {
      it(`${version}: the old log and the leftover /migration make KRaft delete it in ZooKeeper immediately`, () => {
        expect(violations(journal(version))).toEqual(
          expect.arrayContaining([
            { invariant: 'zookeeper-metadata-survives', issue: 'strimzi-kafka-operator#11262' },
            { invariant: 'migration-znode-absent', issue: 'strimzi-kafka-operator#11262' },
            { invariant: 'controllers-start-empty', issue: 'stale-controller-volumes' },
          ]),
        );
        const pool = ofType(journal(version), 'gesture').findLast(
          ({ gesture }) => gesture === 'create-controller-pool',
        );
        const vanished = ofType(journal(version), 'topics-changed').filter(
          ({ t, deleted }) => deleted !== undefined && t > (pool?.t ?? Number.POSITIVE_INFINITY),
        );
        expect(vanished.flatMap(({ deleted }) => deleted)).toEqual(['after-rollback']);
      });
    }

    for (const version of versions.filter((one) => one !== '0.45.0')) {
      it(`${version}: the driver refuses, the operator goes on, and the brokers do not migrate`, () => {
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
      });
    }

    it.each(versions)('%s: ends as inspect predicts, and inspect describes its end', (version) => {
      expectEnd(journal(version), endOf(SCENARIO, version));
    });

    for (const version of recorded) {
      it(`does what the real ${version} did`, async () => {
        await expectAgreement(journal(version), `${version}-claims-kept`);
      });

      it(
        `no longer agrees with the real ${version} when any one thing is changed`,
        async () => {
          await expectPlantsFound(journal(version), `${version}-claims-kept`);
        },
        SCENARIO_TIMEOUT_MS,
      );
    }
  });
}
