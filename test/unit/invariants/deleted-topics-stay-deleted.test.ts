import { describe, expect, it } from '@jest/globals';
import { deletedTopicsStayDeleted as invariant } from '../../../src/invariants/deleted-topics-stay-deleted.js';
import { CONTROLLER, observe, outcome, Story, snapshot, topic, violation } from './story.js';

const ORDERS = topic('orders');
const REVIVED = topic('short-lived');
const ANOTHER = topic('short-lived', { id: 'another'.padEnd(22, '_') });
const deletedTopics = [{ name: 'short-lived', id: REVIVED.id }];

/** A migrated cluster in which the user deleted the topic. */
function deleted(): Story {
  return new Story()
    .deployed()
    .add({ type: 'topics-changed', created: ['short-lived'] })
    .migrated()
    .add({ type: 'client-action', action: 'delete-topic', topic: 'short-lived' });
}

describe('deleted-topics-stay-deleted', () => {
  it('holds while the topic exists nowhere', () => {
    const changes = { deletedTopics, kraft: snapshot('kraft', ORDERS) };
    expect(outcome(invariant, observe(deleted(), changes))).toBe('holds');
  });

  it.each([
    ['ZooKeeper', { zookeeper: snapshot('zookeeper', ORDERS, REVIVED) }, '/brokers/topics/short-lived', 'znode'],
    ['KRaft', { kraft: snapshot('kraft', ORDERS, REVIVED) }, 'topic short-lived', 'node'],
  ])('is violated when the topic exists again in %s', (where, changes, subject, place) => {
    const found = violation(invariant, observe(deleted(), { deletedTopics, ...changes }));
    expect(found.message).toBe(`1 topic that the user had deleted exists again in ${where}: short-lived`);
    expect(found.evidence).toEqual([
      {
        subject,
        expected: `absent: the user deleted the topic with the id ${REVIVED.id}`,
        found: expect.stringContaining(`id ${REVIVED.id}, 2 partitions`),
        lost: { kind: 'topic-deletion', name: 'short-lived' },
        where: place,
        note: 'it is the topic that the user deleted',
      },
    ]);
  });

  it('is violated by another topic with its name', () => {
    const changes = { deletedTopics, kraft: snapshot('kraft', ANOTHER) };
    const [evidence] = violation(invariant, observe(deleted(), changes)).evidence;
    expect(evidence?.note).toBe('it is another topic with the same name');
  });

  it('says when the topic came back, and who created it', () => {
    const story = deleted().add({ type: 'topics-changed', created: ['x', 'short-lived'], writer: CONTROLLER });
    const at = story.events.at(-1)?.t;
    const found = violation(
      invariant,
      observe(story, { deletedTopics, zookeeper: snapshot('zookeeper', REVIVED), kraft: snapshot('kraft', REVIVED) }),
    );
    expect(found.message).toMatch(
      /^1 topic .* again in ZooKeeper and KRaft, created at \d+\.\d s, by session .*, controller 1: short-lived$/,
    );
    expect(found.evidence).toMatchObject([
      { at, writer: CONTROLLER },
      { at, writer: CONTROLLER },
    ]);
  });

  it('says so of several topics, and names the moment in which the first of them came back', () => {
    const others = [{ name: 'other', id: 'o' }, ...deletedTopics, { name: 'gone', id: 'g' }];
    const story = deleted()
      .add({ type: 'client-action', action: 'delete-topic', topic: 'other' })
      .add({ type: 'topics-changed', created: ['new'] })
      .add({ type: 'topics-changed', deleted: ['x'] })
      .add({ type: 'topics-changed', created: ['other'] });
    const at = story.now;
    story.add({ type: 'topics-changed', created: ['short-lived'] });
    const zookeeper = snapshot('zookeeper', topic('other'), ORDERS, REVIVED);
    const found = violation(invariant, observe(story, { deletedTopics: others, zookeeper }));
    expect(found.message).toBe(
      `2 topics that the user had deleted exist again in ZooKeeper, created at ${at.toFixed(1)} s: other, short-lived`,
    );
    expect(found.evidence.map((evidence) => evidence.at)).toEqual([at, story.now]);
    expect(found.evidence[0]).not.toHaveProperty('writer');
  });

  it.each([
    ['another topic is deleted', 'delete-topic', 'another'],
    ['records are written to it', 'produce', 'short-lived'],
  ] as const)('says when the topic came back, although %s after that', (_, action, name) => {
    const story = deleted().add({ type: 'topics-changed', created: ['short-lived'] });
    const at = story.now;
    story.add({ type: 'client-action', action, topic: name });
    const found = violation(invariant, observe(story, { deletedTopics, zookeeper: snapshot('zookeeper', REVIVED) }));
    expect(found.evidence[0]?.at).toBe(at);
  });

  it('does not take a creation before the last deletion for the return of the topic', () => {
    const story = deleted()
      .add({ type: 'topics-changed', created: ['short-lived'] })
      .add({ type: 'client-action', action: 'delete-topic', topic: 'short-lived' })
      .add({ type: 'client-action', action: 'create-topic', topic: 'short-lived' });
    const found = violation(invariant, observe(story, { deletedTopics, zookeeper: snapshot('zookeeper', REVIVED) }));
    expect(found.message).toBe('1 topic that the user had deleted exists again in ZooKeeper: short-lived');
    expect(found.evidence[0]).not.toHaveProperty('at');
  });

  it('does not take unreadable content of anything else for the topic', () => {
    const znode = { path: '/x', problem: 'it is empty', content: '' };
    const unreadable = [
      { ...znode, holds: 'topic-configs' as const, topic: 'short-lived' },
      { ...znode, holds: 'topic' as const },
      { ...znode, holds: 'topic' as const, topic: 'another' },
    ];
    const zookeeper = { ...snapshot('zookeeper', ORDERS), unreadable };
    expect(outcome(invariant, observe(deleted(), { deletedTopics, zookeeper }))).toBe('holds');
  });

  it('is violated by a topic that exists with content that nobody can read', () => {
    const znode = { path: '/brokers/topics/short-lived', holds: 'topic' as const, topic: 'short-lived' };
    const unreadable = [{ ...znode, problem: 'it is empty', content: '' }];
    const found = violation(
      invariant,
      observe(deleted(), { deletedTopics, zookeeper: { ...snapshot('zookeeper', ORDERS), unreadable } }),
    );
    expect(found.evidence).toMatchObject([{ subject: znode.path, found: '"" (it is empty)' }]);
    expect(found.evidence[0]).not.toHaveProperty('note');
  });

  it('does not count a topic that is being deleted at that moment', () => {
    const zookeeper = { ...snapshot('zookeeper', ORDERS, REVIVED), pendingDeletions: ['short-lived'] };
    expect(outcome(invariant, observe(deleted(), { deletedTopics, zookeeper }))).toBe('holds');
  });

  it('does not judge ZooKeeper when nobody waited for the deletion to reach it', () => {
    const zookeeper = snapshot('zookeeper', REVIVED);
    const changes = { deletedTopics, zookeeper, moment: 'aborted' as const };
    expect(outcome(invariant, observe(deleted(), changes))).toBe('not applicable');
    expect(outcome(invariant, observe(deleted(), { ...changes, state: 'ZooKeeper' }))).toMatchObject({
      message: expect.stringContaining('exists again'),
    });
  });

  it.each([
    ['the user deleted nothing', {}],
    ['a ZooKeeper that is no longer written to was read', { deletedTopics, state: 'PreKRaft' as const }],
    ['nothing was read', { deletedTopics, zookeeper: undefined }],
  ])('does not apply when %s', (_, changes) => {
    expect(outcome(invariant, observe(deleted(), changes))).toBe('not applicable');
  });
});
