import { describe, expect, it } from '@jest/globals';
import { isOfVanished, topicsOfUser } from '../../../src/journal/loss.js';
import { journal } from '../comparison/journals.js';

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
