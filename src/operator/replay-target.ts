import type { ConfigurationState, NodeRole, ZkMigrationState } from '../strimzi/migration-state.js';

/** What a pod is made from, as far as it decides whether the pod "has old revision". */
export interface PodRevision {
  /** null for ZooKeeper. */
  readonly configurationState: ConfigurationState | null;
  readonly image: string;
}

/** A node as the replayed operator sees its pod. */
export interface ReplayedNode {
  readonly role: NodeRole;
  readonly nodeId: number;
  /** The configuration state of its last start; null for ZooKeeper. */
  readonly configurationState: ConfigurationState | null;
  /** Of its last start. */
  readonly image: string;
  readonly ready: boolean;
  /** Whether a dynamic update has succeeded since its last start. */
  readonly updatedSinceStart: boolean;
}

/**
 * Everything that the replayed operator can do to the cluster. Every wait ends when the pass is abandoned, by the end of
 * the run or of the operator's process: then what Kubernetes has begun goes on.
 */
export interface ReplayTarget {
  nodes(): readonly ReplayedNode[];
  /** Creates the pod of a node, without waiting for it. */
  create(role: NodeRole, nodeId: number, revision: PodRevision): Promise<void>;
  /**
   * Deletes the pod, starts its successor and waits until that is ready.
   * @param pass aborted when the pass is abandoned.
   */
  restart(
    role: NodeRole,
    nodeId: number,
    revision: PodRevision,
    reason: 'rolled' | 'forced',
    pass: AbortSignal,
  ): Promise<void>;
  /** Deletes a pod; nothing replaces it. */
  remove(role: NodeRole, nodeId: number): Promise<void>;
  /** Deletes a node's claim. `kept` reports it as deleted and leaves the data: a defect that tests plant. */
  wipe(role: NodeRole, nodeId: number, data: 'wiped' | 'kept'): Promise<void>;
  /** @param pass aborted when the pass is abandoned. @throws PassFailed if the node is deleted meanwhile. */
  waitUntilReady(role: NodeRole, nodeId: number, pass: AbortSignal): Promise<void>;
  /** Deletes a znode over its own session, as the operator does. */
  deleteZnode(path: string): Promise<'deleted' | 'absent'>;
  /**
   * After `/controller` was deleted: waits until a broker in migration mode has claimed it
   * (docs/behaviour.md#stopping-brokers).
   * @param pass aborted when the pass is abandoned.
   */
  waitForZooKeeperController(pass: AbortSignal): Promise<void>;
  /** The node that `describeCluster` would name: ZooKeeper's controller; undefined when none is known. */
  reportedController(): Promise<number | undefined>;
  /** The leader of the ZooKeeper nodes; undefined when none is known. */
  zooKeeperLeader(): number | undefined;
  /** The value that the operator reads from the first controller that responds; undefined if none responds. */
  migrationState(controllerIds: readonly number[]): ZkMigrationState | undefined;
  /**
   * One IncrementalAlterConfigs to the broker, as KafkaRoller sends it.
   * @param pass aborted when the pass is abandoned.
   */
  updateDynamically(nodeId: number, pass: AbortSignal): Promise<'updated' | { readonly refused: string }>;
}
