/** The durable part of one partition: its replicas. */
export interface PartitionMetadata {
  readonly partition: number;
  /** Broker ids in order of preference. */
  readonly replicas: readonly number[];
}

/** A topic's durable metadata. */
export interface TopicMetadata {
  readonly name: string;
  /** 22 characters, base64url, as Kafka prints it. */
  readonly id: string;
  /** In order of partition. */
  readonly partitions: readonly PartitionMetadata[];
  /** Overrides only, no defaults. */
  readonly configs: Readonly<Record<string, string>>;
}

/** A topic that the user deleted. */
export type DeletedTopic = Pick<TopicMetadata, 'name' | 'id'>;

/** What changes during normal operation and proves nothing. */
export interface OperationalState {
  /** `topic-partition` -> leader, leader epoch, ISR. */
  readonly partitions: Readonly<
    Record<string, { readonly leader: number; readonly leaderEpoch: number; readonly isr: readonly number[] }>
  >;
  /** Ids of brokers that are registered (ephemeral znodes) or in the brokers' response. */
  readonly liveBrokers: readonly number[];
}

/** A znode that does not hold what Kafka writes there. */
export interface UnreadableZnode {
  readonly path: string;
  /** What Kafka keeps there. */
  readonly holds: 'topic' | 'topic-configs' | 'partition-state' | 'cluster-id' | 'broker';
  /** The topic that it belongs to; absent if it belongs to none. */
  readonly topic?: string;
  /** `it is empty`, `it is not JSON`, `partitions: Invalid input: expected record, received undefined`. */
  readonly problem: string;
  /** Its content, cut off after 1000 characters. */
  readonly content: string;
}

/**
 * All durable topic metadata at one moment, normalised: topics by name in order, internal topics omitted unless
 * requested.
 */
export interface MetadataSnapshot {
  readonly source: 'zookeeper' | 'kraft';
  /** The same in ZooKeeper and KRaft; undefined: not available. */
  readonly clusterId?: string | undefined;
  /** In order of name. */
  readonly topics: readonly TopicMetadata[];
  /** Topics of ZooKeeper whose deletion was requested and has not finished; undefined: none, or not available. */
  readonly pendingDeletions?: readonly string[] | undefined;
  /**
   * Znodes that do not hold what Kafka writes there, in order of path; undefined: none. A topic whose own znode is
   * unreadable is not among the topics; one whose configs are unreadable has none there.
   */
  readonly unreadable?: readonly UnreadableZnode[] | undefined;
  readonly operational: OperationalState;
}

/** How one topic differs. */
export type TopicDifference =
  | { readonly kind: 'missing'; readonly topic: string; readonly before: TopicMetadata }
  | { readonly kind: 'new'; readonly topic: string; readonly after: TopicMetadata }
  | { readonly kind: 'id'; readonly topic: string; readonly before: string; readonly after: string }
  | {
      readonly kind: 'partitions';
      readonly topic: string;
      readonly before: readonly PartitionMetadata[];
      readonly after: readonly PartitionMetadata[];
    }
  | {
      readonly kind: 'configs';
      readonly topic: string;
      readonly before: Readonly<Record<string, string>>;
      readonly after: Readonly<Record<string, string>>;
    }
  /** A znode of the topic no longer holds what Kafka writes there. */
  | {
      readonly kind: 'unreadable';
      readonly topic: string;
      readonly before: TopicMetadata;
      readonly znode: UnreadableZnode;
    };

/** The differences between two snapshots: durable ones, and operational noise. */
export interface MetadataDiff {
  readonly durable: readonly TopicDifference[];
  /** Human-readable lines: leader changes, ISR changes, brokers that joined or left. */
  readonly operational: readonly string[];
}

/** The log of one partition, as its leader has it, next to what the ledger says about it. */
export interface LogExtent {
  readonly partition: number;
  /** How many records the broker acknowledged: the log must start at offset 0 and hold at least so many. */
  readonly acknowledged: number;
  /** The first offset that the log still has. */
  readonly start: number;
  /** The high watermark: the offset after the last record that a consumer can read. */
  readonly end: number;
}

/** What was acknowledged to the harness's clients for one topic, and what could be read back. */
export interface RecordsReadBack {
  readonly topic: string;
  /** Records that the broker acknowledged, all partitions. */
  readonly acknowledged: number;
  /** Of those, how many were read back with key and value intact. */
  readonly readBack: number;
  /** Up to five examples of what is missing: `partition 1, key 17`. */
  readonly missing: readonly string[];
  /** The logs of the partitions that have acknowledged records and could be read. */
  readonly logs: readonly LogExtent[];
}
