import type { Cluster } from '../cluster/cluster.js';
import { EnvironmentError } from '../errors.js';
import type { Observation } from '../invariants/invariant.js';
import { History } from '../journal/history.js';
import type { Journal } from '../journal/journal.js';
import type { ZooKeeperAccess } from '../metadata/access.js';
import { diffSnapshots } from '../metadata/diff.js';
import { awaitLeaders } from '../metadata/kafka/leaders.js';
import { readKRaftSnapshot } from '../metadata/kraft/reader.js';
import type { MetadataSnapshot } from '../metadata/model.js';
import { readBack } from '../metadata/records.js';
import { connectZooKeeper, type ZooKeeperClient } from '../metadata/zookeeper/client.js';
import { readZooKeeperSnapshot } from '../metadata/zookeeper/reader.js';
import { RenewedSession } from '../metadata/zookeeper/renewed-session.js';
import { BROKERS_IN_KRAFT, ZOOKEEPER_RETIRED } from '../strimzi/migration-state.js';
import type { Deadlines } from '../waiting/deadlines.js';
import type { RunTopics } from './run-topics.js';

const SESSION_TIMEOUT_MS = 10_000;
const OBSERVED_ZNODES = ['/migration', '/controller', '/controller_epoch'] as const;

/** Observes the cluster of a run. */
export interface RunObserver {
  /** The metadata where it is authoritative now. */
  authoritative(): Promise<MetadataSnapshot>;
  /** Everything that the invariants may look at, after a step. */
  observe(step: string, moment: Observation['moment'], topics: RunTopics): Promise<Observation>;
  /** What can be observed without a snapshot, while a step runs. */
  glance(step: string, topics: RunTopics): Promise<Observation>;
  /** What the journal alone shows: the cluster is asked for nothing. */
  recall(step: string, topics: RunTopics): Observation;
  close(): Promise<void>;
}

/** Takes the snapshots that the invariants judge. It has its own signal: a loss is observed after the run has ended. */
export class Observer implements RunObserver {
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #signal: AbortSignal;
  readonly #deadlines: Deadlines;
  readonly #reading = new RenewedSession(() => this.#openSession());

  constructor(cluster: Cluster, journal: Journal, signal: AbortSignal, deadlines: Deadlines) {
    this.#deadlines = deadlines;
    this.#cluster = cluster;
    this.#history = new History(journal);
    this.#signal = signal;
  }

  /** The authoritative metadata: KRaft's if the brokers run in KRaft mode, otherwise ZooKeeper's. */
  authoritative(): Promise<MetadataSnapshot> {
    return BROKERS_IN_KRAFT.has(this.#cluster.state()) ? this.#kraft() : this.#zookeeper();
  }

  /**
   * Everything that the invariants may look at.
   * @param moment `ended` reads everything; otherwise only ZooKeeper is read, which does not need a healthy cluster.
   */
  async observe(step: string, moment: Observation['moment'], topics: RunTopics): Promise<Observation> {
    const state = this.#cluster.state();
    const zookeeperReadable = this.#cluster.zookeeper() !== undefined && !ZOOKEEPER_RETIRED.has(state);
    // From the start of a migration to the end of its rollback, a KRaft controller may be in charge of ZooKeeper.
    const caughtUp = state !== 'ZooKeeper' && moment === 'ended';
    const zookeeper = zookeeperReadable
      ? await (caughtUp ? this.#zookeeperCaughtUp(topics) : this.#zookeeper())
      : undefined;
    const kraft = moment === 'ended' && BROKERS_IN_KRAFT.has(state) ? await this.#kraft() : undefined;
    const leaders = moment === 'ended' ? await this.#leaders(state, (kraft ?? zookeeper)?.topics ?? []) : undefined;
    const seen: Observation = {
      step,
      moment,
      state,
      topology: this.#cluster.topology,
      expectedTopics: topics.expected(),
      deletedTopics: topics.deleted(),
      zookeeper,
      kraft,
      records: undefined,
      leaders,
      znodes: zookeeperReadable ? await this.#znodes() : {},
      events: this.#history.events(),
    };
    // Partitions without a leader cannot be read back, whatever the reason: their records are not lost.
    const readable = moment === 'ended' && (leaders === undefined || leaders.leaderless.length === 0);
    const records = readable ? await this.#readBack(topics) : undefined;
    await this.#cluster.observed();
    return { ...seen, records };
  }

  /** What can be observed without a snapshot, for the invariants that are evaluated while a step runs. */
  async glance(step: string, topics: RunTopics): Promise<Observation> {
    const znodes = this.#cluster.zookeeper() === undefined ? {} : await this.#znodes();
    return { ...this.recall(step, topics), znodes };
  }

  /** What the journal alone shows, of a cluster that may be down. */
  recall(step: string, topics: RunTopics): Observation {
    return {
      step,
      moment: 'aborted',
      state: this.#cluster.state(),
      topology: this.#cluster.topology,
      expectedTopics: topics.expected(),
      deletedTopics: topics.deleted(),
      zookeeper: undefined,
      kraft: undefined,
      records: undefined,
      znodes: {},
      events: this.#history.events(),
    };
  }

  async close(): Promise<void> {
    this.#history.close();
    await this.#reading.close();
  }

  #zookeeperAccess(): ZooKeeperAccess {
    const access = this.#cluster.zookeeper();
    if (access === undefined) throw new EnvironmentError('ZooKeeper has been deleted and can no longer be read');
    return access;
  }

  async #openSession(): Promise<ZooKeeperClient> {
    return connectZooKeeper({
      connectString: this.#zookeeperAccess().connectString,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      operationTimeoutMs: this.#deadlines.zookeeperOperationMs,
      deadlineMs: this.#deadlines.readMs,
      signal: this.#signal,
    });
  }

  async #read<T>(read: (client: ZooKeeperClient) => Promise<T>): Promise<T> {
    this.#zookeeperAccess();
    return this.#reading.read(read);
  }

  #zookeeper(): Promise<MetadataSnapshot> {
    return this.#read((client) => readZooKeeperSnapshot(client));
  }

  /**
   * In dual-write mode the KRaft controller first acknowledges a change and then writes it to ZooKeeper, so a topic
   * that was just created may not be there yet, and one that was just deleted may still be there. Every write to
   * ZooKeeper advances the offset in `/migration`: each time ZooKeeper is read again, until it shows every change or
   * the deadline is over. What is lost is still missing then.
   */
  #zookeeperCaughtUp(topics: RunTopics): Promise<MetadataSnapshot> {
    return this.#read((client) => this.#caughtUp(client, topics));
  }

  async #caughtUp(client: ZooKeeperClient, topics: RunTopics): Promise<MetadataSnapshot> {
    const end = performance.now() + this.#deadlines.dualWriteMs;
    for (;;) {
      const before = (await client.get('/migration'))?.data;
      const snapshot = await readZooKeeperSnapshot(client);
      const complete = showsAll(topics, snapshot);
      const remaining = end - performance.now();
      if (complete || before === undefined || remaining <= 0) return snapshot;
      const moved = await client
        .waitFor('/migration', 'the next write to ZooKeeper', (znode) => znode?.data !== before, {
          deadlineMs: remaining,
          signal: this.#signal,
        })
        .then(
          () => true,
          (error: unknown) => {
            if (this.#signal.aborted) throw error;
            return false;
          },
        );
      // There are no more writes to ZooKeeper: what is missing now stays missing.
      if (!moved) return readZooKeeperSnapshot(client);
    }
  }

  #kraft(): Promise<MetadataSnapshot> {
    return readKRaftSnapshot({
      ...this.#cluster.kafka(),
      deadlineMs: this.#deadlines.readMs,
      signal: this.#signal,
    });
  }

  /**
   * Before the cluster is deployed there is nobody to ask. @param expected the topics where the metadata is
   * authoritative.
   */
  async #leaders(state: Observation['state'], expected: MetadataSnapshot['topics']): Promise<Observation['leaders']> {
    if (this.#cluster.zookeeper() === undefined && !BROKERS_IN_KRAFT.has(state)) return undefined;
    return awaitLeaders({
      ...this.#cluster.kafka(),
      expected,
      deadlineMs: this.#deadlines.electMs,
      signal: this.#signal,
    });
  }

  #readBack(topics: RunTopics): ReturnType<typeof readBack> {
    return readBack(topics.ledger, {
      ...this.#cluster.kafka(),
      deadlineMs: this.#deadlines.readMs,
      absentAfterMs: this.#deadlines.absentMs,
      signal: this.#signal,
    });
  }

  #znodes(): Promise<Observation['znodes']> {
    return this.#read((client) => observedZnodes(client));
  }
}

/** Whether a snapshot has every topic as the user left it, and none that the user deleted. */
function showsAll(topics: RunTopics, snapshot: MetadataSnapshot): boolean {
  const deleted = new Set(topics.deleted().map(({ name }) => name));
  const { durable } = diffSnapshots({ ...snapshot, topics: topics.expected(), unreadable: undefined }, snapshot);
  return durable.every(({ kind, topic }) => kind === 'new' && !deleted.has(topic));
}

async function observedZnodes(client: ZooKeeperClient): Promise<Observation['znodes']> {
  const entries = await Promise.all(
    OBSERVED_ZNODES.map(async (path) => {
      const znode = await client.get(path);
      const content =
        znode === undefined ? undefined : { value: znode.data, ephemeral: znode.stat.ephemeralOwner !== undefined };
      return [path, content] as const;
    }),
  );
  return Object.fromEntries(entries);
}
