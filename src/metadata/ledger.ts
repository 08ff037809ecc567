import { createHash } from 'node:crypto';

/**
 * The topic that records were acknowledged for: by its id, so that another topic of the same name is not mistaken for
 * it.
 */
export interface LedgerTopic {
  readonly name: string;
  /** 22 characters, base64url. */
  readonly id: string;
  /** How many records were acknowledged, by partition: those with the sequences 0 to n-1. */
  readonly acknowledged: readonly number[];
}

/** A record that the harness writes: its content follows from its topic, partition and sequence. */
export interface SeededRecord {
  readonly partition: number;
  /** Counts from 0 in each partition. */
  readonly sequence: number;
  readonly key: string;
  readonly value: string;
}

/** Remembers what was acknowledged to the harness's clients in one run. */
export class Ledger {
  readonly #topics = new Map<string, { readonly id: string; readonly acknowledged: number[] }>();

  /** The topic was created (or created again: what was acknowledged for the deleted topic is forgotten). */
  topicCreated(name: string, id: string, partitions: number): void {
    this.#topics.set(name, { id, acknowledged: Array.from({ length: partitions }, () => 0) });
  }

  /** The user deleted the topic: none of its records are read back any more. */
  topicDeleted(name: string): void {
    this.#topics.delete(name);
  }

  /**
   * The records that come next, spread evenly over the topic's partitions. They count as acknowledged only once they
   * are given to `acknowledge`.
   * @throws Error when the topic was not created by the run.
   */
  nextRecords(name: string, count: number): readonly SeededRecord[] {
    const next = [...this.#topic(name).acknowledged];
    return Array.from({ length: count }, (_, i) => {
      const partition = i % next.length;
      const sequence = next[partition] ?? 0;
      next[partition] = sequence + 1;
      return seededRecord(name, partition, sequence);
    });
  }

  /**
   * The broker acknowledged these records.
   * @throws Error when they are not the next ones of their partitions: a gap could not be distinguished from a loss.
   */
  acknowledge(name: string, records: readonly SeededRecord[]): void {
    const { acknowledged } = this.#topic(name);
    for (const { partition, sequence } of records) {
      if (acknowledged[partition] !== sequence) {
        throw new Error(
          `Record ${sequence} of ${name}-${partition} is out of order: expected record ${acknowledged[partition]}`,
        );
      }
      acknowledged[partition] = sequence + 1;
    }
  }

  /** The topics that records were acknowledged for, in order of creation. */
  topics(): readonly LedgerTopic[] {
    return [...this.#topics]
      .filter(([, { acknowledged }]) => acknowledged.some((count) => count > 0))
      .map(([name, { id, acknowledged }]) => ({ name, id, acknowledged: [...acknowledged] }));
  }

  #topic(name: string): { readonly id: string; readonly acknowledged: number[] } {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new Error(`Topic ${name} was not created by this run`);
    return topic;
  }
}

/** The record at this position. Its key is the sequence; its value depends only on topic, partition and sequence. */
export function seededRecord(topic: string, partition: number, sequence: number): SeededRecord {
  const place = `${topic}-${partition}@${sequence}`;
  const check = createHash('sha256').update(place).digest('hex').slice(0, 32);
  return { partition, sequence, key: String(sequence), value: `${place} ${check}` };
}
