import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diffSnapshots } from '../../../src/metadata/diff.js';
import { explainDifference } from '../../../src/metadata/losses.js';
import type { TopicMetadata, UnreadableZnode } from '../../../src/metadata/model.js';

const ORDERS: TopicMetadata = {
  name: 'orders',
  id: 'o'.repeat(22),
  partitions: [
    { partition: 0, replicas: [0, 1] },
    { partition: 1, replicas: [1, 0] },
  ],
  configs: { 'cleanup.policy': 'compact', 'retention.ms': '1000' },
};

function between(before: readonly TopicMetadata[], after: readonly TopicMetadata[]) {
  const operational = { partitions: {}, liveBrokers: [] };
  const [a, b] = [before, after].map((topics) => ({ source: 'zookeeper' as const, topics, operational }));
  if (a === undefined || b === undefined) throw new Error('two snapshots');
  return diffSnapshots(a, b).durable.flatMap(explainDifference);
}

describe('explainDifference', () => {
  it.each<readonly [string, Partial<TopicMetadata> | undefined, boolean, string]>([
    ['a missing topic', undefined, true, 'orders'],
    [
      'another id',
      { id: 'p'.repeat(22) },
      true,
      'orders: created again, its id changed from oooooooooooooooooooooo to pp',
    ],
    ['a missing partition', { partitions: ORDERS.partitions.slice(0, 1) }, true, 'orders: partition 1 is missing'],
    [
      'an additional partition',
      { partitions: [...ORDERS.partitions, { partition: 2, replicas: [0] }] },
      false,
      'orders: partition 2 is new',
    ],
    [
      'moved replicas',
      { partitions: [{ partition: 0, replicas: [1, 2] }, ...ORDERS.partitions.slice(1)] },
      false,
      'orders: replicas of partition 0 changed from 0,1 to 1,2',
    ],
    [
      'an override removed',
      { configs: { 'cleanup.policy': 'compact' } },
      true,
      'orders: its override retention.ms=1000 is missing',
    ],
    [
      'an override with another value',
      { configs: { ...ORDERS.configs, 'retention.ms': '5' } },
      true,
      'orders: retention.ms changed from 1000 to 5',
    ],
    [
      'an override added',
      { configs: { ...ORDERS.configs, 'segment.ms': '5' } },
      false,
      'orders: its override segment.ms=5 is new',
    ],
  ])('%s', (_, change, loss, text) => {
    const found = between([ORDERS], change === undefined ? [] : [{ ...ORDERS, ...change }]);
    expect(found).toHaveLength(1);
    expect(found[0]?.loss).toBe(loss);
    expect(found[0]?.text).toContain(text);
  });

  it('reports a new topic, which is not a loss', () => {
    expect(between([], [ORDERS])).toEqual([{ kind: 'new', loss: false, text: 'orders' }]);
  });

  it('property: a snapshot equals itself, and a missing topic is a loss whatever topics are new', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const topics = fc
      .uniqueArray(name, { maxLength: 8 })
      .map((names) => names.map((one) => ({ ...ORDERS, name: one })));
    fc.assert(
      fc.property(topics, topics, (before, after) => {
        expect(between(before, before)).toEqual([]);
        const names = new Set(after.map((topic) => topic.name));
        const gone = before.some((topic) => !names.has(topic.name));
        expect(between(before, after).some(({ loss }) => loss)).toBe(gone);
      }),
    );
  });
});

describe('a znode that can no longer be read', () => {
  const operational = { partitions: {}, liveBrokers: [] };
  const before = { source: 'zookeeper' as const, topics: [ORDERS], operational };
  const unreadable = (holds: UnreadableZnode['holds'], path: string, topics: readonly TopicMetadata[]) => ({
    ...before,
    topics,
    unreadable: [{ path, holds, topic: 'orders', problem: 'it is not JSON', content: 'x\u001b[31m' }],
  });

  it.each([
    ['a topic', unreadable('topic', '/brokers/topics/orders', []), 'missing'],
    ['its configs', unreadable('topic-configs', '/config/topics/orders', [{ ...ORDERS, configs: {} }]), 'changed'],
    ['a state', unreadable('partition-state', '/brokers/topics/orders/partitions/0/state', [ORDERS]), 'changed'],
  ])('of %s is one loss, with its content', (_, after, kind) => {
    const { path } = after.unreadable[0] ?? {};
    expect(diffSnapshots(before, after).durable.flatMap(explainDifference)).toEqual([
      {
        kind,
        loss: true,
        text: `orders: ${path} does not hold what Kafka writes there: "x\\u001b[31m" (it is not JSON)`,
      },
    ]);
  });

  it('is no loss if it could not be read before, or if nobody knew the topic', () => {
    const damaged = unreadable('topic-configs', '/config/topics/orders', [{ ...ORDERS, configs: {} }]);
    expect(diffSnapshots(damaged, damaged).durable).toEqual([]);
    const foreign = unreadable('topic', '/brokers/topics/orders', []);
    expect(diffSnapshots({ ...before, topics: [] }, foreign).durable).toEqual([]);
  });
});
