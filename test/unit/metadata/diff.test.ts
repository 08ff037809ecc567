import { describe, expect, it } from '@jest/globals';
import { diffSnapshots, normalise } from '../../../src/metadata/diff.js';
import { snapshot, topic } from './snapshots.js';

describe('normalise', () => {
  it('sorts topics, partitions, keys, brokers and ISRs, and keeps the order of replicas', () => {
    const mixed = snapshot(
      [
        topic('b', { configs: { z: 'x', a: 'y' } }),
        topic('a', {
          partitions: [
            { partition: 10, replicas: [2, 0] },
            { partition: 9, replicas: [1] },
          ],
        }),
      ],
      { liveBrokers: [10, 9], partitions: { 'a-9': { leader: 1, leaderEpoch: 4, isr: [10, 2, 1] } } },
    );
    const result = normalise(mixed);
    expect(result.topics.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(result.topics[0]?.partitions).toEqual([
      { partition: 9, replicas: [1] },
      { partition: 10, replicas: [2, 0] },
    ]);
    expect(Object.keys(result.topics[1]?.configs ?? {})).toEqual(['a', 'z']);
    expect(result.operational).toEqual({
      liveBrokers: [9, 10],
      partitions: { 'a-9': { leader: 1, leaderEpoch: 4, isr: [1, 2, 10] } },
    });
  });

  it.each([
    ['compact, delete', 'compact,delete'],
    ['0.50', '0.5'],
    ['0.0001', '0.0001'],
    ['1.0E-4', '0.0001'],
    ['.5', '0.5'],
    ['True', 'true'],
    ['+10', '10'],
    ['007', '7'],
    ['9223372036854775807', '9223372036854775807'],
    [' -1 ', '-1'],
    ['producer', 'producer'],
    ['', ''],
  ])('writes the value %p as %p', (given, expected) => {
    expect(normalise(snapshot([topic('a', { configs: { key: given } })])).topics[0]?.configs).toEqual({
      key: expected,
    });
  });
});

describe('diffSnapshots', () => {
  const before = snapshot([topic('a'), topic('b')]);

  it('finds no difference between equal snapshots, regardless of order and source', () => {
    const after = { ...snapshot([topic('b'), topic('a')]), source: 'kraft' as const };
    expect(diffSnapshots(before, after)).toEqual({ durable: [], operational: [] });
  });

  it('finds missing and new topics, in order of name', () => {
    const { durable } = diffSnapshots(before, snapshot([topic('c'), topic('b')]));
    expect(durable).toEqual([
      { kind: 'missing', topic: 'a', before: topic('a') },
      { kind: 'new', topic: 'c', after: topic('c') },
    ]);
  });

  it('finds a changed id', () => {
    const { durable } = diffSnapshots(before, snapshot([topic('a', { id: 'x'.repeat(22) }), topic('b')]));
    expect(durable).toEqual([{ kind: 'id', topic: 'a', before: topic('a').id, after: 'x'.repeat(22) }]);
  });

  it.each([
    ['an additional replica', [{ partition: 0, replicas: [0, 1, 2, 3] }, topic('a').partitions[1]]],
    ['another order of replicas', [{ partition: 0, replicas: [1, 0, 2] }, topic('a').partitions[1]]],
    ['a missing partition', [topic('a').partitions[0]]],
    ['an additional partition', [...topic('a').partitions, { partition: 2, replicas: [0] }]],
  ])('finds %s', (_, partitions) => {
    const present = partitions.filter((partition) => partition !== undefined);
    const { durable } = diffSnapshots(before, snapshot([topic('a', { partitions: present }), topic('b')]));
    expect(durable).toEqual([{ kind: 'partitions', topic: 'a', before: topic('a').partitions, after: present }]);
  });

  it.each([
    ['another value', { 'retention.ms': '2000' }],
    ['a missing override', {}],
    ['an additional override', { 'retention.ms': '1000', 'segment.ms': '1' }],
    ['another override', { 'segment.ms': '1000' }],
  ])('finds %s', (_, configs) => {
    const { durable } = diffSnapshots(before, snapshot([topic('a', { configs }), topic('b')]));
    expect(durable).toEqual([{ kind: 'configs', topic: 'a', before: { 'retention.ms': '1000' }, after: configs }]);
  });

  it('finds all changes of one topic', () => {
    const changed = topic('a', { id: 'y'.repeat(22), partitions: [], configs: {} });
    const { durable } = diffSnapshots(before, snapshot([changed, topic('b')]));
    expect(durable.map(({ kind }) => kind)).toEqual(['id', 'partitions', 'configs']);
  });

  it('lists changes of leaders, epochs, ISRs and live brokers separately from durable changes', () => {
    const old = snapshot([topic('a')], {
      liveBrokers: [0, 1],
      partitions: {
        'a-0': { leader: 0, leaderEpoch: 3, isr: [0, 1] },
        'a-1': { leader: 1, leaderEpoch: 1, isr: [1, 0] },
        'gone-0': { leader: 1, leaderEpoch: 1, isr: [1] },
      },
    });
    const present = snapshot([topic('a')], {
      liveBrokers: [1, 2],
      partitions: {
        'a-0': { leader: 1, leaderEpoch: 4, isr: [1] },
        'a-1': { leader: 1, leaderEpoch: 1, isr: [0, 1] },
      },
    });
    expect(diffSnapshots(old, present)).toEqual({
      durable: [],
      operational: [
        'broker 0 left',
        'broker 2 joined',
        'a-0: leader 0 -> 1',
        'a-0: leader epoch 3 -> 4',
        'a-0: ISR 0,1 -> 1',
      ],
    });
  });
});
