/** What a line of a node's log shows, beside what it says. */
export interface Sign {
  readonly id: string;
  /** Of the line. Named groups can be used in `meaning`. */
  readonly pattern: RegExp;
  /** Only lines of this logger, and of the stack traces below them, count: another logger repeats them. */
  readonly logger?: string;
  /** What it means for the cluster, as a clause: `its volume was formatted in KRaft mode ({file} has version 1)`. */
  readonly meaning: string;
  /** The upstream issue. */
  readonly issue?: string;
  /** Where Kafka writes the line, and where its meaning was established. */
  readonly source: string;
  /** The node ends with it: how it ended has the same text. */
  readonly endsNode?: true;
  /** It names no cause: the rest of the line does. */
  readonly general?: true;
  /** A healthy cluster logs it, too, for a moment: it is nothing to tell unless it goes on. */
  readonly passes?: true;
  /**
   * States of the migration driver in which this keeps the migration from going on. It is no cause once the driver has
   * left them.
   */
  readonly driverStates?: readonly string[] | 'any';
}

/** The signs, the special ones before the general ones: of several that a line shows, the first counts. */
export const SIGNS: readonly Sign[] = [
  {
    id: 'volume-of-kraft-mode',
    pattern:
      /Found unexpected version in (?<file>.+?)\. ZK-based brokers that are not migrating only support version 0/,
    meaning:
      'its volume was formatted in KRaft mode, so that {file} has version 1, which a broker in ZooKeeper mode does not accept',
    issue: 'KAFKA-20762',
    source:
      'Kafka 3.9.0 MetaPropertiesEnsemble.java:489, KafkaServer.scala:256 (REQUIRE_V0); recordings of Strimzi 0.45.2',
    endsNode: true,
  },
  {
    id: 'truncation-below-high-watermark',
    pattern: /truncat(?:e|ion) to offset (?<offset>\d+), which is below the current high watermark/i,
    meaning:
      'its metadata log is ahead of that of the leader, which has lost its own log and asks it to truncate to offset {offset}',
    issue: 'strimzi-kafka-operator#10187',
    source: 'Kafka 3.9.0 KafkaRaftClient.java:1617-1620, KafkaMetadataLog.scala:168-171',
    endsNode: true,
  },
  {
    id: 'zk-migration-fault',
    pattern: /Encountered zk migration fault: (?<fault>.+)/,
    meaning: 'the migration driver met an unexpected error ({fault})',
    source:
      'Kafka 3.9.0 ControllerServer.scala:299-303, KRaftMigrationDriver.java:418-424, LoggingFaultHandler.java:44',
    driverStates: 'any',
  },
  {
    id: 'election-refused',
    pattern:
      /Aborted leader election for partition \S+ since the LeaderAndIsr path was already written by another controller\b.*\bwas elected with epoch (?<epoch>\d+)/,
    logger: 'state.change.logger',
    meaning:
      'a controller in ZooKeeper mode elects no leader of a partition whose state was written with epoch {epoch}, above its own',
    issue: 'KAFKA-20488',
    source:
      'Kafka 3.9.0 PartitionStateMachine.scala:383-389; the epoch is that of ZkTopicMigrationClient.scala:169 and 259 ' +
      '(kraftControllerEpoch)',
  },
  {
    id: 'state-change-refused',
    pattern: /Leader and isr path written by another controller\b.*\bwas elected with epoch (?<epoch>\d+)/,
    logger: 'state.change.logger',
    meaning:
      'a controller in ZooKeeper mode does not change a partition whose state was written with epoch {epoch}, above its own',
    issue: 'KAFKA-20488',
    source: 'Kafka 3.9.0 ReplicaStateMachine.scala:412-418; the epoch as of election-refused',
  },
  {
    id: 'old-controller-epoch',
    pattern:
      /(?:its controller epoch \d+ is old|from an old controller \d+ with epoch \d+)\. Latest known controller epoch is (?<epoch>\d+)/,
    logger: 'state.change.logger',
    meaning: 'a broker refuses a request of a controller, because it knows epoch {epoch}',
    source: 'Kafka 3.9.0 ReplicaManager.scala:500-503, 1879-1881, 1920-1922',
    passes: true,
  },
  {
    id: 'registration-pending',
    pattern: /maybeSendControllerRegistration: waiting for the previous RPC to complete/,
    meaning: 'the controller waits for the response to a registration that has timed out, and sends no other',
    issue: 'KAFKA-20247',
    source: 'Kafka 3.9.0 ControllerRegistrationManager.scala:210-211 and 275-278 (onTimeout leaves pendingRpc set)',
    driverStates: ['WAIT_FOR_CONTROLLER_QUORUM'],
    passes: true,
  },
  {
    id: 'pre-migration-mode',
    pattern: /Controller is in pre-migration mode and cannot register KRaft brokers/,
    meaning:
      'the controllers have no metadata, and register no broker that runs in KRaft mode before they have migrated it',
    issue: 'strimzi-kafka-operator#10187',
    source: 'Kafka 3.9.0 ClusterControlManager.java:390; measured in only-controller-on-ephemeral-storage',
  },
  {
    id: 'no-brokers-known',
    pattern: /No brokers are known to KRaft/,
    meaning: 'no broker has registered with the quorum',
    source: 'Kafka 3.9.0 KRaftMigrationDriver.java:198-202',
    driverStates: ['WAIT_FOR_BROKERS'],
    passes: true,
  },
  {
    id: 'fatal-error',
    pattern: /Exiting Kafka due to fatal exception|Encountered fatal fault: |Fatal error during \w+ startup/,
    meaning: 'Kafka ends with a fatal error',
    source:
      'Kafka 3.9.0 Kafka.scala:116 and 124, ProcessTerminatingFaultHandler.java:44-46, KafkaServer.scala:677, ' +
      'BrokerServer.scala:554',
    endsNode: true,
    general: true,
  },
];
