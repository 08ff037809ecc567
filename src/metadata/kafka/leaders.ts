import { WaitTimedOut } from '../../errors.js';
import { Deadline, type DeadlineOptions } from '../../waiting/deadline.js';
import { compareText } from '../compare-text.js';
import type { TopicMetadata } from '../model.js';
import { type BrokerAccess, KafkaUnreachable, parseEndpoint, withBroker } from './connection.js';
import { type DescribedCluster, describeTopics, type TopicPartition } from './topics.js';

/** A partition that clients can neither write to nor read from. */
export interface LeaderlessPartition {
  readonly topic: string;
  readonly partition: number;
  /** -1: none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /**
   * The brokers that the response with this partition names: a broker that has died is named until its session ends.
   */
  readonly live: readonly number[];
}

/** What the brokers say of the leaders of all partitions, internal topics included. */
export interface Leadership {
  /** How many partitions there are. */
  readonly partitions: number;
  /** Those without a live leader that is in the ISR, by topic and number. */
  readonly leaderless: readonly LeaderlessPartition[];
}

/** How long one broker may take to answer one request, in milliseconds: a frozen one must not hold up the others. */
const ANSWER_MS = 2000;

/** Less than every leader epoch. */
const UNKNOWN_EPOCH = Number.NEGATIVE_INFINITY;

/** Not every partition has a leader, or no broker has answered: another attempt may find that all have one. */
class NotAllHaveLeaders extends Error {
  override readonly name = 'NotAllHaveLeaders';
}

/**
 * What must be known to the brokers: a broker that has just started knows the other brokers before it knows a topic.
 */
export type ExpectedPartitions = readonly Pick<TopicMetadata, 'name' | 'partitions'>[];

export interface LeadersOptions extends BrokerAccess, DeadlineOptions {
  readonly expected: ExpectedPartitions;
}

/**
 * Asks every broker for the leaders of all partitions, by Metadata v12, which brokers answer in ZooKeeper mode and in
 * KRaft mode. Elections take a moment, so it asks again until every partition has a leader, or the deadline is over. A
 * partition that no broker knows by then has no leader.
 * @returns the last answer; undefined: at the end no broker has answered, so that nothing is known.
 * @throws WaitAborted, UsageError for an address that is not one, EnvironmentError if a broker refuses.
 */
export async function awaitLeaders(options: LeadersOptions): Promise<Leadership | undefined> {
  const deadline = new Deadline(options);
  const endpoints = options.bootstrapServers.map(parseEndpoint);
  let last: Leadership | undefined;
  const attempt = async (): Promise<Leadership> => {
    const answerMs = Math.min(ANSWER_MS, deadline.remainingMs());
    const answers = await Promise.all(
      endpoints.map((endpoint) => ask(endpoint, { deadlineMs: answerMs, signal: options.signal })),
    );
    const answer = combined(
      answers.filter((one) => one !== undefined),
      options.expected,
    );
    // At the end of the deadline there may be no time left to answer.
    if (answer !== undefined || answerMs === ANSWER_MS) last = answer;
    if (answer === undefined || answer.leaderless.length > 0) {
      throw new NotAllHaveLeaders('not every partition has a leader');
    }
    return answer;
  };
  try {
    return await deadline.retry('a leader of every partition', attempt, (error) => error instanceof NotAllHaveLeaders);
  } catch (error) {
    if (!(error instanceof WaitTimedOut)) throw error;
    return last;
  }
}

/**
 * undefined: the broker does not answer. One that no controller has told about the cluster answers without brokers and
 * topics: then it knows no leader.
 */
async function ask(
  endpoint: ReturnType<typeof parseEndpoint>,
  options: DeadlineOptions,
): Promise<DescribedCluster | undefined> {
  try {
    return await withBroker(endpoint, new Deadline(options), (connection) => describeTopics(connection, undefined));
  } catch (error) {
    if (error instanceof KafkaUnreachable || error instanceof WaitTimedOut) return undefined;
    throw error;
  }
}

/**
 * What several brokers say together. Of each partition only the answers with its highest leader epoch count: a broker
 * that has missed an election knows an earlier leader. Of these, each must name a live leader: a broker that has not
 * been told that another one has died names it, too.
 * @returns undefined if there is no answer.
 */
export function combined(
  answers: readonly DescribedCluster[],
  expected: ExpectedPartitions = [],
): Leadership | undefined {
  if (answers.length === 0) return undefined;
  const newest = unknownTo(answers, expected);
  for (const { brokers, topics } of answers) {
    const live = [...brokers.keys()].sort((a, b) => a - b);
    for (const { name, partitions } of topics) {
      for (const partition of partitions) {
        const key = `${name}-${partition.partition}`;
        const before = newest.get(key);
        if (before !== undefined && before.epoch > partition.leaderEpoch) continue;
        const { leader, replicas, isr } = partition;
        const leaderless = hasLeader(partition, live)
          ? undefined
          : { topic: name, partition: partition.partition, leader, replicas, isr, live };
        const same = before?.epoch === partition.leaderEpoch ? before.leaderless : undefined;
        newest.set(key, { epoch: partition.leaderEpoch, leaderless: same ?? leaderless });
      }
    }
  }
  return {
    partitions: newest.size,
    leaderless: [...newest.values()]
      .flatMap(({ leaderless }) => (leaderless === undefined ? [] : [leaderless]))
      .sort((a, b) => compareText(a.topic, b.topic) || a.partition - b.partition),
  };
}

/** What is known of one partition so far. */
interface Known {
  readonly epoch: number;
  /** undefined: it has a leader. */
  readonly leaderless: LeaderlessPartition | undefined;
}

/** The expected partitions, as if no broker knew them: every answer about one counts for more. */
function unknownTo(answers: readonly DescribedCluster[], expected: ExpectedPartitions): Map<string, Known> {
  const live = [...new Set(answers.flatMap(({ brokers }) => [...brokers.keys()]))].sort((a, b) => a - b);
  return new Map(
    expected.flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partition, replicas }): readonly [string, Known] => [
        `${topic}-${partition}`,
        { epoch: UNKNOWN_EPOCH, leaderless: { topic, partition, leader: -1, replicas, isr: [], live } },
      ]),
    ),
  );
}

/**
 * Whether the partition has a leader that is among the live brokers of the same response, in the ISR and not offline.
 */
function hasLeader({ leader, isr, offline }: TopicPartition, live: readonly number[]): boolean {
  return leader >= 0 && live.includes(leader) && isr.includes(leader) && !offline.includes(leader);
}
