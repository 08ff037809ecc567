import type { KafkaAccess, ZooKeeperAccess } from '../metadata/access.js';
import type { KafkaMetadataState, KraftAnnotation } from '../strimzi/migration-state.js';
import type { Topology } from '../strimzi/topology.js';
import type { UnknownAnnotation } from './annotation.js';
import type { ControllerPoolOptions } from './controller-pool.js';
import type { NodeControl, NodeName } from './faults/fault.js';

/** A running node that does not respond. */
export interface SilentNode {
  readonly pod: string;
  /** What it was asked, and what is known of its process. */
  readonly detail: string;
}

/**
 * A Strimzi Kafka cluster as its user sees it: the gestures of the user, not their mechanisms.
 *
 * Every environment implements it, and no code above the environments knows which one it uses. A gesture resolves when
 * the cluster has accepted it, not when it has taken effect; `waitForState` waits for the effect. Gestures and waits
 * reject with a WaitAborted error when the signal of the run is aborted (a loss was seen, or the run is being stopped).
 */
export interface Cluster {
  /** How many nodes the user's resources ask for now: `scaleBrokers` changes it. */
  readonly topology: Topology;
  /** The Kafka version that the nodes run, `3.9.0`. */
  readonly kafkaVersion: string;
  /** The version of the operator that reconciles the cluster now. */
  operatorVersion(): string;

  /** Applies the broker pool and the Kafka resource, and waits until the cluster is Ready in state ZooKeeper. */
  deploy(): Promise<void>;
  /** Creates the KafkaNodePool of the controllers. */
  createControllerPool(options: ControllerPoolOptions): Promise<void>;
  /** Deletes the KafkaNodePool of the controllers and waits until their pods (and, with `deleteClaim`, claims) are gone. */
  deleteControllerPool(): Promise<void>;
  /** Sets `strimzi.io/kraft` on the Kafka resource. */
  annotate(value: KraftAnnotation): Promise<void>;
  /** Sets it to a value that Strimzi does not know, on purpose: what then happens depends on the state. */
  annotate(value: string, options: UnknownAnnotation): Promise<void>;
  /** Deletes the controllers' claims and volumes by hand. The pool must be gone. */
  deleteControllerVolumes(): Promise<void>;
  /** Deletes a znode by hand, as with `zookeeper-shell.sh ... delete PATH`; `absent`: it did not exist. */
  deleteZnode(path: string): Promise<'deleted' | 'absent'>;
  /**
   * Writes a znode by hand, as with `zookeeper-shell.sh ... set PATH VALUE`; creates it if it does not exist.
   * @param value null: without data, as with `create PATH`, which is not the same as empty data; the znode must not exist.
   */
  writeZnode(path: string, value: string | null): Promise<void>;
  /** Deletes a broker's pod, and waits until its replacement is ready. */
  restartBroker(id: number): Promise<void>;
  /** Deletes a controller's pod, and waits until its replacement is ready. */
  restartController(id: number): Promise<void>;
  /** Deletes the pod of a ZooKeeper node, and waits until its replacement is ready. */
  restartZooKeeper(id: number): Promise<void>;
  /** Deletes the operator's pod. Its replacement begins with a new pass: whatever the old one was doing is abandoned. */
  restartOperator(): Promise<void>;
  /**
   * Sets `strimzi.io/pause-reconciliation`, and waits until the operator has paused: the state is then missing from the
   * status (docs/behaviour.md, gap G5).
   */
  pauseReconciliation(): Promise<void>;
  /** Removes it: the operator goes on, from the state that it has for a cluster without one. */
  resumeReconciliation(): Promise<void>;
  /**
   * Scales the broker pool up, and waits until every broker is ready. New brokers have the lowest ids that no node has.
   * @throws EnvironmentError for fewer brokers than there are: Strimzi refuses to remove brokers that have partitions.
   */
  scaleBrokers(replicas: number): Promise<void>;
  /**
   * Deletes a broker's claim and pod, as after the loss of its volume, and waits until it is ready on a new, empty
   * volume.
   */
  replaceBrokerVolume(id: number): Promise<void>;
  /**
   * Rewrites `meta.properties` on a broker's volume by hand, with version 0, as a broker in ZooKeeper mode writes it.
   * Only the local environment can: a scenario that uses it must say so (`environments`).
   */
  rewriteMetaProperties(id: number): Promise<void>;
  /** Replaces the operator by another version. */
  upgradeOperator(version: string): Promise<void>;

  /**
   * Waits until `status.kafkaMetadataState` has this value and a whole reconciliation has kept it.
   * @throws WaitTimedOut after the run's deadline, naming what it waited for.
   */
  waitForState(state: KafkaMetadataState): Promise<void>;
  /**
   * Waits until `status.kafkaMetadataState` has had this value since `strimzi.io/kraft` was last set: for states that
   * pass within seconds, such as KRaftDualWriting during a migration. The next pass of the operator may already run.
   * @throws WaitTimedOut after the run's deadline, naming what it waited for.
   */
  reached(state: KafkaMetadataState): Promise<void>;
  /**
   * Waits until the epoch of the controllers' quorum is this one or a later one: each election, also one that nobody
   * wins, raises it.
   * @throws WaitTimedOut after the run's deadline, naming what it waited for.
   */
  reachedEpoch(epoch: number): Promise<void>;
  /**
   * Waits until a node has ended by itself and Kubernetes has restarted its container.
   * @throws WaitTimedOut after the run's deadline, naming what it waited for.
   */
  crashed(node: NodeName): Promise<void>;
  /** `status.kafkaMetadataState`; undefined before the first successful reconciliation. */
  state(): KafkaMetadataState | undefined;
  /** undefined once the operator has deleted ZooKeeper. */
  zookeeper(): ZooKeeperAccess | undefined;
  kafka(): KafkaAccess;
  /** The nodes that exist now, as scenarios name them. */
  nodes(): readonly NodeName[];
  /** What faults do to the nodes. Scenarios inject faults by their names, which journals them. */
  nodeControl(): NodeControl;
  /**
   * Asks every running node whether it responds, within seconds: called when a wait has timed out, also when the signal
   * of the run is aborted.
   * @param signal ends the questions. @returns those that do not. One that has ended is not among them.
   */
  unresponsiveNodes(signal: AbortSignal): Promise<readonly SilentNode[]>;
  /** Resolves when the journal contains everything that the nodes have logged up to now. */
  observed(): Promise<void>;
  /**
   * Stops and removes everything that the cluster has created. The run's signal must have been aborted. Never rejects
   * because something no longer exists.
   * @param options `hurry`: the user has interrupted the run; skip what only the next run would benefit from.
   */
  close(options: { readonly hurry: boolean }): Promise<void>;
}
