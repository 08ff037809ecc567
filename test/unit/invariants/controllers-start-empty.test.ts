import { describe, expect, it } from '@jest/globals';
import { controllersStartEmpty as invariant } from '../../../src/invariants/controllers-start-empty.js';
import { observe, outcome, rolledBack, Story, violation } from './story.js';

describe('controllers-start-empty', () => {
  it('holds when a new pool starts with empty volumes', () => {
    expect(outcome(invariant, observe(new Story().deployed().migrationBegun()))).toBe('holds');
    expect(outcome(invariant, observe(rolledBack().migrationBegun()))).toBe('holds');
  });

  it('holds when a controller of an existing pool is restarted', () => {
    const story = new Story().deployed().migrationBegun().stop('my-cluster-controller-1', 'died');
    expect(outcome(invariant, observe(story.controller('MIGRATION', { volume: 'used' })))).toBe('holds');
  });

  it('is violated when a new pool starts with used volumes, and says which', () => {
    const story = rolledBack().evaluated('roll back').migrationBegun('used');
    const pool = story.events.findLast(
      (event) => event.type === 'gesture' && event.gesture === 'create-controller-pool',
    );
    const start = story.events.findLast((event) => event.type === 'node-started' && event.role === 'controller');
    const found = violation(invariant, observe(story));
    expect(found.message).toBe(
      `1 of 1 controller of a new pool started with a used volume: my-cluster-controller-1 at ${start?.t.toFixed(1)} s`,
    );
    expect(found.evidence).toEqual([
      {
        subject: 'my-cluster-controller-1',
        expected: `an empty volume at the first start after the pool was created at ${pool?.t.toFixed(1)} s`,
        found: 'a volume with an earlier metadata log',
        where: 'node',
        at: start?.t,
        note: 'its volume had not been deleted before',
      },
    ]);
  });

  it('is violated when a volume is used although it was deleted, and says so', () => {
    const story = rolledBack().add({ type: 'volume-wiped', pod: 'my-cluster-controller-1' }).migrationBegun('used');
    expect(violation(invariant, observe(story)).evidence[0]?.note).toBe('although its volume had been deleted before');
  });

  it.each([
    ['no controller has started', new Story().deployed()],
    ['its volume could not be seen', new Story().deployed().controller('PRE_MIGRATION', {})],
    ['it has already judged the step', new Story().deployed().migrationBegun('used').evaluated('migrate')],
    [
      'a controller was only restarted',
      new Story().deployed().migrationBegun().evaluated('migrate').controller('MIGRATION', { volume: 'used' }),
    ],
  ])('does not apply when %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('not applicable');
  });
});
