import type { Cluster } from '../cluster/cluster.js';
import { UsageError } from '../errors.js';
import type { Journal } from '../journal/journal.js';
import { Ledger } from '../metadata/ledger.js';
import { describeUnreadable } from '../metadata/losses.js';
import type { DeletedTopic, MetadataSnapshot, TopicMetadata } from '../metadata/model.js';
import type { Clients, ClientsOptions } from '../metadata/seeding.js';
import { TOPIC_GROUPS, type TopicGroup, type TopicSet } from '../metadata/topic-sets.js';
import type { Topics } from './scenario.js';

/** What RunTopics needs of Kafka's clients. */
export type TopicClients = Pick<Clients, 'seed' | 'alterConfigs' | 'deleteTopic'>;

/** The topics of a run: what the scenario's clients do to them, and which topics must therefore exist. */
export class RunTopics implements Topics {
  readonly ledger = new Ledger();
  readonly #cluster: Cluster;
  readonly #set: TopicSet;
  readonly #journal: Journal;
  readonly #signal: AbortSignal;
  readonly #snapshot: () => Promise<MetadataSnapshot>;
  readonly #deadlineMs: number;
  readonly #connect: (options: ClientsOptions) => TopicClients;
  readonly #expected = new Map<string, TopicMetadata>();
  readonly #deleted = new Map<string, DeletedTopic>();

  /**
   * @param snapshot reads the metadata that is authoritative now.
   * @param deadlineMs of one action of a client, in milliseconds. @param connect creates the clients of one call.
   */
  constructor(
    cluster: Cluster,
    set: TopicSet,
    journal: Journal,
    signal: AbortSignal,
    snapshot: () => Promise<MetadataSnapshot>,
    deadlineMs: number,
    connect: (options: ClientsOptions) => TopicClients,
  ) {
    this.#cluster = cluster;
    this.#set = set;
    this.#journal = journal;
    this.#signal = signal;
    this.#snapshot = snapshot;
    this.#deadlineMs = deadlineMs;
    this.#connect = connect;
  }

  /** Topics that were created and not deleted, as first seen after their creation. In order of name. */
  expected(): readonly TopicMetadata[] {
    return [...this.#expected.values()].sort(byName);
  }

  /** Topics whose deletion has finished and that were not created again. In order of name. */
  deleted(): readonly DeletedTopic[] {
    return [...this.#deleted.values()].sort(byName);
  }

  isExpected(name: string): boolean {
    return this.#expected.has(name);
  }

  async create(group: TopicGroup): Promise<void> {
    if (!TOPIC_GROUPS.includes(group)) {
      throw new UsageError(`there is no topic group "${group}"; the groups are ${TOPIC_GROUPS.join(', ')}`);
    }
    const specs = this.#set[group];
    for (const { name } of specs) this.#deleted.delete(name);
    await this.#clients().seed(specs);
    const snapshot = await this.#snapshot();
    for (const spec of specs) {
      const damaged = snapshot.unreadable?.find(({ topic }) => topic === spec.name);
      if (damaged !== undefined) throw new Error(`${spec.name} was created, but ${describeUnreadable(damaged)}`);
      const topic = snapshot.topics.find(({ name }) => name === spec.name);
      if (topic === undefined)
        throw new Error(`${spec.name} was created and acknowledged, but is missing in ${snapshot.source}`);
      this.#expected.set(spec.name, topic);
      this.#journal.write({ type: 'client-action', action: 'create-topic', topic: spec.name });
      if (spec.records > 0) {
        this.#journal.write({ type: 'client-action', action: 'produce', topic: spec.name, records: spec.records });
      }
    }
  }

  async alter(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const known = this.#expected.get(topic);
    if (known === undefined) throw new UsageError(`the scenario alters the topic ${topic}, which does not exist`);
    this.#expected.set(topic, { ...known, configs });
    this.#journal.write({ type: 'client-action', action: 'alter-topic', topic });
    await this.#clients().alterConfigs(topic, configs);
  }

  async delete(topic: string): Promise<void> {
    const known = this.#expected.get(topic);
    if (known === undefined) throw new UsageError(`the scenario deletes the topic ${topic}, which it did not create`);
    this.#expected.delete(topic);
    this.#journal.write({ type: 'client-action', action: 'delete-topic', topic });
    await this.#clients().deleteTopic(topic);
    this.#deleted.set(topic, { name: topic, id: known.id });
  }

  #clients(): TopicClients {
    return this.#connect({
      ...this.#cluster.kafka(),
      ledger: this.ledger,
      deadlineMs: this.#deadlineMs,
      signal: this.#signal,
    });
  }
}

function byName(a: DeletedTopic, b: DeletedTopic): number {
  return a.name < b.name ? -1 : 1;
}
