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
    ['ZooKeeper', { zookeeper: snapshot('zookeeper', OTHER) }, '/brokers/topics/orders', 'znode'],
    ['KRaft', { kraft: snapshot('kraft', OTHER) }, 'topic orders', 'node'],
  ])('is violated by another id in %s', (where, changes, subject, place) => {
    const found = violation(invariant, observe(new Story().deployed().migrated(), changes));
    expect(found.message).toBe(`1 of 1 expected topic got another id in ${where}: orders`);
    expect(found.evidence).toEqual([
      {
        subject,
        expected: `id ${topic('orders').id}`,
        found: `id ${OTHER.id}`,
        lost: { kind: 'topic-id', name: 'orders' },
        where: place,
        note: `in ${where}: the topic that the user created no longer exists, this is another topic with its name`,
      },
    ]);
  });

  it('is violated only for the topics that are others', () => {
    const expectedTopics = [topic('payments'), topic('orders')];
    const zookeeper = snapshot('zookeeper', topic('payments'), OTHER);
    const found = violation(invariant, observe(new Story().deployed(), { expectedTopics, zookeeper }));
    expect(found.message).toBe('1 of 2 expected topics got another id in ZooKeeper: orders');
    expect(found.evidence).toHaveLength(1);
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
