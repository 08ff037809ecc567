import type { MigrationZnode } from '../metadata/zookeeper/znodes.js';
import type { KafkaMetadataState, KraftAnnotation } from '../strimzi/migration-state.js';
import type { Known } from './known.js';

/** Who holds `/controller`: a broker in ZooKeeper mode, by an ephemeral znode, or a KRaft controller, by one that stays. */
export interface Controller {
  readonly id: number;
  readonly owner: 'broker' | 'kraft-controller';
}

/** `/migration`, and when it was made. */
export interface MigrationSeen extends MigrationZnode {
  /** Its `ctime`, milliseconds since the epoch, by ZooKeeper's clock. */
  readonly createdAt: number;
}

/** What ZooKeeper holds of a migration. */
export interface Znodes {
  /** undefined: there is none. */
  readonly migration: MigrationSeen | undefined;
  /** undefined: there is none. */
  readonly controller: Controller | undefined;
  readonly controllerEpoch: number | undefined;
  /** How many topics ZooKeeper has, Kafka's own included. */
  readonly topics: number;
}

/** A KafkaNodePool with the role `controller` alone. */
export interface ControllerPool {
  readonly name: string;
  /** Milliseconds since the epoch, by the API server's clock, in whole seconds. */
  readonly createdAt: number;
}

/** A claim of a controller. */
export interface ControllerVolumeClaim {
  readonly name: string;
  /** The pool that it was made for, which may be gone. */
  readonly pool: string;
  /** As its pool's. */
  readonly createdAt: number;
  /** The volume that it is bound to, where that was made for an earlier claim: there is data on it. */
  readonly earlierVolume?: string | undefined;
}

/** Volumes without a claim, by their names. */
export interface ControllerVolumes {
  /** They wait for a claim of a controller's name, and are bound to the next that is made. */
  readonly waiting: readonly string[];
  /** Their claims are gone: nobody gets them until somebody takes the claim's uid out of them. */
  readonly released: readonly string[];
}

/** What Kubernetes has of controllers. */
export interface ControllerLeftovers {
  readonly pools: readonly ControllerPool[];
  /** Names of pools with both roles: their claims hold records, and are no leftovers. */
  readonly dualRolePools: readonly string[];
  readonly pods: readonly string[];
  /** Claims of such pools, and those of pools that are gone: nobody can tell which role those had. */
  readonly claims: readonly ControllerVolumeClaim[];
  /** Volumes are of the whole cluster: who may look into a namespace need not see them. */
  readonly volumes: Known<ControllerVolumes>;
}

/** What the Kafka resource says. */
export interface KafkaFacts {
  /** `strimzi.io/kraft`; `disabled` where it is not there. */
  readonly annotation: KraftAnnotation;
  /** `status.kafkaMetadataState`; undefined: none, as while the reconciliation is paused. */
  readonly state: KafkaMetadataState | undefined;
  /** `strimzi.io/pause-reconciliation: "true"` */
  readonly paused: boolean;
  /** What the operator warns of about state and annotation, W1 to W8 of docs/behaviour.md. */
  readonly warnings: readonly string[];
  readonly kafkaVersion: string | undefined;
  readonly operatorVersion: string | undefined;
}

/** What is known of one cluster. Judged are znodes and leftovers; versions are told alone. */
export interface ClusterFacts {
  /** `lab/kafka/my-cluster`, or `ZooKeeper at host:2181`. */
  readonly name: string;
  /** Of the kubeconfig; undefined where Kubernetes was not looked at, or by somebody else. */
  readonly context: string | undefined;
  readonly namespace: string | undefined;
  readonly cluster: string;
  /** Who has looked: remigrate itself, or kubectl, whose output was handed in. */
  readonly readBy: 'remigrate' | 'kubectl';
  readonly kafka: Known<KafkaFacts>;
  /** Where ZooKeeper is gone because the migration is finalised, nobody looks. */
  readonly znodes: Known<Znodes>;
  readonly leftovers: Known<ControllerLeftovers>;
}
