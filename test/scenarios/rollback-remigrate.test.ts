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

const ISSUE = 'strimzi-kafka-operator#11262';

describe('rollback-remigrate with the steps of Strimzi 0.45.0', () => {
  let result: CommandResult;
  beforeAll(async () => {
    result = await remigrateRun(['rollback-remigrate', '--operator', '0.45.0', '--strict']);
  }, SCENARIO_TIMEOUT_MS);
  const journal = () => journalOf(result, 'rollback-remigrate-0.45.0');

  it('exits 1 with --strict and leaves nothing behind', () => {
    expectExitCode(result, 1);
    expect(result.leftBehind).toEqual([]);
  });

  it('is judged again from its folder, with the same result', () => {
    expect(result.judgedAgain.get('rollback-remigrate-0.45.0')).toEqual({
      repeated: ofType(journal(), 'invariant-evaluated').length,
      changed: [],
      notJudged: [],
    });
  });

  it('loses every topic in ZooKeeper, in the second migration', () => {
    const verdict = verdictOf(journal());
    expect(verdict).toMatchObject({ verdict: 'lost', asExpected: true, step: 'migrate again' });
    expect(verdict.knownIssue?.id).toBe(ISSUE);
    const created = ofType(journal(), 'client-action').filter(({ action }) => action === 'create-topic');
    const deleted = ofType(journal(), 'client-action').filter(({ action }) => action === 'delete-topic');
    const vanished = ofType(journal(), 'topics-changed').flatMap((event) => event.deleted ?? []);
    expect(vanished.toSorted()).toEqual(created.map(({ topic }) => topic).toSorted());
    expect(deleted.map(({ topic }) => topic)).toEqual(['short-lived']);
    const [last] = ofType(journal(), 'snapshot-taken').slice(-1);
    expect(last).toMatchObject({ source: 'zookeeper', topics: 0 });
  });

  it('names who deleted them: the controller, by its session, after its full metadata sync', () => {
    const sync = ofType(journal(), 'controller-log').findLast(({ text }) => text.includes('full metadata sync'));
    const deletions = ofType(journal(), 'topics-changed').filter(
      ({ t, deleted }) => deleted !== undefined && sync !== undefined && t >= sync.t,
    );
    expect(deletions.length).toBeGreaterThan(0);
    for (const { writer } of deletions) {
      expect(writer).toMatchObject({ who: 'controller 1', session: expect.stringMatching(/^0x[0-9a-f]+$/) });
    }
  });

  it('sees /migration present after the rollback, and both violations explained by the known issue', () => {
    expect(violations(journal())).toEqual(
      expect.arrayContaining([
        { invariant: 'migration-znode-absent', issue: ISSUE },
        { invariant: 'zookeeper-metadata-survives', issue: ISSUE },
      ]),
    );
    expect(violations(journal()).filter(({ issue }) => issue === undefined)).toEqual([]);
  });

  it('ends as inspect predicts before the second migration, and inspect describes its end', () => {
    expectEnd(journal(), endOf('rollback-remigrate', '0.45.0'));
  });

  it('does what the real 0.45.0 did', async () => {
    await expectAgreement(journal(), '0.45.0-one-broker');
  });

  it(
    'no longer agrees with the real 0.45.0 when any one thing is changed',
    async () => {
      await expectPlantsFound(journal(), '0.45.0-one-broker');
    },
    SCENARIO_TIMEOUT_MS,
  );
});

describe('rollback-remigrate with the steps of Strimzi 0.45.1 and 0.45.2', () => {
  let result: CommandResult;
  beforeAll(async () => {
    result = await remigrateRun(['rollback-remigrate', '--operator', '0.45.1,0.45.2', '--strict']);
  }, SCENARIO_TIMEOUT_MS);

  it('exits 0 even with --strict and leaves nothing behind', () => {
    expectExitCode(result, 0);
    expect(result.leftBehind).toEqual([]);
  });

  describe.each(['0.45.1', '0.45.2'])('%s', (version) => {
    const journal = () => journalOf(result, `rollback-remigrate-${version}`);

    it('survives with nothing violated, and every loss invariant was judged', () => {
      expect(verdictOf(journal())).toMatchObject({ verdict: 'survived', asExpected: true });
      expect(violations(journal())).toEqual([]);
      const judged = new Set(ofType(journal(), 'invariant-evaluated').map(({ invariant }) => invariant));
      expect([...judged].toSorted()).toEqual([
        'controller-elects',
        'controller-znode-released',
        'controllers-start-empty',
        'deleted-topics-stay-deleted',
        'kraft-metadata-survives',
        'migration-completes',
        'migration-finishes',
        'migration-znode-absent',
        'nodes-run-their-state',
        'nodes-stay-up',
        'partitions-have-leaders',
        'records-survive',
        'topic-ids-stable',
        'znodes-deleted-after-controllers-gone',
        'zookeeper-metadata-survives',
      ]);
    });

    it('ends as inspect predicts before the second migration, and inspect describes its end', () => {
      expectEnd(journal(), endOf('rollback-remigrate', version));
    });

    it(`does what the real ${version} did`, async () => {
      await expectAgreement(journal(), `${version}-one-broker`);
    });

    it(
      `no longer agrees with the real ${version} when any one thing is changed`,
      async () => {
        await expectPlantsFound(journal(), `${version}-one-broker`);
      },
      SCENARIO_TIMEOUT_MS,
    );
  });
});
