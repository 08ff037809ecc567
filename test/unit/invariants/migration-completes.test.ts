import { describe, expect, it } from '@jest/globals';
import { stuckQuorum } from '../../../src/invariants/index.js';
import { migrationCompletes as invariant } from '../../../src/invariants/migration-completes.js';
import {
  BROKER,
  CONTROLLER,
  controllerValue,
  migrationValue,
  observe,
  outcome,
  rolledBack,
  Story,
  violation,
} from './story.js';

const TIMED_OUT = { moment: 'timed-out' } as const;

/**
 * 0.45.0's second migration: the new quorum has claimed `/controller` and waits until it has passed the stored offset.
 */
function syncing(storedEpoch: number, quorumEpoch: number): Story {
  return rolledBack(['/controller'])
    .migrationBegun()
    .driver('BECOME_CONTROLLER')
    .controllerZnode(controllerValue(1, quorumEpoch), false)
    .migrationZnode(42, CONTROLLER, [storedEpoch, quorumEpoch])
    .driver('SYNC_KRAFT_TO_ZK');
}

/** 0.45.1's second migration with kept volumes, up to KRaftDualWriting. */
function onOldLog(): Story {
  return rolledBack()
    .migrationBegun('used')
    .migrationZnode(-1)
    .zkMigrationState('MIGRATION')
    .log('KRaft controller indicates an active migration, but the ZK state does not.', { level: 'ERROR' })
    .driver('INACTIVE')
    .controllerZnode(controllerValue(0, -1), true)
    .reach('KRaftDualWriting');
}

describe('migration-completes', () => {
  it('holds when KRaftPostMigration is reached by a copy', () => {
    expect(outcome(invariant, observe(new Story().deployed().migrated()))).toBe('holds');
    expect(outcome(invariant, observe(rolledBack().migrated(), TIMED_OUT))).toBe('holds');
  });

  it('holds in the states after it', () => {
    const story = new Story().deployed().migrated().gesture({ gesture: 'annotate', value: 'enabled' });
    expect(outcome(invariant, observe(story.reach('PreKRaft').reach('KRaft'), { zookeeper: undefined }))).toBe('holds');
  });

  it('holds when the copy itself was not journalled but the claim was', () => {
    const story = new Story().deployed().migrated();
    const events = story.events.filter((event) => event.type !== 'znode-changed' || event.path !== '/migration');
    expect(outcome(invariant, observe(story, { events }))).toBe('holds');
  });

  describe('a quorum behind the stored epoch', () => {
    it('is stuck', () => {
      const story = syncing(4, 3);
      const found = violation(invariant, observe(story));
      expect(found.message).toBe(
        `the migration cannot complete: the driver of my-cluster-controller-1 has been in SYNC_KRAFT_TO_ZK since ${story.now.toFixed(1)} s, waiting for epoch 4, which an earlier quorum left in /migration; its own quorum is at epoch 3, and nothing triggers an election`,
      );
      expect(found.evidence).toEqual([
        expect.objectContaining({ subject: '/migration', found: migrationValue(42, 4, 3), at: story.now }),
      ]);
    });

    it.each([
      ['of the same epoch', syncing(1, 1)],
      ['of a higher epoch', syncing(3, 4)],
      ['that has gone on', syncing(4, 3).driver('DUAL_WRITE')],
    ])('is not one %s', (_, story) => {
      expect(outcome(invariant, observe(story))).toBe('not applicable');
    });

    it('is found from the events only, for code that waits', () => {
      const story = syncing(4, 3);
      expect(stuckQuorum(story.events, story.state)).toMatchObject({ storedEpoch: 4, quorumEpoch: 3 });
      expect(stuckQuorum(syncing(1, 1).events, 'KRaftMigration')).toBeUndefined();
      expect(stuckQuorum(story.events, 'KRaftDualWriting')).toBeUndefined();
      expect(stuckQuorum(story.events, 'KRaftMigration', 'no json')).toBeUndefined();
      expect(stuckQuorum(new Story().deployed().migrationBegun().events, 'KRaftMigration')).toBeUndefined();
    });

    it('is not stuck any more after an election', () => {
      const story = syncing(4, 3);
      const znodes = { '/migration': { value: migrationValue(42, 4, 5), ephemeral: false } };
      expect(outcome(invariant, observe(story, { znodes }))).toBe('not applicable');
    });

    it('is judged by the driver that leads, not by those that wait', () => {
      const story = syncing(4, 3)
        .controller('PRE_MIGRATION', {}, 2)
        .log('2 transitioning to INACTIVE state', { driverState: 'INACTIVE' }, 'my-cluster-controller-2');
      expect(violation(invariant, observe(story)).message).toContain(
        'the driver of my-cluster-controller-1 has been in SYNC_KRAFT_TO_ZK',
      );
    });
  });

  describe('KRaftDualWriting without a copy', () => {
    it('is violated immediately, with what the operator read and what ZooKeeper says', () => {
      const story = onOldLog();
      const found = violation(invariant, observe(story));
      expect(found.message).toBe(
        `the operator, which reads MIGRATION from my-cluster-controller-1, went on to KRaftDualWriting at ${story.now.toFixed(1)} s although nothing was copied: /migration has no offset above 0 and /controller belongs to broker 0`,
      );
      expect(found.evidence).toEqual([
        expect.objectContaining({
          subject: '/migration',
          found: migrationValue(-1),
          writer: CONTROLLER,
          note: expect.stringContaining('KRaft controller indicates an active migration'),
        }),
        expect.objectContaining({ subject: '/controller', found: controllerValue(0, -1), writer: BROKER }),
      ]);
    });

    it('is violated in KRaftPostMigration, where no broker holds /controller any more', () => {
      const story = onOldLog()
        .deleteZnode('/controller', BROKER)
        .rollBroker('POST_MIGRATION')
        .reach('KRaftPostMigration');
      const found = violation(invariant, observe(story));
      expect(found.message).toContain('/controller does not belong to a KRaft controller');
      expect(found.evidence[1]).toMatchObject({ subject: '/controller', found: 'absent' });
    });

    it('does not take what an earlier migration left for a copy', () => {
      const story = rolledBack(['/controller']).migrationBegun('used').reach('KRaftDualWriting');
      expect(violation(invariant, observe(story)).message).toContain('although nothing was copied');
    });

    it('is not reported if only the latest change has not been journalled yet', () => {
      const znodes = { '/controller': { value: controllerValue(1, 1), ephemeral: false } };
      expect(outcome(invariant, observe(onOldLog(), { znodes }))).toBe('not applicable');
    });
  });

  describe('a wait that timed out', () => {
    it('is a loss when Kafka had begun and not finished', () => {
      const story = syncing(1, 1).stop('my-cluster-broker-0', 'forced').broker('MIGRATION');
      const found = violation(invariant, observe(story, TIMED_OUT));
      expect(found.message).toMatch(
        /^the migration that was requested at \d+\.\d s did not complete in time: the state has been KRaftMigration since \d+\.\d s, the driver of my-cluster-controller-1 has been in SYNC_KRAFT_TO_ZK since \d+\.\d s, the operator reads PRE_MIGRATION, not ready: my-cluster-broker-0$/,
      );
      expect(found.evidence).toEqual([
        expect.objectContaining({
          subject: 'status.kafkaMetadataState',
          expected: 'KRaftPostMigration',
          found: 'KRaftMigration',
        }),
      ]);
    });

    it('is a loss after a sync that did not complete the migration', () => {
      const story = syncing(1, 1).driver('DUAL_WRITE').stop('my-cluster-broker-0', 'forced').broker('MIGRATION');
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toContain('DUAL_WRITE');
    });

    it('is a loss when every node is ready and nothing happens', () => {
      const found = violation(invariant, observe(new Story().deployed().migrationBegun(), TIMED_OUT));
      expect(found.message).toMatch(/WAIT_FOR_BROKERS since .*, every node is ready$/);
      const halfWay = new Story().deployed().migrated();
      const until = halfWay.events.findLastIndex((event) => event.type === 'state-changed');
      const events = halfWay.events.slice(0, until);
      expect(outcome(invariant, observe(halfWay, { ...TIMED_OUT, state: 'KRaftDualWriting', events }))).toMatchObject({
        message: expect.stringContaining('the state has been KRaftDualWriting since'),
      });
    });

    it('says which error the driver logged', () => {
      const story = new Story()
        .deployed()
        .migrationBegun()
        .log('Encountered nonFatal MigrationFault', { level: 'ERROR' });
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toContain(
        ': Encountered nonFatal MigrationFault',
      );
    });

    it.each([
      ['a broker is starting', new Story().deployed().migrationBegun().stop('my-cluster-broker-0').broker('MIGRATION')],
      ['a broker is being rolled', new Story().deployed().migrationBegun().stop('my-cluster-broker-0')],
      ['a node has died', syncing(1, 1).stop('my-cluster-broker-0', 'died')],
      [
        'no controller was ever ready',
        new Story().deployed().gesture({ gesture: 'annotate', value: 'migration' }).controller(),
      ],
      ['there is no controller', new Story().deployed().gesture({ gesture: 'annotate', value: 'migration' })],
      ['no migration was requested', new Story().deployed()],
      ['it was a rollback', new Story().deployed().migrated().gesture({ gesture: 'annotate', value: 'rollback' })],
    ])('does not apply when %s: the environment may be the cause', (_, story) => {
      expect(outcome(invariant, observe(story, TIMED_OUT))).toBe('not applicable');
    });
  });

  it.each([
    ['the migration goes on', new Story().deployed().migrationBegun()],
    ['the copy is complete, but the state is not reached', new Story().deployed().migrated().rollbackBegun()],
    ['nothing was requested', new Story().deployed()],
    [
      'the cluster was KRaft from the start',
      new Story().gesture({ gesture: 'annotate', value: 'enabled' }).reach('KRaft'),
    ],
  ])('does not apply when %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('not applicable');
  });

  it('does not apply when the changes of znodes were not journalled', () => {
    const story = new Story().deployed().migrated();
    const events = story.events.filter((event) => event.type !== 'znode-changed');
    expect(outcome(invariant, observe(story, { events }))).toBe('not applicable');
  });

  it('does not apply before there is a state', () => {
    expect(outcome(invariant, observe(new Story().deployed().migrated(), { state: undefined }))).toBe('not applicable');
  });
});
