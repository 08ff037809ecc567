import { type Admin, type Kafka, Partitioners } from 'kafkajs';
import { EnvironmentError, messageOf } from '../errors.js';
import { Deadline } from '../waiting/deadline.js';
import { Phases } from '../waiting/phases.js';
import { type BootstrapOptions, KafkaUnreachable, parseEndpoint, withBroker } from './kafka/connection.js';
import { brokerTimeoutMs, protocolErrorsOf, WorkUnfinished, withKafkaJs } from './kafka/kafkajs.js';
import { FetchSource } from './kafka/records-source.js';
import { type DescribedTopic, describeTopics } from './kafka/topics.js';
import type { Ledger } from './ledger.js';
import type { TopicSpec } from './topic-sets.js';

/** `deadlineMs` applies to each call, including its retries; `bootstrapServers` lists every broker. */
export interface ClientsOptions extends BootstrapOptions {
  readonly ledger: Ledger;
  /** Where the client library's warnings and errors go. Default: nowhere, because every call reports its failure. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A topic and how many records to write to it. */
export type RecordsToProduce = Pick<TopicSpec, 'name' | 'records'>;

const ALL_REPLICAS = -1;
const TOPIC_RESOURCE = 2;
const TOPIC_ALREADY_EXISTS = 'TOPIC_ALREADY_EXISTS';
const UNKNOWN_TOPIC_OR_PARTITION = 'UNKNOWN_TOPIC_OR_PARTITION';

/** The cluster does not show the result of a request yet. */
class NotYet extends Error {
  override readonly name = 'NotYet';
}

/**
 * The clients of the Kafka cluster's user: they create and delete topics and write records, and record in the ledger
 * what was acknowledged. Each call opens and closes its own connections, because brokers are restarted between calls.
 * Every call is repeated until its deadline while no broker, leader or controller is available; it rejects with
 * WaitTimedOut that says what it waited for and what the last failure was, with WaitAborted, or with EnvironmentError
 * when Kafka refuses it permanently.
 */
export class Clients {
  readonly #options: ClientsOptions;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  /**
   * Creates the topics, and waits until every reachable broker knows them and every leader serves them.
   * Writes no records.
   * @throws EnvironmentError when a topic exists already, or a configuration is invalid.
   */
  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    await withPhases((phases) => this.#createTopics(specs, phases));
  }

  async #createTopics(specs: readonly TopicSpec[], phases: Phases): Promise<void> {
    if (specs.length === 0) return;
    const deadline = new Deadline(this.#options);
    const names = specs.map((spec) => spec.name);
    let sent = false;
    let pending = specs;
    await phases.measure('creating the topics', () =>
      this.#asAdmin(deadline, `to create ${namesOf(names)}`, async (admin) => {
        const first = !sent;
        sent = true;
        const existing = await topicsThatExist(admin, pending, deadline);
        if (existing.length === 0) return;
        if (first) throw alreadyExists(existing);
        // After a request whose response was lost, or that succeeded in part, these are the topics of that request.
        pending = pending.filter((spec) => !existing.includes(spec.name));
        if (pending.length > 0)
          throw new WorkUnfinished(`${namesOf(pending.map((spec) => spec.name))} not created yet`);
      }),
    );
    const usable = await phases.measure('waiting for every broker and leader to know them', () =>
      this.#untilUsable(names, deadline),
    );
    for (const topic of usable) {
      this.#options.ledger.topicCreated(topic.name, topic.id, topic.partitions.length);
    }
  }

  /**
   * Deletes the topic, and waits until no reachable broker knows it and its name is free again: a controller in
   * ZooKeeper mode deletes the znode last (measured, Kafka 3.9.0). In dual-write, ZooKeeper may still show it for a
   * moment.
   * @throws EnvironmentError when there is no such topic.
   */
  async deleteTopic(name: string): Promise<void> {
    const deadline = new Deadline(this.#options);
    let sent = false;
    await this.#asAdmin(deadline, `to delete topic ${name}`, async (admin) => {
      const sentBefore = sent;
      sent = true;
      try {
        await admin.deleteTopics({ topics: [name], timeout: brokerTimeoutMs(deadline) });
      } catch (error) {
        if (!protocolErrorsOf(error).some(({ type }) => type === UNKNOWN_TOPIC_OR_PARTITION)) throw error;
        // An earlier attempt whose response was lost has deleted it.
        if (!sentBefore) throw new EnvironmentError(`Topic ${name} cannot be deleted: it does not exist`);
      }
    });
    await this.#untilGone(name, deadline);
    this.#options.ledger.topicDeleted(name);
  }

  /** Writes records to one topic: see `produceAll`. */
  async produce(topic: string, records: number): Promise<void> {
    await this.produceAll([{ name: topic, records }]);
  }

  /**
   * Writes records to topics that these clients created, in one request to each leader, and resolves when all in-sync
   * replicas have acknowledged all of them. Only then are they in the ledger. A repeated request may write a
   * record twice.
   */
  async produceAll(topics: readonly RecordsToProduce[]): Promise<void> {
    const { ledger } = this.#options;
    const batches = topics
      .filter((topic) => topic.records > 0)
      .map((topic) => ({ topic: topic.name, records: ledger.nextRecords(topic.name, topic.records) }));
    if (batches.length === 0) return;
    const deadline = new Deadline(this.#options);
    const topicMessages = batches.map(({ topic, records }) => ({
      topic,
      messages: records.map(({ partition, key, value }) => ({ partition, key, value })),
    }));
    await withKafkaJs(
      this.#options,
      deadline,
      `to write records to ${namesOf(batches.map((batch) => batch.topic))}`,
      openProducer,
      (producer) => producer.sendBatch({ acks: ALL_REPLICAS, timeout: brokerTimeoutMs(deadline), topicMessages }),
    );
    for (const { topic, records } of batches) ledger.acknowledge(topic, records);
  }

  /** Creates the topics of a group and writes their records. */
  async seed(specs: readonly TopicSpec[]): Promise<void> {
    await withPhases(async (phases) => {
      await this.#createTopics(specs, phases);
      await phases.measure('writing the records', () => this.produceAll(specs));
    });
  }

  /** Replaces all of a topic's overrides with these. */
  async alterConfigs(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await this.#asAdmin(new Deadline(this.#options), `to alter the configuration of topic ${topic}`, async (admin) => {
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configEntries }];
      await admin.alterConfigs({ validateOnly: false, resources });
    });
  }

  #asAdmin<T>(deadline: Deadline, what: string, work: (admin: Admin) => Promise<T>): Promise<T> {
    return withKafkaJs(this.#options, deadline, what, (kafka) => kafka.admin(), work);
  }

  async #untilUsable(names: readonly string[], deadline: Deadline): Promise<readonly DescribedTopic[]> {
    return deadline.retry(
      `every broker to know ${namesOf(names)} and every leader to serve them`,
      async () => {
        const answers = await this.#describeOnEveryBroker(names, deadline);
        for (const { address, topics } of answers) checkKnown(address, names, topics);
        const topics = answers[0]?.topics ?? [];
        await this.#checkServed(topics, deadline);
        return topics;
      },
      (error) => error instanceof NotYet,
    );
  }

  /**
   * A broker shows a leader in its metadata a moment before that leader takes requests (measured, Kafka 3.9.0 in KRaft
   * mode).
   */
  async #checkServed(topics: readonly DescribedTopic[], deadline: Deadline): Promise<void> {
    const source = new FetchSource(this.#options, deadline);
    const requests = topics.flatMap(({ name, id, partitions }) =>
      partitions.map(({ partition }) => ({ topic: name, topicId: id, partition, offset: 0n })),
    );
    for (const outcome of await source.read(requests)) if (outcome.kind !== 'records') throw new NotYet(outcome.reason);
  }

  async #untilGone(name: string, deadline: Deadline): Promise<void> {
    await deadline.retry(
      `topic ${name} to disappear from every broker's metadata`,
      async () => {
        const answers = await this.#describeOnEveryBroker([name], deadline);
        const knowing = answers.find((answer) => answer.topics.length > 0);
        if (knowing !== undefined) throw new NotYet(`the broker at ${knowing.address} still knows it`);
      },
      (error) => error instanceof NotYet,
    );
    await this.#asAdmin(deadline, `to release the name of topic ${name}`, async (admin) => {
      const free = await admin.createTopics({ topics: [{ topic: name }], validateOnly: true, waitForLeaders: false });
      if (!free) throw new WorkUnfinished('the controller has not deleted it yet');
    });
  }

  /** The responses of the reachable brokers: at least one. */
  async #describeOnEveryBroker(names: readonly string[], deadline: Deadline): Promise<readonly BrokersTopics[]> {
    const asked = await Promise.allSettled(
      this.#options.bootstrapServers.map((address) =>
        withBroker(parseEndpoint(address), deadline, async (connection) => {
          const { topics } = await describeTopics(connection, names);
          return { address, topics };
        }),
      ),
    );
    const failures: unknown[] = asked.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    const serious = failures.find((failure) => !(failure instanceof KafkaUnreachable));
    if (serious !== undefined) throw serious;
    const answers = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    if (answers.length === 0) throw new NotYet(failures.map(messageOf).join('; '));
    return answers;
  }
}

/** Does work in measured parts: if a wait times out, the error says how long each part took. */
async function withPhases(work: (phases: Phases) => Promise<void>): Promise<void> {
  const phases = new Phases();
  try {
    await work(phases);
  } catch (error) {
    throw phases.explain(error);
  }
}

interface BrokersTopics {
  readonly address: string;
  readonly topics: readonly DescribedTopic[];
}

function openProducer(kafka: Kafka) {
  return kafka.producer({ allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
}

/** Creates the topics. Returns the names of those that existed, if Kafka refused for that reason. */
async function topicsThatExist(
  admin: Admin,
  specs: readonly TopicSpec[],
  deadline: Deadline,
): Promise<readonly string[]> {
  const topics = specs.map((spec) => ({
    topic: spec.name,
    numPartitions: spec.partitions,
    replicationFactor: spec.replicationFactor,
    configEntries: Object.entries(spec.configs).map(([name, value]) => ({ name, value })),
  }));
  try {
    const created = await admin.createTopics({ topics, waitForLeaders: false, timeout: brokerTimeoutMs(deadline) });
    // kafkajs rejects if some of them exist, and resolves to false if all do.
    return created ? [] : specs.map((spec) => spec.name);
  } catch (error) {
    const existing = protocolErrorsOf(error).filter(({ type }) => type === TOPIC_ALREADY_EXISTS);
    if (existing.length === 0) throw error;
    return existing.map(({ topic }) => topic ?? '');
  }
}

function alreadyExists(topics: readonly string[]): EnvironmentError {
  const [exist, them] = topics.length === 1 ? ['it already exists', 'it'] : ['they already exist', 'them'];
  return new EnvironmentError(`Cannot create ${namesOf(topics)}: ${exist}, and this run did not create ${them}`);
}

function checkKnown(address: string, names: readonly string[], topics: readonly DescribedTopic[]): void {
  const known = new Map(topics.map((topic) => [topic.name, topic]));
  for (const name of names) {
    const partitions = known.get(name)?.partitions;
    if (partitions === undefined) throw new NotYet(`the broker at ${address} does not know topic ${name}`);
    const orphan = partitions.find((partition) => partition.leader < 0);
    if (orphan !== undefined)
      throw new NotYet(`the broker at ${address} reports no leader of ${name}-${orphan.partition}`);
  }
}

function namesOf(topics: readonly string[]): string {
  return `${topics.length === 1 ? 'topic' : 'topics'} ${topics.join(', ')}`;
}
