import { describe, expect, it } from '@jest/globals';
import {
  damages,
  describeChanges,
  describePlacement,
  describeUnreadables,
  topicsWith,
  unreadableEvidence,
  zooKeeperToJudge,
} from '../../../../src/invariants/reading/survival.js';
import type { UnreadableZnode } from '../../../../src/metadata/model.js';
import { observe, Story, snapshot, topic } from '../story.js';

const moved = [{ partition: 0, replicas: [3] }];
const znode = (holds: UnreadableZnode['holds'], name = 'a'): UnreadableZnode => ({
  path: `/${holds}/${name}`,
  holds,
  topic: name,
  problem: 'it is empty',
  content: '',
});

describe('ZooKeeper is judged', () => {
  it.each([
    ['ZooKeeper', true],
    ['KRaftMigration', true],
    ['KRaftDualWriting', true],
    ['KRaftPostMigration', true],
    ['PreKRaft', false],
    ['KRaft', false],
    [undefined, false],
  ] as const)('in state %s: %s', (state, judged) => {
    const zookeeper = snapshot('zookeeper');
    const seen = observe(new Story(), { state, zookeeper });
    expect(zooKeeperToJudge(seen)).toBe(judged ? zookeeper : undefined);
  });
});

describe('the damages of a snapshot', () => {
  const expected = ['a', 'b', 'c', 'd'].map((name) => topic(name));

  it('are missing and changed topics, but no new ones and no ids', () => {
    const found = damages(
      expected,
      snapshot(
        'zookeeper',
        topic('a', { partitions: moved }),
        topic('b', { configs: {} }),
        topic('d', { id: 'another'.padEnd(22, '_') }),
        topic('new'),
      ),
    );
    expect(found.map(({ kind, topic: name }) => [kind, name])).toEqual([
      ['partitions', 'a'],
      ['configs', 'b'],
      ['missing', 'c'],
    ]);
    expect(topicsWith('missing', found)).toEqual(['c']);
    expect(topicsWith('unreadable', found)).toEqual([]);
    expect(describeChanges(found, 'ZooKeeper')).toEqual([
      'the partitions or replicas of 1 topic changed in ZooKeeper: a',
      'the configs of 1 topic changed in ZooKeeper: b',
    ]);
    expect(describeUnreadables(found)).toEqual([]);
  });

  it('are znodes that hold something else', () => {
    const unreadable = [znode('topic'), znode('topic-configs', 'b')];
    const found = damages(expected, { ...snapshot('zookeeper', ...expected.slice(1)), unreadable });
    expect(found.map(({ kind, topic: name }) => [kind, name])).toEqual([
      ['unreadable', 'a'],
      ['unreadable', 'b'],
    ]);
    expect(describeUnreadables(found)).toEqual([
      '2 znodes do not hold what Kafka writes there: /topic/a, /topic-configs/b',
    ]);
    expect(describeUnreadables(found.slice(1))).toEqual([
      '1 znode does not hold what Kafka writes there: /topic-configs/b',
    ]);
    expect(describeChanges(found, 'ZooKeeper')).toEqual([]);
  });

  it.each([
    ['topic', 'topic', expect.stringMatching(/^id a_+, 2 partitions on brokers/)],
    ['topic-configs', 'topic-configs', 'configs retention.ms=60000'],
    ['partition-state', 'topic-partitions', 'leader, leader epoch and in-sync replicas of the partition'],
  ] as const)('have evidence for a znode that should hold a %s', (holds, lost, expectation) => {
    const before = topic('a');
    expect(unreadableEvidence({ kind: 'unreadable', topic: 'a', before, znode: znode(holds) })).toEqual({
      subject: `/${holds}/a`,
      expected: expectation,
      found: '"" (it is empty)',
      lost: { kind: lost, name: 'a' },
      where: 'znode',
    });
  });
});

it('replicas are described in the order of the partitions', () => {
  const partitions = [
    { partition: 1, replicas: [2, 1] },
    { partition: 0, replicas: [1, 2] },
  ];
  expect(describePlacement(partitions)).toBe('0: [1,2], 1: [2,1]');
});
