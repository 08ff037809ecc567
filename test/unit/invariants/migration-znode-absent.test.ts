import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { migrationZnodeAbsent as invariant } from '../../../src/invariants/migration-znode-absent.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { CONTROLLER, migrationValue, observe, outcome, rolledBack, Story, violation } from './story.js';

const LEFT = { znodes: { '/migration': { value: migrationValue(42), ephemeral: false } } };

/** A story without some of its events. */
function without(story: Story, omitted: (event: JournalEvent) => boolean) {
  return observe(story, { events: story.events.filter((event) => !omitted(event)) });
}

function isCopied(event: JournalEvent): boolean {
  return event.type === 'znode-changed' && event.phase === 'copied';
}

describe('migration-znode-absent', () => {
  it('holds when /migration was copied, deleted, and not created again', () => {
    expect(outcome(invariant, observe(rolledBack()))).toBe('holds');
  });

  it('is violated when it is still there, and says what the operator did delete', () => {
    const story = rolledBack(['/controller']);
    const found = violation(invariant, observe(story, LEFT));
    expect(found.message).toMatch(
      /^\/migration is still there after the rollback that ended at \d+\.\d s: the operator deleted \/controller at \d+\.\d s$/,
    );
    expect(found.evidence).toEqual([
      expect.objectContaining({ subject: '/migration', found: migrationValue(42), writer: CONTROLLER }),
    ]);
  });

  it('is violated when only the znode itself shows that it is there', () => {
    expect(violation(invariant, observe(rolledBack(), LEFT)).message).toContain('still there');
  });

  it('is violated when it came back, even if it was deleted again', () => {
    const story = rolledBack().migrationZnode(-1).deleteZnode('/migration');
    const found = violation(invariant, observe(story));
    expect(found.message).toMatch(
      /^\/migration came back at \d+\.\d s, \d+\.\d s after its deletion, by session 0x\w+, controller 1$/,
    );
    expect(found.evidence[0]).toMatchObject({ writer: CONTROLLER, found: migrationValue(-1) });
  });

  it('is violated for lack of proof when it was never seen copied', () => {
    const found = violation(invariant, without(rolledBack(), isCopied));
    expect(found.message).toMatch(
      /^the absence of \/migration proves nothing: it was not seen with an offset above 0 since the controller pool was created at /,
    );
    expect(found.evidence[0]).toMatchObject({ found: 'present without an offset above 0' });

    const never = violation(
      invariant,
      without(rolledBack(), (event) => event.type === 'znode-changed'),
    );
    expect(never.evidence[0]).toMatchObject({ found: 'never present' });
  });

  it('is violated for lack of proof when only an earlier migration was copied', () => {
    const story = rolledBack();
    const second = story.events.length;
    story.migrated().rolledBack();
    const events = story.events.filter((event, index) => index < second || !isCopied(event));
    expect(violation(invariant, observe(story, { events })).message).toContain('proves nothing');
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('takes what an earlier migration left for the proof that it existed', () => {
    const skipping = () => rolledBack(['/controller']).migrationBegun().reach('KRaftDualWriting');
    expect(outcome(invariant, observe(skipping().rolledBack()))).toBe('holds');
    expect(violation(invariant, observe(skipping().rolledBack(['/controller']))).message).toContain('still there');
  });

  it('does not take what was deleted before the copy for the deletion at the end', () => {
    const story = new Story().deployed().migrationBegun().migrationZnode(-1).deleteZnode('/migration');
    story.migrationZnode(42).reach('KRaftDualWriting').rolledBack();
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('holds if it was written after the rollback, as long as it was not deleted, and then deleted once', () => {
    const story = rolledBack(['/controller']).migrationZnode(43).migrationZnode(44).deleteZnode('/migration');
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  describe('its evidence', () => {
    const now = (offset: number) => ({ znodes: { '/migration': { value: migrationValue(offset), ephemeral: false } } });

    it('shows the znode as it is now, with the last change if one was seen', () => {
      const story = rolledBack(['/controller']);
      const written = story.events.findLast((event) => event.type === 'znode-changed' && event.path === '/migration');
      const deleted = violation(invariant, observe(story, now(77))).message.split(': ')[1];
      const end = story.now.toFixed(1);
      const common = {
        subject: '/migration',
        expected: `absent since the rollback that ended at ${end} s`,
        found: migrationValue(77),
        where: 'znode',
        noteInMessage: true,
      };
      expect(violation(invariant, observe(story, now(77))).evidence).toStrictEqual([
        { ...common, note: deleted, at: written?.t, writer: CONTROLLER },
      ]);
      const [unseen] = violation(invariant, observe(rolledBack(), now(77))).evidence;
      expect(unseen).toMatchObject({ found: migrationValue(77) });
      expect(unseen).not.toHaveProperty('at');
      expect(unseen).not.toHaveProperty('writer');
    });

    it("shows the last change that was seen if the znode is the next migration's", () => {
      const story = rolledBack(['/controller']).evaluated('roll back').migrationBegun();
      expect(violation(invariant, observe(story, now(77))).evidence).toMatchObject([{ found: migrationValue(42) }]);
    });

    it('names only the znodes that the operator deleted in this rollback', () => {
      const story = rolledBack().migrated().rollbackBegun();
      story.add({ type: 'operator-deleted-znode', path: '/migration', outcome: 'absent' });
      const deletedAt = story.operatorDeletes('/controller').now.toFixed(1);
      story.rollBroker('ZK').reach('ZooKeeper').operatorDeletes('/other');
      expect(violation(invariant, observe(story, LEFT)).message).toMatch(
        new RegExp(`: the operator deleted /controller at ${deletedAt} s$`),
      );
    });

    it('of one that came back names the first time, how long after, and who deleted it if that was another', () => {
      const story = rolledBack();
      const deletion = story.events.findLast((event) => event.type === 'znode-changed' && event.change === 'deleted');
      const back = story.migrationZnode(-1).now;
      story.deleteZnode('/migration', CONTROLLER).migrationZnode(-1).deleteZnode('/migration', CONTROLLER);
      const after = `${(back - (deletion?.t ?? 0)).toFixed(1)} s after its deletion`;
      const { message, evidence } = violation(invariant, observe(story));
      expect(message).toContain(`came back at ${back.toFixed(1)} s, ${after}, by`);
      expect(evidence).toMatchObject([{ at: back, note: `${after}, by session 0x1000000000a0009, operator` }]);
      expect(evidence[0]).not.toHaveProperty('noteInMessage');
    });

    it.each([
      ['by the same session', CONTROLLER],
      ['by nobody knows whom', undefined],
    ])('of one that was deleted %s has its note in the message', (_, writer) => {
      const story = rolledBack(['/controller']);
      const deletion = { type: 'znode-changed', path: '/migration', change: 'deleted' } as const;
      story.add(writer === undefined ? deletion : { ...deletion, writer }).migrationZnode(-1);
      story.deleteZnode('/migration', CONTROLLER);
      expect(violation(invariant, observe(story)).evidence).toMatchObject([{ noteInMessage: true }]);
    });

    it('says that it was never present if only an earlier migration had it', () => {
      const story = new Story().deployed().migrationBegun().migrationZnode(-1).deleteZnode('/migration');
      story.migrationBegun().reach('KRaftDualWriting').rolledBack();
      expect(violation(invariant, observe(story)).evidence).toMatchObject([{ found: 'never present' }]);
    });
  });

  it('holds once the user has deleted it by hand', () => {
    const story = rolledBack(['/controller']).deleteZnode('/migration', { session: '0x7', who: 'user' });
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('judges once more when the next migration has begun, but only what came before it', () => {
    const began = (story: Story) => story.evaluated('roll back').migrated();
    expect(outcome(invariant, observe(began(rolledBack())))).toBe('holds');
    expect(violation(invariant, observe(began(rolledBack(['/controller'])), LEFT)).message).toContain(
      'was still there when the next migration began at',
    );
    // The znode that is there now is the second migration's own.
    expect(outcome(invariant, observe(began(rolledBack()), LEFT))).toBe('holds');
    const later = began(rolledBack(['/controller'])).evaluated('migrate again');
    expect(outcome(invariant, observe(later, LEFT))).toBe('not applicable');
  });

  it.each([
    ['nothing was rolled back', new Story().deployed()],
    ['a migration goes on', new Story().deployed().migrated()],
    ['the rollback has not ended', new Story().deployed().migrated().rollbackBegun()],
  ])('does not apply when %s', (_, story) => {
    expect(outcome(invariant, observe(story, LEFT))).toBe('not applicable');
  });

  it('sees the rollback also where pausing the reconciliation has removed the state', () => {
    const story = new Story().deployed().migrated().rollbackBegun().rollBroker('ZK').reach('ZooKeeper', null);
    expect(violation(invariant, observe(story, LEFT)).message).toContain(': the operator deleted no znode');
  });

  describe('after a migration that was cancelled in KRaftMigration', () => {
    const cancelled = () => new Story().deployed().migrationBegun();
    const end = (story: Story) =>
      story.gesture({ gesture: 'annotate', value: 'disabled' }).rollBroker('ZK').reach('ZooKeeper');

    it('is violated when the znode is there', () => {
      expect(violation(invariant, observe(end(cancelled().migrationZnode(-1)))).message).toContain('still there');
    });
    it('holds when it was there and is gone', () => {
      expect(outcome(invariant, observe(end(cancelled().migrationZnode(-1)).deleteZnode('/migration')))).toBe('holds');
    });
    it('is violated when an earlier migration left it', () => {
      expect(violation(invariant, observe(end(rolledBack(['/controller']).migrationBegun()))).message).toContain(
        'still there',
      );
    });
    it('is violated when only the znode itself shows that it is there', () => {
      expect(violation(invariant, observe(end(cancelled()), LEFT)).message).toContain('still there');
    });
    it('does not apply when only an earlier migration had it', () => {
      expect(outcome(invariant, observe(end(rolledBack().migrationBegun())))).toBe('not applicable');
    });
    it('does not apply when it never existed', () => {
      expect(outcome(invariant, observe(end(cancelled())))).toBe('not applicable');
    });
  });

  it('property: whatever is written to /migration after the rollback, it holds only if nothing was', () => {
    const write = fc.constantFrom('initial', 'copied', 'deleted');
    fc.assert(
      fc.property(fc.array(write, { maxLength: 6 }), (writes) => {
        const story = rolledBack();
        for (const what of writes) {
          if (what === 'deleted') story.deleteZnode('/migration');
          else story.migrationZnode(what === 'copied' ? 7 : -1);
        }
        const untouched = writes.every((what) => what === 'deleted');
        expect(outcome(invariant, observe(story)) === 'holds').toBe(untouched);
      }),
    );
  });
});
