import type { About, Evidence, JournalEvent } from '../journal/events.js';
import type { Leadership } from '../metadata/kafka/leaders.js';
import type { DeletedTopic, MetadataSnapshot, RecordsReadBack, TopicMetadata } from '../metadata/model.js';
import type { KafkaMetadataState } from '../strimzi/migration-state.js';
import type { Topology } from '../strimzi/topology.js';

/**
 * Everything that an invariant may look at. The runner makes it after every step, and as soon as it suspects a loss.
 */
export interface Observation {
  /** The name of the step that has just ended, or that is running. */
  readonly step: string;
  /**
   * `ended`: the step ended well. `aborted`: a suspected loss ended it. `timed-out`: a wait for a state timed out in
   * it.
   */
  readonly moment: 'ended' | 'aborted' | 'timed-out';
  readonly state: KafkaMetadataState | undefined;
  readonly topology: Topology;
  /** Topics that the user created and did not delete, as first seen after their creation: these must exist. */
  readonly expectedTopics: readonly TopicMetadata[];
  /** Topics that the user deleted and did not create again: these must not exist. */
  readonly deletedTopics: readonly DeletedTopic[];
  /** undefined when ZooKeeper could not be read, or must not be read because it is erased. */
  readonly zookeeper: MetadataSnapshot | undefined;
  /** undefined unless the brokers run in KRaft mode. */
  readonly kraft: MetadataSnapshot | undefined;
  /** undefined when no read-back was made after this step. */
  readonly records: readonly RecordsReadBack[] | undefined;
  /**
   * What the brokers say of the leaders of all partitions, after a time to elect them. undefined: they were not asked,
   * none answered, or the run is of a version that did not ask.
   */
  readonly leaders?: Leadership | undefined;
  /**
   * `/migration`, `/controller` and `/controller_epoch` as they are now; undefined: absent, or ZooKeeper no longer
   * runs.
   */
  readonly znodes: Readonly<Record<string, { readonly value: string; readonly ephemeral: boolean } | undefined>>;
  /**
   * The journal so far. For invariants it is what happened to the cluster, without the runner's own events about earlier
   * steps (`History`); a check gets all of it.
   */
  readonly events: readonly JournalEvent[];
}

export interface Violation {
  /** One sentence with the numbers in it: "10 topics vanished from ZooKeeper at 13.9 s, 0.4 s after ...". */
  readonly message: string;
  /** At least one. */
  readonly evidence: readonly Evidence[];
}

/** A named, pure check: holds, or is violated with evidence. */
export interface Invariant {
  readonly name: string;
  readonly about: About;
  /** What must hold, in one sentence. */
  readonly title: string;
  /** Evaluated while a wait goes on: a violation ends the wait early. */
  readonly endsWaits?: boolean;
  /** Whether it says anything about this moment. An invariant that does not apply is not reported as holding. */
  applies(observation: Observation): boolean;
  /** undefined: it holds. */
  evaluate(observation: Observation): Violation | undefined;
}
