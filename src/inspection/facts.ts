import type { MigrationZnode } from '../metadata/zookeeper/znodes.js';
import type { KafkaMetadataState } from '../strimzi/migration-state.js';
import type { Known } from './known.js';

/**
 * Who holds `/controller`: a broker in ZooKeeper mode, with an ephemeral znode, or a KRaft controller, with a
 * persistent one.
 */
export interface Controller {
  readonly id: number;
  readonly owner: 'broker' | 'kraft-controller';
}

/** `/migration`, and when it was created. */
export interface MigrationSeen extends MigrationZnode {
  /** Its `ctime`, milliseconds since the epoch, by ZooKeeper's clock. */
  readonly createdAt: number;
}

/** What ZooKeeper holds of a migration. */
export interface Znodes {
  /** undefined: it does not exist, or is blank. */
  readonly migration: MigrationSeen | undefined;
  /**
   * `/migration` exists and says nothing. `no-data`: null, as Kafka's zookeeper-security-migration.sh leaves it. `empty`: its
   * data is empty, or cannot be told apart from null. Absent: it is not so.
   */
  readonly blankMigration?: 'no-data' | 'empty' | undefined;
  /** undefined: it does not exist. */
  readonly controller: Controller | undefined;
  readonly controllerEpoch: number | undefined;
  /** How many topics ZooKeeper has, Kafka's own included. */
  readonly topics: number;
}

/** A KafkaNodePool with only the role `controller`. */
export interface ControllerPool {
  readonly name: string;
  /** Milliseconds since the epoch, by the API server's clock, in whole seconds. */
  readonly createdAt: number;
}

/** A claim of a controller. */
export interface ControllerVolumeClaim {
  readonly name: string;
  /** The pool that it was created for, which may no longer exist. */
  readonly pool: string;
  /** As for its pool. */
  readonly createdAt: number;
  /** The volume that it is bound to, if that was created for an earlier claim: there is data on it. */
  readonly earlierVolume?: string | undefined;
}

/** Volumes without a claim, by their names. */
export interface ControllerVolumes {
  /** They are reserved for a controller's claim, and are bound to it when it is created. */
  readonly waiting: readonly string[];
  /** Their claims are deleted: no claim can bind them until a user removes the uid from their claimRef. */
  readonly released: readonly string[];
}

/** The objects of controllers in Kubernetes. */
export interface ControllerLeftovers {
  readonly pools: readonly ControllerPool[];
  /** Names of pools with both roles: their claims hold records, and are no leftovers. */
  readonly dualRolePools: readonly string[];
  readonly pods: readonly string[];
  /** Claims of such pools, and of pools that no longer exist, whose role is unknown. */
  readonly claims: readonly ControllerVolumeClaim[];
  /** Volumes have no namespace: a user who may read a namespace need not have the right to list them. */
  readonly volumes: Known<ControllerVolumes>;
}

/** What the Kafka resource says. */
export interface KafkaFacts {
  /** `strimzi.io/kraft` as Strimzi reads it; `disabled` if it is absent. Strimzi need not know it. */
  readonly annotation: string;
  /** `status.kafkaMetadataState`; undefined: none, as while the reconciliation is paused. */
  readonly state: KafkaMetadataState | undefined;
  /** `strimzi.io/pause-reconciliation: "true"` */
  readonly paused: boolean;
  /** The operator's warnings about state and annotation, W1 to W8 of docs/behaviour.md. */
  readonly warnings: readonly string[];
  readonly kafkaVersion: string | undefined;
  readonly operatorVersion: string | undefined;
}

/** What is known of one cluster. The forecast judges znodes and leftovers; versions are only shown. */
export interface ClusterFacts {
  /** `lab/kafka/my-cluster`, or `ZooKeeper at host:2181`. */
  readonly name: string;
  /** Of the kubeconfig; undefined where Kubernetes was not read, or by kubectl without a context. */
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly cluster: string;
  /** What read the cluster: remigrate itself, or kubectl, whose output is in a file. */
  readonly readBy: 'remigrate' | 'kubectl';
  readonly kafka: Known<KafkaFacts>;
  readonly znodes: Known<Znodes>;
  readonly leftovers: Known<ControllerLeftovers>;
}
