import type { ConfigurationState, KafkaMetadataState, ZkMigrationState } from '../strimzi/migration-state.js';
import type { StateWarningId } from '../strimzi/transition-table.js';

/** What a pass does, one action after another. An action that fails ends the pass, and the state stays. */
export type PassAction =
  | CreateZooKeeper
  | DeleteZnode
  | EraseZooKeeper
  | DeleteControllers
  | DeleteVolumes
  | CreateNodes
  | AwaitNodes
  | RollZooKeeper
  | Roll
  | UpdateDynamically
  | ReadMigrationState
  | Fail
  | SetState;

/** Creates the ZooKeeper nodes and waits until they are ready. */
export interface CreateZooKeeper {
  readonly type: 'create-zookeeper';
  readonly nodeIds: readonly number[];
}

/**
 * Restarts ZooKeeper nodes one by one, each ready before the next. `nodeIds` is in Strimzi's order as far as readiness
 * decides it: the executor moves the leader to the end.
 */
export interface RollZooKeeper {
  readonly type: 'roll-zookeeper';
  readonly nodeIds: readonly number[];
  readonly reason: 'Pod has old revision';
}

export interface DeleteZnode {
  readonly type: 'delete-znode';
  readonly path: string;
  /** What the pass does if the znode is absent. Any other error fails it. */
  readonly onAbsent: 'fails' | 'continues';
}

/** Deletes every ZooKeeper node with its volume. */
export interface EraseZooKeeper {
  readonly type: 'erase-zookeeper';
  readonly nodeIds: readonly number[];
}

/** Deletes controllers. Their volumes stay unless a `delete-volumes` follows. */
export interface DeleteControllers {
  readonly type: 'delete-controllers';
  readonly nodeIds: readonly number[];
}

/** Deletes the controllers' claims. */
export interface DeleteVolumes {
  readonly type: 'delete-volumes';
  readonly nodeIds: readonly number[];
  /** `kept`: the claims are reported as deleted, but the data remains for the next node with that id. */
  readonly data: 'wiped' | 'kept';
}

/** Creates nodes with the configuration of this pass and waits until they are ready. */
export interface CreateNodes {
  readonly type: 'create-nodes';
  readonly role: 'broker' | 'controller';
  readonly nodeIds: readonly number[];
  readonly configurationState: ConfigurationState;
}

/** Waits until nodes are ready that exist and are not restarted. */
export interface AwaitNodes {
  readonly type: 'await-nodes';
  readonly role: 'broker' | 'controller';
  readonly nodeIds: readonly number[];
}

/**
 * Restarts nodes one by one with the configuration of this pass, each ready before the next. `nodeIds` is in Strimzi's
 * order as far as readiness decides it: `rollOrder` moves the node that is the controller by then to the end.
 */
export interface Roll {
  readonly type: 'roll';
  readonly role: 'broker' | 'controller';
  readonly nodeIds: readonly number[];
  readonly configurationState: ConfigurationState;
  readonly reason: 'Pod has old revision';
}

/** incrementalAlterConfigs of these brokers. */
export interface UpdateDynamically {
  readonly type: 'update-dynamically';
  readonly nodeIds: readonly number[];
  /** `restart`: "Rolling Pod ... due to []", with the configuration it has. */
  readonly onRefused: 'restart' | 'fails';
}

/** Asks the controllers in this order for `ZkMigrationState`; the first answer counts. */
export interface ReadMigrationState {
  readonly type: 'read-migration-state';
  readonly controllerIds: readonly number[];
  /** How the pass fails if no controller answers. */
  readonly onNoAnswer: Fail;
}

/** Last action of a pass that fails. */
export interface Fail {
  readonly type: 'fail';
  /** The condition's reason: the simple name of Java's exception. */
  readonly reason: string;
  readonly message: string;
}

/** Last action of a successful pass: writes `status.kafkaMetadataState`. */
export interface SetState {
  readonly type: 'set-state';
  readonly to: KafkaMetadataState;
  /** Write `to` only if this is the value just read, else the state that the pass began with. */
  readonly onlyIf?: ZkMigrationState;
  readonly warnings: readonly StateWarningId[];
}

/** One reconciliation. */
export interface PassPlan {
  /** The state it begins with: `status.kafkaMetadataState`, or what Strimzi assumes if it is missing. */
  readonly state: KafkaMetadataState;
  /** `strimzi.io/kraft` as Strimzi reads it. */
  readonly annotation: string;
  /** The configuration state of the nodes; undefined if Strimzi's code throws before it is determined. */
  readonly configurationState: ConfigurationState | undefined;
  /** The image in which this pass starts nodes. */
  readonly image: string;
  /** In order. The last one is `end`. */
  readonly actions: readonly PassAction[];
  readonly end: Fail | SetState;
}
