import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeTopic } from '../../../src/invariants/reading/wording.js';
import { zooKeeperMetadataSurvives as invariant } from '../../../src/invariants/zookeeper-metadata-survives.js';
import type { TopicMetadata, UnreadableZnode } from '../../../src/metadata/model.js';
import { KAFKA_METADATA_STATES } from '../../../src/strimzi/migration-state.js';
import { BROKER, CONTROLLER, observe, outcome, Story, snapshot, topic, topics, violation } from './story.js';

/** 0.45.0's second migration up to the full sync. */
function syncing(): Story {
  return new Story()
    .deployed()
    .migrated()
    .rolledBack(['/controller'])
    .migrationBegun()
    .driver('SYNC_KRAFT_TO_ZK')
    .log('[KRaftMigrationDriver id=1] Performing a full metadata sync from KRaft to ZK.');
}

describe('zookeeper-metadata-survives', () => {
  it('holds when every expected topic exists, whatever else exists', () => {
    const expectedTopics = topics(3);
    const zookeeper = snapshot('zookeeper', topic('of-another-user'), ...expectedTopics);
    expect(outcome(invariant, observe(new Story().deployed(), { expectedTopics, zookeeper }))).toBe('holds');
  });

  it.each([
    ['ZooKeeper', 'holds'],
    ['KRaftMigration', 'holds'],
    ['KRaftDualWriting', 'holds'],
    ['KRaftPostMigration', 'holds'],
    ['PreKRaft', 'not applicable'],
    ['KRaft', 'not applicable'],
  ] as const)('in state %s: %s', (state, expected) => {
    expect(outcome(invariant, observe(new Story().deployed(), { state }))).toBe(expected);
  });

  it.each([
    ['ZooKeeper could not be read', { zookeeper: undefined }],
    ['no topic is expected', { expectedTopics: [] }],
    ['there is no state yet', { state: undefined }],
  ])('does not apply when %s', (_, changes) => {
    expect(outcome(invariant, observe(new Story().deployed(), changes))).toBe('not applicable');
  });

  it('says what vanished, when, after what and by whom', () => {
    const expectedTopics = topics(10);
    const names = expectedTopics.map(({ name }) => name);
    const story = syncing().add({ type: 'topics-changed', deleted: names, topics: [], writer: CONTROLLER }, 0.4);
    const found = violation(invariant, observe(story, { expectedTopics, zookeeper: snapshot('zookeeper') }));
    expect(found.message).toBe(
      `10 topics vanished from ZooKeeper at ${story.now.toFixed(1)} s, 0.4 s after the full metadata sync of my-cluster-controller-1, by session 0x1000000000a0003, controller 1: ${names.join(', ')}`,
    );
    expect(found.evidence).toHaveLength(10);
    expect(found.evidence[0]).toEqual({
      subject: '/brokers/topics/t01',
      expected: `id ${'t01'.padEnd(22, '_')}, 2 partitions on brokers [0] [0], configs retention.ms=60000`,
      found: 'absent',
      lost: { kind: 'topic', name: 't01' },
      where: 'znode',
      at: story.now,
      writer: CONTROLLER,
      note: '0.4 s after the full metadata sync of my-cluster-controller-1',
    });
  });

  it('names twelve topics and counts the rest', () => {
    const expectedTopics = topics(15);
    const story = new Story()
      .deployed()
      .add({ type: 'topics-changed', deleted: expectedTopics.map(({ name }) => name) });
    const found = violation(invariant, observe(story, { expectedTopics, zookeeper: snapshot('zookeeper') }));
    expect(found.message).toMatch(/^15 topics vanished from ZooKeeper at \d+\.\d s: t01, .*, t12 and 3 more$/);
    expect(found.evidence).toHaveLength(15);
  });

  it('distinguishes two writers', () => {
    const expectedTopics = topics(3);
    const story = syncing()
      .add({ type: 'topics-changed', deleted: ['t01'], writer: BROKER })
      .add({ type: 'topics-changed', deleted: ['t02', 't03'], writer: CONTROLLER });
    const { message } = violation(invariant, observe(story, { expectedTopics, zookeeper: snapshot('zookeeper') }));
    expect(message).toMatch(/^1 topic vanished .*, broker 0: t01; 2 topics vanished .*, controller 1: t02, t03$/);
  });

  it('gives the span of a deletion that took several writes, and what the sync says it wrote', () => {
    const expectedTopics = topics(2);
    const story = syncing()
      .add({ type: 'topics-changed', deleted: ['t01'], writer: CONTROLLER }, 0.4)
      .add({ type: 'topics-changed', deleted: ['t02'], writer: CONTROLLER }, 0.3)
      .log('Made the following ZK writes when reconciling with KRaft state: {DeleteTopic=2}');
    const found = violation(invariant, observe(story, { expectedTopics, zookeeper: snapshot('zookeeper') }));
    expect(found.message).toContain('2 topics vanished from ZooKeeper from ');
    expect(found.message).toContain(', 0.4 s after the full metadata sync of my-cluster-controller-1, by session ');
    expect(found.evidence[0]?.note).toBe(
      '0.4 s after the full metadata sync of my-cluster-controller-1, which wrote {DeleteTopic=2}',
    );
  });

  it('takes a sync that was logged shortly after for the cause, but not one of an earlier migration', () => {
    const expectedTopics = [topic('orders')];
    const late = new Story()
      .deployed()
      .migrationBegun()
      .add({ type: 'topics-changed', deleted: ['orders'] })
      .log('Performing a full metadata sync from KRaft to ZK.');
    const zookeeper = snapshot('zookeeper');
    expect(violation(invariant, observe(late, { expectedTopics, zookeeper })).message).toContain('together with');

    const earlier = syncing()
      .gesture({ gesture: 'create-controller-pool', deleteClaim: true })
      .add({ type: 'topics-changed', deleted: ['orders'] });
    expect(violation(invariant, observe(earlier, { expectedTopics, zookeeper })).message).not.toContain('sync');
  });

  it('says only that topics are missing if the journal does not say how they vanished', () => {
    const expectedTopics = topics(3);
    const story = new Story()
      .deployed()
      .add({ type: 'topics-changed', deleted: ['t03'] })
      .add({ type: 'topics-changed', created: ['t03'] });
    const zookeeper = snapshot('zookeeper', topic('t01'));
    const found = violation(invariant, observe(story, { expectedTopics, zookeeper }));
    expect(found.message).toBe('ZooKeeper lacks 2 of 3 expected topics: t02, t03');
    expect(found.evidence[0]).not.toHaveProperty('at');
  });

  it('says what vanished and what else is missing, with the evidence that it has for each', () => {
    const expectedTopics = topics(4);
    const story = new Story().deployed().add({ type: 'topics-changed', deleted: ['t02'] });
    const zookeeper = snapshot('zookeeper', topic('t01'));
    const found = violation(invariant, observe(story, { expectedTopics, zookeeper }));
    expect(found.message).toBe(
      `1 topic vanished from ZooKeeper at ${story.now.toFixed(1)} s: t02; ZooKeeper lacks 2 of 4 expected topics: t03, t04`,
    );
    const evidence = (name: string) => ({
      subject: `/brokers/topics/${name}`,
      expected: describeTopic(topic(name)),
      found: 'absent',
      lost: { kind: 'topic', name },
      where: 'znode',
    });
    expect(found.evidence).toStrictEqual([{ ...evidence('t02'), at: story.now }, evidence('t03'), evidence('t04')]);
  });

  it('has evidence for other partitions and for other configs', () => {
    const zookeeper = snapshot(
      'zookeeper',
      topic('orders', { partitions: [{ partition: 0, replicas: [1] }], configs: {} }),
    );
    expect(violation(invariant, observe(new Story().deployed(), { zookeeper })).evidence).toStrictEqual([
      {
        subject: '/brokers/topics/orders',
        expected: 'replicas 0: [0], 1: [0]',
        found: 'replicas 0: [1]',
        lost: { kind: 'topic-partitions', name: 'orders' },
        where: 'znode',
      },
      {
        subject: '/config/topics/orders',
        expected: 'configs retention.ms=60000',
        found: 'no configs',
        lost: { kind: 'topic-configs', name: 'orders' },
        where: 'znode',
      },
    ]);
  });

  it.each([
    [
      'replicas',
      {
        partitions: [
          { partition: 0, replicas: [1] },
          { partition: 1, replicas: [0] },
        ],
      },
    ],
    ['a lost partition', { partitions: [{ partition: 0, replicas: [0] }] }],
  ])('is violated by other partitions: %s', (_, changes) => {
    const zookeeper = snapshot('zookeeper', topic('orders', changes));
    const found = violation(invariant, observe(new Story().deployed(), { zookeeper }));
    expect(found.message).toBe('the partitions or replicas of 1 topic changed in ZooKeeper: orders');
    expect(found.evidence[0]).toMatchObject({ subject: '/brokers/topics/orders', expected: 'replicas 0: [0], 1: [0]' });
  });

  it.each([{}, { 'retention.ms': '1' }, { 'retention.ms': '60000', 'segment.bytes': '1' }])(
    'is violated by other configs: %j',
    (configs) => {
      const zookeeper = snapshot('zookeeper', topic('orders', { configs }));
      const found = violation(invariant, observe(new Story().deployed(), { zookeeper }));
      expect(found.message).toBe('the configs of 1 topic changed in ZooKeeper: orders');
      expect(found.evidence[0]).toMatchObject({
        subject: '/config/topics/orders',
        expected: 'configs retention.ms=60000',
      });
    },
  );

  it('leaves another id to topic-ids-stable', () => {
    const zookeeper = snapshot('zookeeper', topic('orders', { id: 'another'.padEnd(22, '_') }));
    expect(outcome(invariant, observe(new Story().deployed(), { zookeeper }))).toBe('holds');
  });

  it('property: it is violated exactly when a topic is missing, and has evidence for each', () => {
    const all = topics(8);
    fc.assert(
      fc.property(fc.subarray([...all]), fc.constantFrom(...KAFKA_METADATA_STATES.slice(0, 4)), (left, state) => {
        const zookeeper = snapshot('zookeeper', ...left);
        const found = outcome(invariant, observe(new Story().deployed(), { expectedTopics: all, zookeeper, state }));
        if (left.length === all.length) expect(found).toBe('holds');
        else expect(found).toMatchObject({ evidence: { length: all.length - left.length } });
      }),
    );
  });
});

describe('a znode that does not hold what Kafka writes there', () => {
  const ORDERS = topic('orders');
  const damage = (znode: Omit<UnreadableZnode, 'problem' | 'content'>, ...held: readonly TopicMetadata[]) => ({
    ...snapshot('zookeeper', ...held),
    unreadable: [{ problem: 'it is not JSON', content: 'x', ...znode }],
  });

  it.each([
    ['topic', '/brokers/topics/orders', 'topic', [], describeTopic(ORDERS)],
    [
      'topic-configs',
      '/config/topics/orders',
      'topic-configs',
      [{ ...ORDERS, configs: {} }],
      'configs retention.ms=60000',
    ],
    [
      'partition-state',
      '/brokers/topics/orders/partitions/0/state',
      'topic-partitions',
      [ORDERS],
      'leader, leader epoch and in-sync replicas of the partition',
    ],
  ] as const)('is a loss: %s', (holds, path, kind, held, expected) => {
    const zookeeper = damage({ path, holds, topic: 'orders' }, ...held);
    expect(violation(invariant, observe(new Story().deployed(), { zookeeper }))).toEqual({
      message: `1 znode does not hold what Kafka writes there: ${path}`,
      evidence: [
        { subject: path, expected, found: '"x" (it is not JSON)', lost: { kind, name: 'orders' }, where: 'znode' },
      ],
    });
  });

  it('violates the invariant if it is /cluster/id', () => {
    const zookeeper = damage({ path: '/cluster/id', holds: 'cluster-id' }, ORDERS);
    expect(violation(invariant, observe(new Story().deployed(), { zookeeper }))).toEqual({
      message: '/cluster/id does not hold what Kafka writes there: "x" (it is not JSON)',
      evidence: [
        { subject: '/cluster/id', expected: 'the id of the cluster', found: '"x" (it is not JSON)', where: 'znode' },
      ],
    });
  });

  it('is of no interest if no expected topic has its name', () => {
    const zookeeper = damage({ path: '/brokers/topics/a b', holds: 'topic', topic: 'a b' }, ORDERS);
    expect(outcome(invariant, observe(new Story().deployed(), { zookeeper }))).toBe('holds');
  });
});
