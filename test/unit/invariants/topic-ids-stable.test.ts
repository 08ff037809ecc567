import { describe, expect, it } from '@jest/globals';
import { topicIdsStable as invariant } from '../../../src/invariants/topic-ids-stable.js';
import { observe, outcome, Story, snapshot, topic, violation } from './story.js';

const OTHER = topic('orders', { id: 'another'.padEnd(22, '_') });

describe('topic-ids-stable', () => {
  it('holds when the topics have the same ids as before', () => {
    const kraft = snapshot('kraft', topic('orders'));
    expect(outcome(invariant, observe(new Story().deployed().migrated(), { kraft }))).toBe('holds');
  });

  it.each([
    ['ZooKeeper', { zookeeper: snapshot('zookeeper', OTHER) }, '/brokers/topics/orders'],
    ['KRaft', { kraft: snapshot('kraft', OTHER) }, 'topic orders'],
  ])('is violated by another id in %s', (where, changes, subject) => {
    const found = violation(invariant, observe(new Story().deployed().migrated(), changes));
    expect(found.message).toBe(`1 of 1 expected topic got another id in ${where}: orders`);
    expect(found.evidence).toEqual([
      expect.objectContaining({ subject, expected: `id ${topic('orders').id}`, found: `id ${OTHER.id}` }),
    ]);
  });

  it('counts a topic that is another in both only once', () => {
    const changes = { zookeeper: snapshot('zookeeper', OTHER), kraft: snapshot('kraft', OTHER) };
    const found = violation(invariant, observe(new Story().deployed().migrated(), changes));
    expect(found.message).toBe('1 of 1 expected topic got another id in ZooKeeper and KRaft: orders');
    expect(found.evidence).toHaveLength(2);
  });

  it('does not apply when no expected topic exists: another invariant reports missing topics', () => {
    const zookeeper = snapshot('zookeeper', topic('of-another-user'));
    expect(outcome(invariant, observe(new Story().deployed(), { zookeeper }))).toBe('not applicable');
  });

  it('does not judge a ZooKeeper that is no longer written to', () => {
    const changes = { state: 'PreKRaft' as const, zookeeper: snapshot('zookeeper', OTHER) };
    expect(outcome(invariant, observe(new Story().deployed(), changes))).toBe('not applicable');
  });
});
