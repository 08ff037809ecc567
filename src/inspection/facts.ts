import type { KafkaMetadataState, KraftAnnotation } from '../cluster/migration-state.js';
import type { MigrationZnode } from '../metadata/zookeeper/znodes.js';

/** Something that was looked at, or why it could not be. */
export type Known<T> = { readonly known: T } | { readonly unknown: string };

/** Who holds `/controller`: a broker in ZooKeeper mode, by an ephemeral znode, or a KRaft controller, by one that stays. */
export interface Controller {
  readonly id: number;
  readonly owner: 'broker' | 'kraft-controller';
}

/** What ZooKeeper holds of a migration. */
export interface Znodes {
  /** undefined: there is none. */
  readonly migration: MigrationZnode | undefined;
  /** undefined: there is none. */
  readonly controller: Controller | undefined;
  readonly controllerEpoch: number | undefined;
  /** How many topics ZooKeeper has, Kafka's own included. */
  readonly topics: number;
}

/** What Kubernetes still has of the controllers. */
export interface ControllerRemains {
  /** KafkaNodePools with the role `controller`. */
  readonly pools: readonly string[];
  readonly pods: readonly string[];
  /** Claims of such pools, or that were of one that is gone. */
  readonly claims: readonly string[];
  /** Volumes that were bound to such a claim and could be bound again. */
  readonly volumes: readonly string[];
}

/** What the Kafka resource says. */
export interface KafkaResource {
  /** `strimzi.io/kraft`; `disabled` where it is not there. */
  readonly annotation: KraftAnnotation;
  /** `status.kafkaMetadataState`; undefined: none, as while the reconciliation is paused. */
  readonly state: KafkaMetadataState | undefined;
  /** `strimzi.io/pause-reconciliation: "true"` */
  readonly paused: boolean;
  /** Messages of the status' warnings. */
  readonly warnings: readonly string[];
  readonly kafkaVersion: string | undefined;
  readonly operatorVersion: string | undefined;
}

/** What is known of one cluster. Judged are znodes and remains; versions are told alone. */
export interface ClusterFacts {
  /** `lab/kafka/my-cluster`, or `ZooKeeper at host:2181`. */
  readonly name: string;
  readonly cluster: string;
  readonly namespace: string | undefined;
  readonly kafka: Known<KafkaResource>;
  /** Where ZooKeeper is gone because the migration is finalised, nobody looks. */
  readonly znodes: Known<Znodes>;
  readonly remains: Known<ControllerRemains>;
}
