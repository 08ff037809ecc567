import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { comparable } from '../../../src/metadata/comparable.js';
import type { SnapshotFile } from '../../../src/metadata/snapshot-file.js';

const BEFORE: SnapshotFile = {
  snapshotVersion: 1,
  takenAt: '2026-01-02T03:04:05.000Z',
  from: 'ZooKeeper at a:2181',
  source: 'zookeeper',
  clusterId: 'one',
  internalTopics: true,
  topics: ['__consumer_offsets', 'orders'].map((name) => ({ name, id: 'o'.repeat(22), partitions: [], configs: {} })),
  operational: { partitions: {}, liveBrokers: [0] },
};
const AFTER: SnapshotFile = { ...BEFORE, takenAt: '2026-01-03T03:04:05.000Z', from: 'brokers b:9092', source: 'kraft' };

describe('two snapshots', () => {
  it('of one cluster, in order, are compared without caveats', () => {
    expect(comparable(BEFORE, AFTER)).toEqual({ before: BEFORE, after: AFTER, caveats: [], proves: true });
  });

  it.each([
    ['in the wrong order', AFTER, BEFORE, /was taken before the first .*\. Give the earlier one first/],
    ['that are the same', BEFORE, BEFORE, /compared with itself proves nothing/],
    [
      'of different clusters',
      BEFORE,
      { ...AFTER, clusterId: 'two' },
      /of different clusters: the first of one .*, the second of two/,
    ],
  ])('%s are refused', (_, before, after, message) => {
    expect(() => comparable(before, after)).toThrow(UsageError);
    expect(() => comparable(before, after)).toThrow(message);
  });

  it.each([
    ['without the id of a cluster', { ...AFTER, clusterId: undefined }],
    ['without a valid time', { ...AFTER, takenAt: 'yesterday' }],
  ])('may be %s', (_, after) => {
    expect(comparable(BEFORE, after).proves).toBe(true);
  });

  it.each([
    [false, true],
    [true, false],
    [undefined, true],
  ])('with internal topics %s and %s are compared without them, with a caveat', (first, second) => {
    const { before, after, caveats } = comparable(
      { ...BEFORE, internalTopics: first },
      { ...AFTER, internalTopics: second },
    );
    expect([before, after].map(({ topics }) => topics.map(({ name }) => name))).toEqual([['orders'], ['orders']]);
    expect(caveats).toEqual([expect.stringContaining('__consumer_offsets and __transaction_state, were not compared')]);
  });

  it.each(['KRaftMigration', 'KRaftDualWriting'])(
    'have a caveat if the later one was taken during a migration: %s',
    (state) => {
      expect(comparable(BEFORE, { ...AFTER, state }).caveats).toEqual([
        expect.stringContaining(`taken during a migration (${state})`),
      ]);
      expect(comparable({ ...BEFORE, state }, { ...AFTER, state: 'KRaftPostMigration' }).caveats).toEqual([]);
    },
  );

  it('prove nothing if the earlier one has no topics', () => {
    expect(comparable({ ...BEFORE, topics: [] }, AFTER).proves).toBe(false);
  });

  it('say which znodes could not be read', () => {
    const znode = {
      path: '/brokers/topics/a',
      holds: 'topic' as const,
      topic: 'a',
      problem: 'it is empty',
      content: '',
    };
    const [before, after] = [BEFORE, AFTER].map((file) => ({ ...file, unreadable: [znode] }));
    if (before === undefined || after === undefined) throw new Error('two snapshots');
    const text = '/brokers/topics/a does not hold what Kafka writes there: "" (it is empty)';
    expect(comparable(before, after).caveats).toEqual([
      `In the earlier snapshot ${text}; what it should hold was not compared.`,
      `In the later snapshot ${text}.`,
    ]);
  });
});
