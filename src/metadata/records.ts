import { Deadline } from '../waiting/deadline.js';
import type { BootstrapOptions, BrokerAccess } from './kafka/connection.js';
import {
  FetchSource,
  type ReadOutcome,
  type ReadRecord,
  type ReadRequest,
  type RecordsSource,
} from './kafka/records-source.js';
import { type Ledger, type LedgerTopic, seededRecord } from './ledger.js';
import type { LogExtent, RecordsReadBack } from './model.js';

export interface ReadBackOptions extends BootstrapOptions {
  /**
   * Milliseconds for which a topic must be unknown, or a record absent, before it counts as missing: a broker that has
   * just started may not know its topics yet, and shows no more of a log than it knows to be replicated. Default 2000;
   * at most half of the deadline.
   */
  readonly absentAfterMs?: number;
}

/** What `readBack` uses; tests replace it. */
export interface ReadBackParts {
  readonly source: (access: BrokerAccess, deadline: Deadline) => RecordsSource;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

const ABSENT_AFTER_MS = 2000;
const PAUSE_MS = 50;
const EXAMPLES = 5;
const REAL_PARTS: ReadBackParts = {
  source: (access, deadline) => new FetchSource(access, deadline),
  now: () => performance.now(),
};

/**
 * Reads every acknowledged record of the ledger's topics back, by topic id and without a consumer group (which would
 * create `__consumer_offsets`). A topic that was created again under the same name has another id, and none of the
 * deleted topic's records. Retriable errors (no leader, a broker that is down) are retried until the deadline.
 *
 * @returns one entry for each topic with acknowledged records, in order of creation. A record counts as missing only
 * if the brokers did not have it for the whole of `absentAfterMs`.
 * @throws WaitTimedOut that names the partition and the last response when a partition could not be read before the
 * deadline, WaitAborted.
 */
export async function readBack(
  ledger: Pick<Ledger, 'topics'>,
  options: ReadBackOptions,
  { source: openSource, now }: ReadBackParts = REAL_PARTS,
): Promise<RecordsReadBack[]> {
  const absentAfterMs = Math.min(options.absentAfterMs ?? ABSENT_AFTER_MS, options.deadlineMs / 2);
  const deadline = new Deadline(options, now);
  const source = openSource(options, deadline);
  const topics = ledger.topics();
  const partitions = topics.flatMap((topic) =>
    topic.acknowledged.flatMap((count, number) => (count > 0 ? [new PartitionReadBack(topic, number, count)] : [])),
  );
  for (;;) {
    const open = partitions.filter((partition) => !partition.closed);
    if (open.length === 0) break;
    const stuck = open.find((partition) => partition.problem !== undefined);
    deadline.check(`the records of ${(stuck ?? open[0])?.label}`, stuck?.problem);
    const outcomes = await source.read(open.map((partition) => partition.request()));
    let advanced = false;
    for (const [i, partition] of open.entries()) {
      const outcome = outcomes[i];
      if (outcome !== undefined && partition.take(outcome, now(), absentAfterMs)) advanced = true;
    }
    if (!advanced) await deadline.pause(PAUSE_MS, 'records to be readable');
  }
  return topics.map((topic) =>
    summary(
      topic,
      partitions.filter((partition) => partition.topic === topic),
    ),
  );
}

/** The progress of reading back one partition. */
class PartitionReadBack {
  readonly topic: LedgerTopic;
  readonly label: string;
  readonly #partition: number;
  readonly #acknowledged: number;
  readonly #found = new Set<number>();
  readonly #altered = new Set<number>();
  #offset = 0n;
  #log: Pick<LogExtent, 'start' | 'end'> | undefined;
  #absent: { readonly since: number; readonly reason: string } | undefined;
  #closed = false;
  #problem: string | undefined;

  constructor(topic: LedgerTopic, partition: number, acknowledged: number) {
    this.topic = topic;
    this.label = `${topic.name}-${partition}`;
    this.#partition = partition;
    this.#acknowledged = acknowledged;
  }

  /** Whether every record was found or is certainly missing. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Why it cannot be read at present. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get found(): number {
    return this.#found.size;
  }

  /** The extent of its log; undefined: it could not be read. */
  get log(): LogExtent | undefined {
    return this.#log && { partition: this.#partition, acknowledged: this.#acknowledged, ...this.#log };
  }

  request(): ReadRequest {
    return { topic: this.topic.name, topicId: this.topic.id, partition: this.#partition, offset: this.#offset };
  }

  /** @returns whether this made progress. */
  take(outcome: ReadOutcome, now: number, absentAfterMs: number): boolean {
    this.#problem = outcome.kind === 'unavailable' ? outcome.reason : undefined;
    if (outcome.kind === 'unavailable') return false;
    if (outcome.kind === 'absent') return this.#missing(outcome.reason, now, absentAfterMs);
    for (const record of outcome.records) this.#verify(record);
    this.#log = { start: Number(outcome.logStartOffset), end: Number(outcome.highWatermark) };
    const moved = outcome.nextOffset !== this.#offset;
    this.#offset = outcome.nextOffset;
    if (this.#found.size === this.#acknowledged) {
      this.#closed = true;
      return true;
    }
    if (moved || outcome.nextOffset < outcome.highWatermark) {
      // There is more to read: the size of a response is limited.
      this.#absent = undefined;
      return moved;
    }
    const { logStartOffset: start, highWatermark: end } = outcome;
    const reason = start === 0n ? `the log ends at offset ${end}` : `the log goes from offset ${start} to ${end}`;
    return this.#missing(`${reason} without it`, now, absentAfterMs);
  }

  /** Up to `limit` of what is missing: `partition 1, key 17: ...`. */
  examples(limit: number): readonly string[] {
    const missing: string[] = [];
    for (let sequence = 0; sequence < this.#acknowledged && missing.length < limit; sequence++) {
      if (this.#found.has(sequence)) continue;
      const reason = this.#altered.has(sequence) ? 'its value is not the one that was written' : this.#absent?.reason;
      missing.push(`partition ${this.#partition}, key ${sequence}${reason === undefined ? '' : `: ${reason}`}`);
    }
    return missing;
  }

  #missing(reason: string, now: number, absentAfterMs: number): boolean {
    this.#absent = { since: this.#absent?.since ?? now, reason };
    this.#closed = now - this.#absent.since >= absentAfterMs;
    return this.#closed;
  }

  #verify({ key, value }: ReadRecord): void {
    if (key === null || !/^\d+$/.test(key)) return;
    const sequence = Number(key);
    if (sequence >= this.#acknowledged) return;
    if (value === seededRecord(this.topic.name, this.#partition, sequence).value) this.#found.add(sequence);
    else this.#altered.add(sequence);
  }
}

function summary(topic: LedgerTopic, partitions: readonly PartitionReadBack[]): RecordsReadBack {
  const missing: string[] = [];
  for (const partition of partitions) missing.push(...partition.examples(EXAMPLES - missing.length));
  return {
    topic: topic.name,
    acknowledged: topic.acknowledged.reduce((sum, count) => sum + count, 0),
    readBack: partitions.reduce((sum, partition) => sum + partition.found, 0),
    missing,
    logs: partitions.flatMap(({ log }) => (log === undefined ? [] : [log])),
  };
}
