import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { znodesDeletedAfterControllersGone as invariant } from '../../../src/invariants/znodes-deleted-after-controllers-gone.js';
import { observe, outcome, rolledBack, Story, violation } from './story.js';

const deletion = (path: string, outcome: 'deleted' | 'absent' = 'deleted') =>
  ({ type: 'operator-deleted-znode', path, outcome }) as const;

describe('znodes-deleted-after-controllers-gone', () => {
  it('holds when every controller was removed before', () => {
    expect(outcome(invariant, observe(rolledBack()))).toBe('holds');
  });

  it('is violated when one of several controllers still exists', () => {
    const story = new Story().deployed().migrated().controller('PRE_MIGRATION', {}, 2).gone('my-cluster-controller-1');
    story.add(deletion('/controller')).add(deletion('/migration'));
    const found = violation(invariant, observe(story));
    expect(found.message).toBe(
      `the operator deleted /controller at ${(story.now - 0.5).toFixed(1)} s while 1 of 2 controllers still existed: my-cluster-controller-2, and 1 more deletion like it`,
    );
    expect(found.evidence).toEqual([
      {
        subject: '/controller',
        expected: 'deleted after my-cluster-controller-1, my-cluster-controller-2 are removed',
        found: 'deleted while my-cluster-controller-2 still existed',
        where: 'znode',
        at: story.now - 0.5,
      },
      expect.objectContaining({ subject: '/migration' }),
    ]);
  });

  it('names the only controller, and no other deletion if there is none', () => {
    const story = new Story().deployed().migrated().controller().add(deletion('/controller'));
    const found = violation(invariant, observe(story));
    expect(found.message).toMatch(/while 1 of 1 controllers still existed: my-cluster-controller-1$/);
    expect(found.evidence[0]?.expected).toBe('deleted after my-cluster-controller-1 is removed');
  });

  it('counts the deletions that came too early only, and of them those after the first', () => {
    const story = new Story().controller().gone('my-cluster-controller-1').add(deletion('/first'));
    for (const path of ['/a', '/b', '/c']) story.controller().add(deletion(path)).gone('my-cluster-controller-1');
    const found = violation(invariant, observe(story));
    expect(found.message).toMatch(/^the operator deleted \/a at .*, and 2 more deletions like it$/);
    expect(found.evidence.map(({ subject }) => subject)).toEqual(['/a', '/b', '/c']);
  });

  it('holds after a controller was removed twice', () => {
    const pod = 'my-cluster-controller-1';
    const story = new Story().controller().gone(pod).controller().gone(pod).add(deletion('/controller'));
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('is violated by a controller that has stopped but is not gone: it may come back', () => {
    const story = new Story()
      .deployed()
      .migrated()
      .stop('my-cluster-controller-1', 'deleted')
      .add(deletion('/migration'));
    expect(violation(invariant, observe(story)).message).toContain('/migration');
  });

  it('is violated by a controller of a new pool, although those of the old one were removed', () => {
    const story = rolledBack().evaluated('roll back').migrationBegun().add(deletion('/controller', 'absent'));
    expect(violation(invariant, observe(story)).evidence[0]?.found).toBe(
      'looked for while my-cluster-controller-1 still existed',
    );
  });

  it.each([
    ['no znode was deleted', new Story().deployed().migrated()],
    ['no controller was ever started', new Story().deployed().add(deletion('/controller'))],
    ['it has already judged the step', rolledBack().evaluated('roll back')],
  ])('does not apply when %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('not applicable');
  });

  it('property: wherever a step ends, every early deletion is judged exactly once', () => {
    const early = () => new Story().deployed().migrated().add(deletion('/controller')).rolledBack();
    const { events } = early();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: events.length }), (cut) => {
        const first = events.slice(0, cut);
        const mark = new Story().evaluated('first').events;
        const steps = [
          observe(early(), { step: 'first', events: first }),
          observe(early(), { step: 'second', events: [...first, ...mark, ...events.slice(cut)] }),
        ];
        const found = steps.map((step) => outcome(invariant, step)).filter((result) => typeof result !== 'string');
        expect(found).toHaveLength(1);
      }),
    );
  });
});
