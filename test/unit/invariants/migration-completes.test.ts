import { describe, expect, it } from '@jest/globals';
import { migrationCompletes as invariant } from '../../../src/invariants/migration-completes.js';
import type { JournalEvent } from '../../../src/journal/events.js';
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

/** The copy is done, the broker is about to be rolled. */
function dualWriting(): Story {
  return new Story()
    .deployed()
    .migrationBegun()
    .controllerZnode(controllerValue(1, 1), false)
    .migrationZnode(42)
    .reach('KRaftDualWriting');
}

describe('migration-completes', () => {
  it('holds when KRaftDualWriting or KRaftPostMigration is reached by a copy', () => {
    expect(outcome(invariant, observe(dualWriting()))).toBe('holds');
    expect(outcome(invariant, observe(new Story().deployed().migrated()))).toBe('holds');
    expect(outcome(invariant, observe(rolledBack().migrated()))).toBe('holds');
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
      expect(outcome(invariant, observe(onOldLog(), { znodes }))).toBe('holds');
    });

    it('names the moment of KRaftDualWriting, in every later state', () => {
      const story = onOldLog();
      const arrival = story.now;
      story.rollBroker('POST_MIGRATION').reach('KRaftPostMigration');
      const found = violation(invariant, observe(story));
      expect(found.message).toContain(`went on to KRaftDualWriting at ${arrival.toFixed(1)} s although`);
    });

    it('names the state if its arrival was not journalled', () => {
      const story = onOldLog();
      const events = story.events.filter((event) => event.type !== 'state-changed');
      const found = violation(invariant, observe(story, { events }));
      expect(found.message).toContain('went on to KRaftDualWriting although nothing was copied');
    });

    it('shows the znodes as they are now, if they were read', () => {
      const znodes = {
        '/migration': { value: migrationValue(-1, 7), ephemeral: false },
        '/controller': { value: controllerValue(3, -1), ephemeral: true },
      };
      const found = violation(invariant, observe(onOldLog(), { znodes }));
      expect(found.evidence.map((one) => one.found)).toEqual([migrationValue(-1, 7), controllerValue(3, -1)]);
      expect(found.message).toContain('/controller belongs to broker 3');
    });

    it('says when the znodes were changed last and who did it', () => {
      const story = onOldLog();
      const lastOf = (path: string) =>
        story.events.findLast((event) => event.type === 'znode-changed' && event.path === path)?.t;
      expect(violation(invariant, observe(story)).evidence).toMatchObject([
        { subject: '/migration', at: lastOf('/migration'), writer: CONTROLLER },
        { subject: '/controller', at: lastOf('/controller'), writer: BROKER },
      ]);
    });

    it('says nothing of changes, writers and errors that were not journalled', () => {
      const story = new Story().deployed().migrationBegun().reach('KRaftDualWriting');
      const events = story.events.map((event): JournalEvent => {
        if (event.type !== 'znode-changed') return event;
        const { writer: _, ...unknownWriter } = event;
        return unknownWriter;
      });
      const [controllerAt] = events.flatMap((event) => (event.type === 'znode-changed' ? [event.t] : []));
      const found = violation(invariant, observe(story, { events }));
      expect(found.evidence).toStrictEqual([
        {
          subject: '/migration',
          expected: 'an offset above 0 before state KRaftDualWriting',
          found: 'absent',
          where: 'znode',
        },
        {
          subject: '/controller',
          expected: 'owned by a KRaft controller before state KRaftDualWriting',
          found: controllerValue(0, -1),
          where: 'znode',
          at: controllerAt,
        },
      ]);
      const withoutController = new Story()
        .migrationZnode(-1)
        .gesture({ gesture: 'annotate', value: 'migration' })
        .reach('KRaftDualWriting');
      const absent = violation(invariant, observe(withoutController));
      expect(absent.message).toMatch(/^the operator went on to KRaftDualWriting at/);
      expect(absent.evidence[1]).toStrictEqual({
        subject: '/controller',
        expected: 'owned by a KRaft controller before state KRaftDualWriting',
        found: 'absent',
        where: 'znode',
      });
    });

    it('is a loss, also if the wait for KRaftPostMigration timed out', () => {
      expect(invariant.about).toBe('loss');
      const found = violation(invariant, observe(onOldLog(), { moment: 'timed-out' }));
      expect(found.message).toContain('although nothing was copied');
    });
  });

  it.each([
    ['the migration goes on', new Story().deployed().migrationBegun()],
    ['the user rolls it back', dualWriting().gesture({ gesture: 'annotate', value: 'rollback' })],
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
