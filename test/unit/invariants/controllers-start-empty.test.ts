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

  const pool = { gesture: 'create-controller-pool', deleteClaim: true } as const;
  const wiped = (nodeId: number) => ({ type: 'volume-wiped', pod: `my-cluster-controller-${nodeId}` }) as const;
  const used = { volume: 'used' } as const;
  const notesOf = (story: Story) => violation(invariant, observe(story)).evidence.map(({ note }) => note);
  const KEPT = 'its volume had not been deleted before';
  const DELETED = 'although its volume had been deleted before';

  it('is violated by the first start in each pool, and by no other', () => {
    const restarted = new Story().gesture(pool).controller().controller('MIGRATION', used);
    expect(outcome(invariant, observe(restarted))).toBe('holds');
    expect(notesOf(new Story().controller().gesture(pool).controller('MIGRATION', used))).toEqual([KEPT]);
    expect(notesOf(new Story().gesture(pool).controller('MIGRATION', used).controller('MIGRATION', used))).toEqual([
      KEPT,
    ]);
  });

  it('is violated by the first start in a pool, whatever happened to the controller in it before', () => {
    expect(notesOf(new Story().gesture(pool).add(wiped(1)).controller('MIGRATION', used))).toEqual([DELETED]);
  });

  it('is violated if the journal begins after the creation of the pool', () => {
    const { evidence } = violation(invariant, observe(new Story().controller('MIGRATION', used)));
    expect(evidence[0]?.expected).toBe('an empty volume at the first start');
  });

  it.each<[string, Story, string]>([
    ['since the start before it', new Story().controller().add(wiped(1)), DELETED],
    ['before the start before it', new Story().add(wiped(1)).controller(), KEPT],
    ['between earlier starts', new Story().controller().add(wiped(1)).controller(), KEPT],
    ['of another controller', new Story().controller().add(wiped(2)), KEPT],
    ['without a start before it', new Story().add(wiped(1)), DELETED],
    ['before another one started', new Story().add(wiped(1)).controller('PRE_MIGRATION', {}, 2), DELETED],
  ])('says whether its volume was deleted: %s', (_, story, note) => {
    expect(notesOf(story.gesture(pool).controller('PRE_MIGRATION', used))).toEqual([note]);
  });

  it('counts the controllers, and lists those with a used volume', () => {
    const story = new Story().gesture(pool).controller().controller('PRE_MIGRATION', used, 2);
    story.controller('PRE_MIGRATION', used, 3).broker('ZK', 0, used);
    expect(violation(invariant, observe(story)).message).toBe(
      '2 of 3 controllers of a new pool started with a used volume: my-cluster-controller-2 at 1.5 s, my-cluster-controller-3 at 2.0 s',
    );
  });

  it.each([
    ['a broker has started on a used volume', new Story().broker('ZK', 0, used)],
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
