import { EnvironmentError, messageOf } from '../../errors.js';
import type { Deadline } from '../../waiting/deadline.js';
import {
  type BrokerAccess,
  type Endpoint,
  type KafkaConnection,
  KafkaUnreachable,
  withAnyBroker,
  withBroker,
} from './connection.js';
import { type DescribedCluster, describeTopics, idFromUuid, uuidFromId } from './topics.js';

/** The position in a log to read from. */
export interface ReadRequest {
  readonly topic: string;
  /** 22 characters, base64url. The id identifies the topic even if another topic has its name now. */
  readonly topicId: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A record as stored in a log; text is UTF-8. */
export interface ReadRecord {
  readonly key: string | null;
  readonly value: string | null;
}

export type ReadOutcome =
  | {
      readonly kind: 'records';
      readonly records: readonly ReadRecord[];
      /** Where to continue. Another fetch is needed while it is below the high watermark. */
      readonly nextOffset: bigint;
      readonly highWatermark: bigint;
      /** The first offset that the log still has: what lies before it was deleted. */
      readonly logStartOffset: bigint;
    }
  /** A broker says that no topic has this id. */
  | { readonly kind: 'absent'; readonly reason: string }
  /** Unknown at present; a later attempt may succeed. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** Where records are read from. */
export interface RecordsSource {
  /** One round: an outcome for each request, in their order. */
  read(requests: readonly ReadRequest[]): Promise<readonly ReadOutcome[]>;
}

const NONE = 0;
const OFFSET_OUT_OF_RANGE = 1;
/** UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID (Kafka 3.9.0, `Errors.java`). */
const NO_SUCH_TOPIC: ReadonlySet<number> = new Set([3, 100, 103]);
const CONTROL_BATCH = 1 << 5;
const NO_SESSION = { id: 0, epoch: -1 } as const;
const READ_UNCOMMITTED = 0;
const CONSUMER = -1;
const ANY_EPOCH = -1;
const EARLIEST = -2n;
const MAX_BYTES = 50 * 1024 * 1024;
const MAX_PARTITION_BYTES = 4 * 1024 * 1024;

/**
 * Reads from the partitions' leaders by Fetch v15, which names topics by id (KIP-516, v13 and later; Kafka 3.8.1 to
 * 3.9.2 have v15): one Metadata request, and then one Fetch request to each leader for all its partitions.
 */
export class FetchSource implements RecordsSource {
  readonly #access: BrokerAccess;
  readonly #deadline: Deadline;
  #rounds = 0;

  constructor(access: BrokerAccess, deadline: Deadline) {
    this.#access = access;
    this.#deadline = deadline;
  }

  async read(requests: readonly ReadRequest[]): Promise<readonly ReadOutcome[]> {
    // Each round starts with another broker: after a failed migration, brokers may not know the same topics.
    const { bootstrapServers } = this.#access;
    const first = this.#rounds++ % Math.max(1, bootstrapServers.length);
    const servers = [...bootstrapServers.slice(first), ...bootstrapServers.slice(0, first)];
    const topics = [...new Set(requests.map((request) => request.topic))];
    const { address, cluster } = await withAnyBroker(
      servers,
      this.#deadline,
      'the leaders of partitions',
      async (broker) => ({
        address: broker.address,
        cluster: await describeTopics(broker, topics),
      }),
    );
    const outcomes = new Map<ReadRequest, ReadOutcome>();
    const byLeader = new Map<Endpoint, ReadRequest[]>();
    for (const request of requests) {
      const place = locate(request, cluster, address);
      if ('kind' in place) outcomes.set(request, place);
      else byLeader.set(place, [...(byLeader.get(place) ?? []), request]);
    }
    await Promise.all(
      [...byLeader].map(async ([leader, asked]) => {
        for (const [request, outcome] of await this.#fetchFrom(leader, asked)) outcomes.set(request, outcome);
      }),
    );
    return requests.map((request) => outcomes.get(request) ?? unavailable('its leader omitted it from the response'));
  }

  async #fetchFrom(leader: Endpoint, requests: readonly ReadRequest[]): Promise<ReadonlyMap<ReadRequest, ReadOutcome>> {
    const endpoint = this.#access.reach?.(leader) ?? leader;
    try {
      return await withBroker(endpoint, this.#deadline, (broker) => fetchAll(broker, requests));
    } catch (error) {
      if (!(error instanceof KafkaUnreachable)) throw error;
      return this.#fetchEach(endpoint, requests, messageOf(error));
    }
  }

  /**
   * A broker whose log segment is shorter than its index says closes the connection in the middle of a response, so one
   * damaged partition would hide all others of the broker. Each is therefore fetched by itself. The records of one that
   * fails although the broker responds to another request are absent.
   */
  async #fetchEach(
    endpoint: Endpoint,
    requests: readonly ReadRequest[],
    problem: string,
  ): Promise<ReadonlyMap<ReadRequest, ReadOutcome>> {
    const outcomes = new Map<ReadRequest, ReadOutcome>();
    for (const request of requests) {
      const outcome = await this.#fetchOne(endpoint, request);
      if (outcome.kind === 'unavailable') return new Map(requests.map((each) => [each, unavailable(problem)]));
      outcomes.set(request, outcome);
    }
    return outcomes;
  }

  async #fetchOne(endpoint: Endpoint, request: ReadRequest): Promise<ReadOutcome> {
    try {
      const outcomes = await withBroker(endpoint, this.#deadline, (broker) => fetchAll(broker, [request]));
      return outcomes.get(request) ?? unavailable('its leader omitted it from the response');
    } catch (error) {
      if (!(error instanceof KafkaUnreachable)) throw error;
      const responds = await this.#responds(endpoint, request.topic);
      return responds
        ? absent(`${messageOf(error)} (but it responds to other requests)`)
        : unavailable(messageOf(error));
    }
  }

  async #responds(endpoint: Endpoint, topic: string): Promise<boolean> {
    try {
      await withBroker(endpoint, this.#deadline, (broker) => describeTopics(broker, [topic]));
      return true;
    } catch (error) {
      if (!(error instanceof KafkaUnreachable)) throw error;
      return false;
    }
  }
}

/** The leader's endpoint, or why there is none. Equal endpoints are the same object. */
function locate(
  { topic, topicId, partition }: ReadRequest,
  cluster: DescribedCluster,
  address: string,
): Endpoint | ReadOutcome {
  const known = cluster.topics.find((described) => described.name === topic);
  if (known === undefined) return absent(`the broker at ${address} does not know the topic`);
  if (known.id !== topicId) return absent(`the topic now has the id ${known.id}, not ${topicId}`);
  const leader = known.partitions.find((described) => described.partition === partition)?.leader;
  if (leader === undefined) return absent(`the broker at ${address} does not know the partition`);
  return cluster.brokers.get(leader) ?? unavailable(`the broker at ${address} reports no leader`);
}

async function fetchAll(
  broker: KafkaConnection,
  requests: readonly ReadRequest[],
): Promise<ReadonlyMap<ReadRequest, ReadOutcome>> {
  const byTopic = new Map<string, ReadRequest[]>();
  for (const request of requests) byTopic.set(request.topicId, [...(byTopic.get(request.topicId) ?? []), request]);
  const { fetchV15 } = broker.protocol;
  const response = await broker.request(
    'Fetch',
    fetchV15.api,
    0, // Do not wait for more records.
    0,
    MAX_BYTES,
    READ_UNCOMMITTED,
    NO_SESSION.id,
    NO_SESSION.epoch,
    [...byTopic].map(([topicId, asked]) => ({
      topicId: uuidFromId(topicId),
      partitions: asked.map(({ partition, offset }) => ({
        partition,
        currentLeaderEpoch: ANY_EPOCH,
        fetchOffset: offset,
        lastFetchedEpoch: ANY_EPOCH,
        partitionMaxBytes: MAX_PARTITION_BYTES,
      })),
    })),
    [],
    '',
  );
  if (response.errorCode !== NONE) {
    const error = broker.errorName(response.errorCode);
    if (!broker.isRetriable(response.errorCode))
      throw new EnvironmentError(`The broker at ${broker.address} refuses to serve records: ${error}`);
    return new Map(requests.map((request) => [request, unavailable(`${broker.address} responds with ${error}`)]));
  }
  const outcomes = new Map<ReadRequest, ReadOutcome>();
  for (const { topicId, partitions } of response.responses) {
    const asked = byTopic.get(idFromUuid(topicId)) ?? [];
    for (const answer of partitions) {
      const request = asked.find(({ partition }) => partition === answer.partitionIndex);
      if (request === undefined) continue;
      outcomes.set(
        request,
        answer.errorCode === OFFSET_OUT_OF_RANGE
          ? await restart(broker, request, answer.highWatermark)
          : outcomeOf(broker, request, answer),
      );
    }
  }
  return outcomes;
}

interface PartitionAnswer {
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly logStartOffset: bigint;
  readonly records?: readonly {
    readonly firstOffset: bigint;
    readonly lastOffsetDelta: number;
    readonly attributes: number;
    readonly records: readonly {
      readonly offsetDelta: number;
      readonly key: Buffer | null;
      readonly value: Buffer | null;
    }[];
  }[];
}

/**
 * The records from the requested offset on. A broker returns whole batches, as they are in its log: the first one may
 * begin before the requested offset, and may have records that were deleted. A consumer drops them (Kafka 3.9.0,
 * `CompletedFetch.java`, nextFetchedRecord), and so does this.
 */
function outcomeOf(broker: KafkaConnection, request: ReadRequest, answer: PartitionAnswer): ReadOutcome {
  if (answer.errorCode !== NONE) return failed(broker, answer.errorCode);
  const batches = answer.records ?? [];
  const last = batches.at(-1);
  return {
    kind: 'records',
    records: batches
      .filter((batch) => (batch.attributes & CONTROL_BATCH) === 0)
      .flatMap(({ firstOffset, records }) =>
        records
          .filter(({ offsetDelta }) => firstOffset + BigInt(offsetDelta) >= request.offset)
          .map(({ key, value }) => ({ key: text(key), value: text(value) })),
      ),
    nextOffset: last === undefined ? request.offset : last.firstOffset + BigInt(last.lastOffsetDelta) + 1n,
    highWatermark: answer.highWatermark,
    logStartOffset: answer.logStartOffset,
  };
}

/** The log does not contain the offset, or no longer does: reading continues at the start of the log. */
async function restart(broker: KafkaConnection, request: ReadRequest, highWatermark: bigint): Promise<ReadOutcome> {
  const { listOffsetsV8 } = broker.protocol;
  const partition = { partitionIndex: request.partition, currentLeaderEpoch: ANY_EPOCH, timestamp: EARLIEST };
  const topics = [{ name: request.topic, partitions: [partition] }];
  const response = await broker.request('ListOffsets', listOffsetsV8.api, CONSUMER, READ_UNCOMMITTED, topics);
  const answer = response.topics[0]?.partitions[0];
  if (answer === undefined) return unavailable(`${broker.address} does not report the start of the log`);
  if (answer.errorCode !== NONE) return failed(broker, answer.errorCode);
  const start = answer.offset;
  return { kind: 'records', records: [], nextOffset: start, highWatermark, logStartOffset: start };
}

/** @throws EnvironmentError for an error code that is not retriable. */
function failed(broker: KafkaConnection, code: number): ReadOutcome {
  const reason = `${broker.address} responds with ${broker.errorName(code)}`;
  if (NO_SUCH_TOPIC.has(code)) return absent(reason);
  if (broker.isRetriable(code)) return unavailable(reason);
  throw new EnvironmentError(`Records cannot be read back: the broker at ${reason}`);
}

function absent(reason: string): ReadOutcome {
  return { kind: 'absent', reason };
}

function unavailable(reason: string): ReadOutcome {
  return { kind: 'unavailable', reason };
}

function text(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString();
}
