import { describe, expect, it } from '@jest/globals';
import type { Evidence } from '../../../src/journal/events.js';
import { isOnlyVanishedTopics, topicsOfUser } from '../../../src/journal/loss.js';
import { journal } from '../comparison/journals.js';

describe('isOnlyVanishedTopics', () => {
  const orders = {
    subject: '/brokers/topics/orders',
    expected: 'id a',
    found: 'absent',
    lost: { kind: 'topic', name: 'orders' },
    where: 'znode',
  } as const;
  it.each([
    ['its topic vanished', [orders], true],
    [
      'a topic is absent that was not seen to vanish',
      [orders, { ...orders, lost: { kind: 'topic', name: 'x' } }],
      false,
    ],
    ['the topic exists again with another id', [{ ...orders, lost: { kind: 'topic-id', name: 'orders' } }], false],
    ['it is about its configuration', [{ ...orders, lost: { kind: 'topic-configs', name: 'orders' } }], false],
    ['it is about the brokers', [{ ...orders, where: 'node' }], false],
    ['nothing was lost', [{ subject: '/migration', expected: 'absent', found: '{}', where: 'znode' }], false],
    ['there is no evidence', [], false],
  ] as const satisfies readonly (readonly [string, readonly Evidence[], boolean])[])('%s', (_, evidence, expected) => {
    expect(isOnlyVanishedTopics({ evidence }, new Set(['orders']))).toBe(expected);
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
