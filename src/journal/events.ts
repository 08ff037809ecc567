import type { ConfigurationState, KafkaMetadataState, NodeRole, ZkMigrationState } from '../strimzi/migration-state.js';

/**
 * The events of a journal: one per line of `journal.jsonl`, the same in every environment and in the recordings of real
 * operators. Every report is made only from these events.
 *
 * A change that an older reader would misread raises the version. A new event type or a new optional field does not, and
 * neither does a new value, such as a verdict: an older reader refuses it.
 */
export const JOURNAL_VERSION = 1;

/** Which parts of a run are real, and what does the operator's work. */
export interface Parts {
  /** `local`, `containers`, `kubernetes`. */
  readonly environment: string;
  /** `real`: Strimzi's own operator. `replayed`: this project's replay of its steps. `stand-in`: a test double. */
  readonly operator: 'real' | 'replayed' | 'stand-in';
  /** Kafka and ZooKeeper are real processes in every environment. */
  readonly kafka: 'real';
  /**
   * Seconds within which the journal may have events in the wrong order, because the environment observes the cluster
   * by polling and through logs; 0 where it sees each event when it happens. Absent: 0.
   */
  readonly observedWithinSeconds?: number;
}

/** First event of every journal. */
export interface RunStarted {
  readonly type: 'run-started';
  readonly journalVersion: number;
  readonly run: string;
  readonly scenario: string;
  readonly title: string;
  readonly operatorVersion: string;
  /**
   * Only of a candidate (a version without a profile): the version that it is compared with, whose known issues apply.
   */
  readonly baseline?: string;
  readonly kafkaVersion: string;
  readonly topology: { readonly brokers: number; readonly controllers: number; readonly zookeepers: number };
  readonly parts: Parts;
  /** Names that appear in configurations and differ between runs. */
  readonly cluster: { readonly name: string; readonly namespace: string; readonly clusterDomain: string };
  /** Wall clock of t = 0, ISO 8601. */
  readonly startedAt: string;
}

export interface StepStarted {
  readonly type: 'step-started';
  readonly step: string;
  readonly index: number;
}
/** The step's actions are done. Until `step-ended` the harness takes snapshots and evaluates the invariants. */
export interface StepRan {
  readonly type: 'step-ran';
  readonly step: string;
}
export interface StepEnded {
  readonly type: 'step-ended';
  readonly step: string;
  /**
   * `lost`: a loss was seen in it; `broken`: no loss, but an outage; `failed`: it could not be carried out (see
   * `error`).
   */
  readonly outcome: 'passed' | 'lost' | 'broken' | 'failed';
  readonly error?: string;
}

/** What the user did to the Strimzi cluster. */
export type Gesture =
  | { readonly gesture: 'deploy' }
  /** `storage`: `ephemeral` is an `emptyDir`, which ends with its pod; absent: persistent claims. */
  | { readonly gesture: 'create-controller-pool'; readonly deleteClaim: boolean; readonly storage?: 'ephemeral' }
  | { readonly gesture: 'delete-controller-pool'; readonly deleteClaim: boolean }
  /** `value`: of `strimzi.io/kraft`, as the user set it: Strimzi need not know it. */
  | { readonly gesture: 'annotate'; readonly value: string }
  | { readonly gesture: 'delete-controller-volumes' }
  | { readonly gesture: 'delete-znode'; readonly path: string }
  /** `value`: null: the znode has no data at all, which is not the same as empty data. */
  | { readonly gesture: 'write-znode'; readonly path: string; readonly value: string | null }
  | { readonly gesture: 'restart-broker'; readonly nodeId: number }
  | { readonly gesture: 'restart-controller'; readonly nodeId: number }
  | { readonly gesture: 'restart-zookeeper'; readonly nodeId: number }
  | { readonly gesture: 'restart-operator' }
  /** `paused`: whether the user set `strimzi.io/pause-reconciliation`, or removed it. */
  | { readonly gesture: 'pause-reconciliation'; readonly paused: boolean }
  /** `replicas`: of the broker pool, afterwards. */
  | { readonly gesture: 'scale-broker-pool'; readonly replicas: number }
  /** The user rewrote meta.properties on the broker's volume as a broker in ZooKeeper mode writes it: version 0. */
  | { readonly gesture: 'rewrite-meta-properties'; readonly nodeId: number }
  /** The user deleted the broker's claim and its pod; both come back. */
  | { readonly gesture: 'replace-broker-volume'; readonly nodeId: number }
  | { readonly gesture: 'upgrade-operator'; readonly version: string };
export type GestureEvent = { readonly type: 'gesture' } & Gesture;

/** The user waited for a state and saw it. The user's next action came after it. */
export interface StateAwaited {
  readonly type: 'state-awaited';
  readonly state: KafkaMetadataState;
}

/** What a client did to topics and records. */
export interface ClientAction {
  readonly type: 'client-action';
  readonly action: 'create-topic' | 'alter-topic' | 'delete-topic' | 'produce';
  readonly topic: string;
  /** How many records were acknowledged, for `produce`. */
  readonly records?: number;
}

/** `status.kafkaMetadataState` changed, at the end of a successful pass. */
export interface StateChanged {
  readonly type: 'state-changed';
  readonly from: KafkaMetadataState | null;
  readonly to: KafkaMetadataState;
  /** `strimzi.io/kraft` as Strimzi reads it, in lower case: it need not know it. */
  readonly annotation: string;
}

/** A reconciliation of the operator. */
export interface PassStarted {
  readonly type: 'pass-started';
  readonly pass: number;
  readonly state: KafkaMetadataState | null;
  readonly annotation: string;
  readonly configurationState: ConfigurationState | null;
}
export interface PassEnded {
  readonly type: 'pass-ended';
  readonly pass: number;
  readonly outcome: 'reconciled' | 'failed';
  /** Condition reason, `InvalidResourceException`, when it failed. */
  readonly reason?: string;
  readonly message?: string;
  /** Strimzi's warnings, W1 to W8 of docs/behaviour.md. */
  readonly warnings?: readonly string[];
}

/** The operator's process ended, and another one of the same version took over. The pass that was running has no end. */
export interface OperatorRestarted {
  readonly type: 'operator-restarted';
}

/** A line of the operator's log that says what it did, or why it did not. */
export interface OperatorLog {
  readonly type: 'operator-log';
  readonly level: string;
  readonly logger: string;
  readonly text: string;
}

/** A node's process or container was started. */
export interface NodeStarted {
  readonly type: 'node-started';
  readonly role: NodeRole;
  readonly nodeId: number;
  /** `my-cluster-broker-0`. */
  readonly pod: string;
  /** The `metadata.state` that this start read; null for ZooKeeper. */
  readonly configurationState: ConfigurationState | null;
  /** How it runs: a broker or controller with `process.roles` runs in KRaft mode. */
  readonly mode: 'zookeeper' | 'zookeeper-based' | 'kraft';
  /** Strimzi's configuration of the node as the operator rendered it, key by key, before any overlay. */
  readonly configuration: Readonly<Record<string, string>>;
  /**
   * The other keys of the node's ConfigMap that the start reads: `metadata.state`, `metadata.version`, `cluster.id`.
   */
  readonly configMap: Readonly<Record<string, string>>;
  /** Whether the node's volume held a metadata log or a data log at this start. Unknown where it cannot be seen. */
  readonly volume?: 'empty' | 'used';
}
export interface NodeReady {
  readonly type: 'node-ready';
  readonly pod: string;
}
/** The process was asked to stop. */
export interface NodeStopping {
  readonly type: 'node-stopping';
  readonly pod: string;
}
/** The process ended, or the pod was deleted; `rolled` and `forced`: a successor follows. */
export interface NodeStopped {
  readonly type: 'node-stopped';
  readonly pod: string;
  /**
   * `rolled`: "Pod has old revision"; `forced`: "due to []"; `deleted`: its pool or ZooKeeper was deleted; `user`: the
   * user deleted the pod; `died`: it exited.
   */
  readonly reason: 'rolled' | 'forced' | 'deleted' | 'user' | 'died';
  /** `SIGKILL` when the grace period was not enough. */
  readonly signal?: string;
  /** Of a node that died: the last FATAL, ERROR or `Caused by:` line that it logged. */
  readonly error?: string;
}
/** The node's process ended while it was starting, and the kubelet starts it again in the same pod. */
export interface ContainerRestarted {
  readonly type: 'container-restarted';
  readonly pod: string;
  /** `exit code 1`. */
  readonly how: string;
  /** Seconds until it is started again. */
  readonly backOff: number;
  /** The last FATAL, ERROR or `Caused by:` line that it logged before it ended. */
  readonly error?: string;
}
/**
 * A wait timed out, the node was asked at that moment, and it did not answer: something outside of the cluster may have
 * stopped its process.
 */
export interface NodeUnresponsive {
  readonly type: 'node-unresponsive';
  readonly pod: string;
  /** What was asked, and what happened. */
  readonly detail: string;
}

/** The scenario did something to the cluster that happens to clusters: a node was killed or frozen. */
export interface FaultEvent {
  readonly type: 'fault';
  /** The name of the fault: `kill`, `freeze`. */
  readonly fault: string;
  readonly action: 'inject' | 'undo';
  /** The node that it concerns; absent: the whole cluster. */
  readonly pod?: string;
}

/** The node no longer exists and has no successor: its pool was deleted, or ZooKeeper was removed. */
export interface NodeGone {
  readonly type: 'node-gone';
  readonly pod: string;
}
/** The node's volume was deleted. */
export interface VolumeWiped {
  readonly type: 'volume-wiped';
  readonly pod: string;
}

/** The operator deleted a znode (or found it absent). Source: its log. */
export interface OperatorDeletedZnode {
  readonly type: 'operator-deleted-znode';
  readonly path: string;
  readonly outcome: 'deleted' | 'absent';
}

/** Who wrote: from ZooKeeper's audit log and the nodes' own logs. Unknown in recordings. */
export interface Writer {
  /** `0x1000123abcd0001`. */
  readonly session: string;
  readonly address?: string;
  /** Whose session it is: `broker 0`, `controller 1`, `operator`, `user`, `harness`. */
  readonly who?: string;
}

/** `/migration`, `/controller` or `/controller_epoch` changed. */
export interface ZnodeChanged {
  readonly type: 'znode-changed';
  readonly path: string;
  readonly change: 'created' | 'changed' | 'deleted' | 'expired';
  readonly ephemeral?: boolean;
  /** The znode's content after the change. */
  readonly value?: string;
  readonly writer?: Writer;
  /**
   * Of `/migration`: `initial` has no offset yet, `copied` has an offset above 0
   * (ZkMigrationLeadershipState.java:138-140).
   */
  readonly phase?: 'absent' | 'initial' | 'copied';
}

/** Children of `/brokers/topics` that appeared or vanished together. */
export interface TopicsChanged {
  readonly type: 'topics-changed';
  readonly created?: readonly string[];
  readonly deleted?: readonly string[];
  /** All children afterwards, where known. */
  readonly topics?: readonly string[];
  readonly writer?: Writer;
}

/** A line of a controller's log that marks progress: driver transitions, replayed ZkMigrationStateRecords, the sync. */
export interface ControllerLog {
  readonly type: 'controller-log';
  readonly pod: string;
  readonly level: string;
  readonly text: string;
  /** The driver's state after `... transitioning from A to B state`. */
  readonly driverState?: string;
  /**
   * The value that Strimzi reads, after `Replayed a ZkMigrationStateRecord changing the migration state from A to B.`
   */
  readonly zkMigrationState?: ZkMigrationState;
}

/** The controllers' quorum has a new epoch: a controller stands for election, or was elected. */
export interface QuorumEpoch {
  readonly type: 'quorum-epoch';
  /** The controller that was the first to log it. */
  readonly pod: string;
  readonly epoch: number;
}

/**
 * A line of a broker's or controller's log that shows a sign of something wrong (`SIGNS`). A `controller-log` may show
 * one, too. Of each sign, pod and step the first line is journalled when it is seen, and the rest, counted, after the
 * step.
 */
export interface NodeLog {
  readonly type: 'node-log';
  readonly pod: string;
  /** Of the record: of a line of a stack trace, that of its first line; empty: unknown. */
  readonly level: string;
  readonly text: string;
  /** The id of the sign. */
  readonly sign: string;
  /** How many lines this event stands for, the last of which is `text`. Absent: one. */
  readonly more?: number;
}

/** A metadata snapshot was taken; the run's folder has the whole snapshot. */
export interface SnapshotTaken {
  readonly type: 'snapshot-taken';
  readonly step: string;
  readonly source: 'zookeeper' | 'kraft';
  readonly topics: number;
  readonly file?: string;
}

/**
 * What an invariant is about. `loss`: durable data is gone. `outage`: nothing is gone, but the cluster does not do its
 * work, or the procedure cannot go on. `residue`: something is left behind. `conduct`: the operator acts in the wrong
 * order.
 */
/** A file of the run's folder, and what it must hold. */
export interface FileReference {
  /** Relative to the run's folder: `observations/01.json`. */
  readonly file: string;
  /** Of its content, in lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * What the invariants are about to judge. With the events before it and the files that it names it is everything that
 * they are given: a run can be judged again from its folder. Their evaluations follow it.
 */
export interface Observed {
  readonly type: 'observed';
  readonly step: string;
  /** `ended`: the step ended well. `aborted`: a suspicion ended it. `timed-out`: a wait timed out in it. */
  readonly moment: 'ended' | 'aborted' | 'timed-out';
  /** `status.kafkaMetadataState`; null: not set. */
  readonly state: KafkaMetadataState | null;
  readonly topology: RunStarted['topology'];
  /** `/migration`, `/controller` and `/controller_epoch`; null: absent. A znode that was not read is not in it. */
  readonly znodes: Readonly<Record<string, { readonly value: string; readonly ephemeral: boolean } | null>>;
  /** The topics that must exist and those that must not, the records that were read back, and the leaders. */
  readonly observation: FileReference;
  /** The snapshots that were taken. */
  readonly zookeeper?: FileReference;
  readonly kraft?: FileReference;
  /** Only the invariants about this are evaluated. */
  readonly only?: 'outage';
}

export type About = 'loss' | 'outage' | 'residue' | 'conduct';

/**
 * What was lost. `topic`: the whole topic. `topic-deletion`: the topic exists although the user deleted it. The other
 * kinds: the topic exists, but this part of it was lost.
 */
export interface Lost {
  readonly kind: 'topic' | 'topic-id' | 'topic-partitions' | 'topic-configs' | 'topic-deletion' | 'records';
  /** Of the topic. */
  readonly name: string;
  /** Of `records`: every record that was acknowledged is gone. */
  readonly all?: boolean;
}

/** One fact that shows a violation. */
export interface Evidence {
  /** What is looked at: `/brokers/topics/orders`, `topic orders`, `my-cluster-broker-0`. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  /** What was lost; absent where nothing was: something is left behind or out of order. */
  readonly lost?: Lost;
  /** Where it was looked for: in ZooKeeper, at the Kafka nodes, or in the log of a partition. */
  readonly where?: 'znode' | 'node' | 'log';
  /** When the change that caused it was made, in seconds since the start. */
  readonly at?: number;
  readonly writer?: Writer;
  /** What preceded it: "0.4 s after the controller's full metadata sync". */
  readonly note?: string;
  /** Whether the violation's message already says the note. */
  readonly noteInMessage?: boolean;
}

/** A known issue that explains a violation or a loss. */
export interface KnownIssueReference {
  readonly id: string;
  readonly title: string;
  /** The upstream thread, or `unreported`. */
  readonly thread: string;
  /** Where the entry stands that explains it, since several may have the same id: `fixtures/known-issues.yaml, entry 2`. */
  readonly entry?: string;
}

export interface InvariantEvaluated {
  readonly type: 'invariant-evaluated';
  readonly step: string;
  readonly invariant: string;
  readonly about: About;
  readonly holds: boolean;
  /** Why, in one sentence, when it is violated. */
  readonly message?: string;
  readonly evidence?: readonly Evidence[];
  readonly knownIssue?: KnownIssueReference;
  /** Why a known issue that is about this invariant does not explain it. */
  readonly notExplained?: string;
}

/**
 * `lost`: an invariant about loss is violated. `broken`: none about loss, but one about outage. `survived`: neither.
 * `inconclusive`: something outside of the cluster failed, so that the run says nothing.
 */
export type Verdict = 'survived' | 'lost' | 'broken' | 'inconclusive';

/** The second to last event of a run. */
export interface VerdictReached {
  readonly type: 'verdict';
  readonly verdict: Verdict;
  readonly expected: Verdict;
  /** Why the expectation is what it is. */
  readonly because?: string;
  /** `true`: verdict and violations are as expected. */
  readonly asExpected: boolean;
  /** One sentence: the first loss, why it is inconclusive, or which violation nothing explains. */
  readonly summary: string;
  readonly step?: string;
  readonly knownIssue?: KnownIssueReference;
}

/** Last event of every journal that was not cut off. */
export interface RunEnded {
  readonly type: 'run-ended';
  /** How the user ended it: `completed`, or `interrupted` by a signal. */
  readonly how: 'completed' | 'interrupted';
}

export type JournalEventBody =
  | RunStarted
  | StepStarted
  | StepRan
  | StepEnded
  | GestureEvent
  | StateAwaited
  | ClientAction
  | StateChanged
  | PassStarted
  | PassEnded
  | OperatorLog
  | OperatorRestarted
  | QuorumEpoch
  | NodeStarted
  | NodeReady
  | NodeStopping
  | NodeStopped
  | ContainerRestarted
  | NodeUnresponsive
  | FaultEvent
  | NodeGone
  | VolumeWiped
  | OperatorDeletedZnode
  | ZnodeChanged
  | TopicsChanged
  | ControllerLog
  | NodeLog
  | SnapshotTaken
  | Observed
  | InvariantEvaluated
  | VerdictReached
  | RunEnded;

/** An event with its time: seconds since the run's start, milliseconds precise. */
export type JournalEvent = { readonly t: number } & JournalEventBody;

export type JournalEventType = JournalEventBody['type'];

/** The event of one type. */
export type EventOf<T extends JournalEventType> = Extract<JournalEvent, { readonly type: T }>;
