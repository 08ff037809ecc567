import { describe, expect, it } from '@jest/globals';
import { isOfVanished, joinVanishings, topicsOfUser, type Vanishing } from '../../../src/journal/loss.js';
import { journal } from '../comparison/journals.js';

const vanishing = (topic: string, at: number, changes: Partial<Vanishing> = {}): Vanishing => ({
  topics: [topic],
  from: at,
  to: at,
  sync: { t: 1, pod: 'my-cluster-controller-1' },
  writer: { session: '0x1' },
  holder: undefined,
  state: undefined,
  left: undefined,
  ...changes,
});

describe('joinVanishings', () => {
  it('joins what one client deleted after one sync', () => {
    expect(joinVanishings([vanishing('b', 2), vanishing('a', 6, { left: 3 })])).toEqual([
      { ...vanishing('b', 2), topics: ['a', 'b'], to: 6, left: 3 },
    ]);
  });

  it.each([
    ['by another client', { writer: { session: '0x2' } }],
    ['by somebody unknown', { writer: undefined }],
    ['after another sync', { sync: { t: 1.5, pod: 'my-cluster-controller-1' } }],
    ['long after', { from: 8, to: 8 }],
  ])('keeps apart what vanished %s', (_, changes) => {
    expect(joinVanishings([vanishing('a', 2), vanishing('b', 2, changes)])).toHaveLength(2);
  });
});

describe('isOfVanished', () => {
  const orders = { subject: '/brokers/topics/orders', expected: 'id a', found: 'absent' };
  it.each([
    ['its topic vanished', [orders], true],
    ['a topic is absent that was not seen to vanish', [orders, { ...orders, subject: '/brokers/topics/x' }], false],
    ['the topic is there again with another id', [{ ...orders, found: 'id b' }], false],
    ['it is about another znode', [{ ...orders, subject: '/config/topics/orders' }], false],
    ['there is no evidence', [], false],
  ])('%s', (_, evidence, expected) => {
    expect(isOfVanished({ evidence }, new Set(['orders']))).toBe(expected);
  });
});

describe('topicsOfUser', () => {
  it('has what was created and not deleted', () => {
    const act = (action: 'create-topic' | 'delete-topic' | 'alter-topic', topic: string) =>
      ({ type: 'client-action', action, topic }) as const;
    const events = [
      act('create-topic', 'a'),
      act('create-topic', 'b'),
      act('alter-topic', 'c'),
      act('delete-topic', 'a'),
    ];
    expect([...topicsOfUser(journal(events))]).toEqual(['b']);
  });
});
