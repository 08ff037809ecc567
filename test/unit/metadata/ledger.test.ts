import { describe, expect, it } from '@jest/globals';
import { Ledger, seededRecord } from '../../../src/metadata/ledger.js';

const ID = 'v33Ggdr0S4iHRvsHrGnJvA';

describe('Ledger', () => {
  it('spreads records over the partitions and continues where it stopped', () => {
    const ledger = new Ledger();
    ledger.topicCreated('a', ID, 2);
    const first = ledger.nextRecords('a', 3);
    expect(first.map(({ partition, sequence }) => [partition, sequence])).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
    ]);
    ledger.acknowledge('a', first);
    expect(ledger.nextRecords('a', 2).map(({ partition, sequence }) => [partition, sequence])).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  it('remembers only what was acknowledged', () => {
    const ledger = new Ledger();
    ledger.topicCreated('a', ID, 2);
    ledger.topicCreated('empty', ID, 1);
    ledger.acknowledge('a', ledger.nextRecords('a', 3));
    ledger.nextRecords('a', 10);
    expect(ledger.topics()).toEqual([{ name: 'a', id: ID, acknowledged: [2, 1] }]);
  });

  it('does not accept a gap', () => {
    const ledger = new Ledger();
    ledger.topicCreated('a', ID, 1);
    expect(() => ledger.acknowledge('a', [seededRecord('a', 0, 1)])).toThrow(
      'Record 1 of a-0 is out of order: expected record 0',
    );
  });

  it('forgets a deleted topic, and the records of one that is created again', () => {
    const ledger = new Ledger();
    ledger.topicCreated('a', ID, 1);
    ledger.acknowledge('a', ledger.nextRecords('a', 1));
    ledger.topicDeleted('a');
    expect(ledger.topics()).toEqual([]);
    expect(() => ledger.nextRecords('a', 1)).toThrow('Topic a was not created by this run');
    ledger.topicCreated('a', 'another-id-------------', 1);
    expect(ledger.nextRecords('a', 1)[0]?.sequence).toBe(0);
  });
});

describe('seededRecord', () => {
  it('depends only on topic, partition and sequence, and on each of them', () => {
    expect(seededRecord('a', 1, 2)).toEqual(seededRecord('a', 1, 2));
    const values = [seededRecord('a', 1, 2), seededRecord('b', 1, 2), seededRecord('a', 2, 2), seededRecord('a', 1, 3)];
    expect(new Set(values.map(({ value }) => value)).size).toBe(4);
    expect(seededRecord('a', 1, 2).key).toBe('2');
  });
});
