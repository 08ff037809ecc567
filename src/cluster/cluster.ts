import type { KafkaAccess, ZooKeeperAccess } from '../metadata/access.js';
import type { KafkaMetadataState, KraftAnnotation } from '../strimzi/migration-state.js';
import type { Topology } from '../strimzi/topology.js';

/**
 * A Strimzi Kafka cluster as its user meets it: gestures, not mechanisms.
 *
 * Every environment implements it, and nothing above the environments knows which one it has. A gesture returns when the
 * cluster has taken it, not when it has had its effect; `waitForState` waits for effects. Gestures and waits reject with
 * a WaitAborted error when the given signal of the run is aborted (a loss was seen, or the run is being stopped).
 */
export interface Cluster {
  readonly topology: Topology;
  /** The Kafka version that the nodes run, `3.9.0`. */
  readonly kafkaVersion: string;
  /** The version of the operator that reconciles the cluster now. */
  operatorVersion(): string;

  /** Applies the broker pool and the Kafka resource, and waits until the cluster is Ready in state ZooKeeper. */
  deploy(): Promise<void>;
  /** Creates the KafkaNodePool of the controllers; `deleteClaim`: whether their volumes go with the pool. */
  createControllerPool(options: { readonly deleteClaim: boolean }): Promise<void>;
  /** Deletes the KafkaNodePool of the controllers and waits until their pods (and, with `deleteClaim`, claims) are gone. */
  deleteControllerPool(): Promise<void>;
  /** Sets `strimzi.io/kraft` on the Kafka resource. */
  annotate(value: KraftAnnotation): Promise<void>;
  /** Deletes the controllers' claims and volumes by hand. The pool must be gone. */
  deleteControllerVolumes(): Promise<void>;
  /** Deletes a znode by hand, as with `zookeeper-shell.sh ... delete PATH`; `absent`: there was none. */
  deleteZnode(path: string): Promise<'deleted' | 'absent'>;
  /** Deletes a broker's pod, and waits until its successor is ready. */
  restartBroker(id: number): Promise<void>;
  /** Replaces the operator by another version. */
  upgradeOperator(version: string): Promise<void>;

  /**
   * Waits until `status.kafkaMetadataState` has this value and the pass that wrote it has proved the phase.
   * @throws WaitTimedOut after the run's deadline, naming what it waited for.
   */
  waitForState(state: KafkaMetadataState): Promise<void>;
  /** `status.kafkaMetadataState`, undefined before the first successful pass. */
  state(): KafkaMetadataState | undefined;
  /** undefined once the operator has erased ZooKeeper. */
  zookeeper(): ZooKeeperAccess | undefined;
  kafka(): KafkaAccess;
  /** Resolves when all that has happened up to now, as far as nodes have logged it, stands in the journal. */
  observed(): Promise<void>;
  /**
   * Stops and removes everything that the cluster has made. The run's signal must be aborted. Never rejects because
   * something was gone already.
   * @param options `hurry`: the user wants out; leave what only a next run would profit from.
   */
  close(options: { readonly hurry: boolean }): Promise<void>;
}
