import { describe, expect, it } from '@jest/globals';
import { WaitTimedOut } from '../../../src/errors.js';
import type { ReadOutcome, ReadRequest, RecordsSource } from '../../../src/metadata/kafka/records-source.js';
import { Ledger, seededRecord } from '../../../src/metadata/ledger.js';
import { type ReadBackOptions, readBack } from '../../../src/metadata/records.js';

const ID = 'v33Ggdr0S4iHRvsHrGnJvA';

/** A ledger of one topic `a`. */
function ledgerOf(records: number, partitions = 1): Ledger {
  const ledger = new Ledger();
  ledger.topicCreated('a', ID, partitions);
  ledger.acknowledge('a', ledger.nextRecords('a', records));
  return ledger;
}

/** The outcome of reading a log with these sequences; the high watermark is the end of the log unless given. */
function log(
  request: ReadRequest,
  sequences: readonly number[],
  highWatermark = sequences.length,
  logStartOffset = 0n,
): ReadOutcome {
  const records = sequences.map((sequence) => seededRecord('a', request.partition, sequence));
  return {
    kind: 'records',
    records,
    nextOffset: request.offset + BigInt(records.length),
    highWatermark: BigInt(highWatermark),
    logStartOffset,
  };
}

/** Reads back with a clock that advances by 1 s a round, from a source that answers each request. */
async function read(
  ledger: Ledger,
  answer: (request: ReadRequest, round: number) => ReadOutcome,
  options: Partial<ReadBackOptions> = {},
) {
  let rounds = 0;
  const requests: ReadRequest[] = [];
  const source: RecordsSource = {
    read: async (asked) => {
      requests.push(...asked);
      const outcomes = asked.map((request) => answer(request, rounds));
      rounds += 1;
      return outcomes;
    },
  };
  const result = await readBack(
    ledger,
    { bootstrapServers: ['unused:1'], deadlineMs: 60_000, ...options },
    { source: () => source, now: () => rounds * 1000 },
  );
  return { result, requests, rounds };
}

describe('readBack', () => {
  it('finds all records of all partitions in one round', async () => {
    const { result, requests, rounds } = await read(ledgerOf(5, 2), (request) =>
      log(request, request.partition === 0 ? [0, 1, 2] : [0, 1]),
    );
    expect(result).toEqual([
      {
        topic: 'a',
        acknowledged: 5,
        readBack: 5,
        missing: [],
        logs: [
          { partition: 0, acknowledged: 3, start: 0, end: 3 },
          { partition: 1, acknowledged: 2, start: 0, end: 2 },
        ],
      },
    ]);
    expect(requests).toEqual([
      { topic: 'a', topicId: ID, partition: 0, offset: 0n },
      { topic: 'a', topicId: ID, partition: 1, offset: 0n },
    ]);
    expect(rounds).toBe(1);
  });

  it('asks for nothing when nothing was acknowledged', async () => {
    const ledger = new Ledger();
    ledger.topicCreated('a', ID, 1);
    const { result, rounds } = await read(ledger, () => ({ kind: 'absent', reason: 'never asked' }));
    expect(result).toEqual([]);
    expect(rounds).toBe(0);
  });

  it('continues where a response ended', async () => {
    const { result, requests } = await read(ledgerOf(4), (request) =>
      request.offset === 0n ? log(request, [0, 1], 4) : log(request, [2, 3], 4),
    );
    expect(result[0]).toMatchObject({ readBack: 4 });
    expect(requests.map(({ offset }) => offset)).toEqual([0n, 2n]);
  });

  it('asks again when a response had no room for a partition', async () => {
    const { result } = await read(ledgerOf(2), (request, round) => log(request, round === 0 ? [] : [0, 1], 2), {
      absentAfterMs: 0,
    });
    expect(result[0]).toMatchObject({ readBack: 2 });
  });

  it('counts a record that was written twice only once', async () => {
    const { result } = await read(ledgerOf(2), (request) => log(request, [0, 1, 0, 1]));
    expect(result[0]).toMatchObject({ acknowledged: 2, readBack: 2 });
  });

  it('detects a record missing in the middle, and one missing at the end', async () => {
    const { result, rounds } = await read(ledgerOf(4), (request) =>
      log(request, request.offset === 0n ? [0, 2] : [], 2),
    );
    expect(result).toEqual([
      {
        topic: 'a',
        acknowledged: 4,
        readBack: 2,
        missing: [
          'partition 0, key 1: the log ends at offset 2 without it',
          'partition 0, key 3: the log ends at offset 2 without it',
        ],
        logs: [{ partition: 0, acknowledged: 4, start: 0, end: 2 }],
      },
    ]);
    // Two seconds of absence, a second a round.
    expect(rounds).toBe(4);
  });

  it('says where a log starts and ends whose beginning was deleted', async () => {
    const { result } = await read(ledgerOf(4), (request) =>
      request.offset < 3n
        ? { kind: 'records', records: [], nextOffset: 3n, highWatermark: -1n, logStartOffset: 3n }
        : log(request, request.offset === 3n ? [3] : [], 4, 3n),
    );
    expect(result).toEqual([
      {
        topic: 'a',
        acknowledged: 4,
        readBack: 1,
        missing: [0, 1, 2].map((key) => `partition 0, key ${key}: the log goes from offset 3 to 4 without it`),
        logs: [{ partition: 0, acknowledged: 4, start: 3, end: 4 }],
      },
    ]);
  });

  it('does not count a record as missing that appears a moment later', async () => {
    const { result } = await read(ledgerOf(2), (request, round) =>
      round < 2 ? log(request, request.offset === 0n ? [0] : [], 1) : log(request, [1], 2),
    );
    expect(result[0]).toMatchObject({ readBack: 2, missing: [] });
  });

  it('detects an altered value', async () => {
    const { result } = await read(ledgerOf(1), () => ({
      kind: 'records',
      records: [{ key: '0', value: 'something else' }],
      nextOffset: 1n,
      highWatermark: 1n,
      logStartOffset: 0n,
    }));
    expect(result[0]).toMatchObject({
      readBack: 0,
      missing: ['partition 0, key 0: its value is not the one that was written'],
    });
  });

  it('does not count records of another partition', async () => {
    const { result } = await read(ledgerOf(1), () => ({
      kind: 'records',
      records: [{ ...seededRecord('a', 1, 0) }, { key: null, value: null }, { key: 'x', value: 'y' }],
      nextOffset: 3n,
      highWatermark: 3n,
      logStartOffset: 0n,
    }));
    expect(result[0]).toMatchObject({ readBack: 0 });
  });

  it('counts all records as missing, with five examples, when the topic is absent or has another id', async () => {
    const { result } = await read(ledgerOf(12, 2), () => ({ kind: 'absent', reason: 'the topic has another id' }));
    expect(result[0]).toMatchObject({ acknowledged: 12, readBack: 0 });
    expect(result[0]?.missing).toHaveLength(5);
    expect(result[0]?.missing[0]).toBe('partition 0, key 0: the topic has another id');
    expect(result[0]?.logs).toEqual([]);
  });

  it('believes a broker that does not know the topic only after a while', async () => {
    const { result } = await read(ledgerOf(1), (request, round) =>
      round < 2 ? { kind: 'absent', reason: 'unknown topic' } : log(request, [0]),
    );
    expect(result[0]).toMatchObject({ readBack: 1 });
  });

  it('retries for longer when a partition has no leader', async () => {
    const { result } = await read(ledgerOf(1), (request, round) =>
      round < 10 ? { kind: 'unavailable', reason: 'LEADER_NOT_AVAILABLE' } : log(request, [0]),
    );
    expect(result[0]).toMatchObject({ readBack: 1 });
  });

  it('names the partition and the reason when that lasts until the deadline', async () => {
    const reading = read(ledgerOf(1), () => ({ kind: 'unavailable', reason: 'LEADER_NOT_AVAILABLE' }), {
      deadlineMs: 3000,
    });
    await expect(reading).rejects.toThrow(WaitTimedOut);
    await expect(reading).rejects.toThrow(/timed out after 3 s waiting for the records of a-0; .*LEADER_NOT_AVAILABLE/);
  });
});
