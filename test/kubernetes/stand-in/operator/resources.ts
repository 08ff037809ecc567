import type { KubernetesObject, V1ObjectMeta, V1Pod } from '@kubernetes/client-node';
import type { KafkaMetadataState } from '../../../../src/strimzi/migration-state.js';

/** The parts of Strimzi's custom resources (0.45 API, `v1beta2`) that the stand-in reads and writes. */

export interface StatusCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime: string;
}

export type NamedMeta = V1ObjectMeta & { name: string; namespace: string; uid: string };

/** An object from the API server: it has a name, a namespace and a uid. */
export interface Stored extends KubernetesObject {
  metadata: NamedMeta;
}

export interface KafkaStatus {
  readonly conditions?: readonly StatusCondition[];
  readonly observedGeneration?: number;
  readonly listeners?: readonly unknown[];
  readonly kafkaNodePools?: readonly { readonly name: string }[];
  readonly clusterId?: string;
  readonly operatorLastSuccessfulVersion?: string;
  readonly kafkaVersion?: string;
  readonly kafkaMetadataVersion?: string;
  readonly kafkaMetadataState?: KafkaMetadataState;
}

export interface Storage {
  /** `ephemeral`, `persistent-claim` or `jbod`. */
  readonly type: string;
  readonly id?: number;
  readonly size?: string;
  readonly class?: string;
  readonly deleteClaim?: boolean;
  readonly kraftMetadata?: string;
  readonly volumes?: readonly Storage[];
}

export interface JvmOptions {
  readonly '-Xms'?: string;
  readonly '-Xmx'?: string;
  readonly javaSystemProperties?: readonly { readonly name: string; readonly value: string }[];
}

export interface ResourceRequirements {
  readonly limits?: Record<string, string>;
  readonly requests?: Record<string, string>;
}

export interface StandInKafka extends Stored {
  readonly spec: {
    readonly kafka: {
      readonly version?: string;
      readonly config?: Readonly<Record<string, unknown>>;
      readonly listeners: readonly { readonly name: string; readonly port: number; readonly tls: boolean }[];
    };
    readonly zookeeper?: {
      readonly replicas: number;
      readonly storage: Storage;
      readonly resources?: ResourceRequirements;
      readonly jvmOptions?: JvmOptions;
    };
  };
  readonly status?: KafkaStatus;
}

export interface KafkaNodePoolStatus {
  readonly observedGeneration?: number;
  readonly nodeIds?: readonly number[];
  readonly roles?: readonly string[];
  readonly replicas?: number;
  readonly labelSelector?: string;
  readonly clusterId?: string;
}

export interface KafkaNodePool extends Stored {
  readonly spec: {
    readonly replicas: number;
    readonly roles: readonly ('broker' | 'controller')[];
    readonly storage: Storage;
    readonly resources?: ResourceRequirements;
    readonly jvmOptions?: JvmOptions;
  };
  readonly status?: KafkaNodePoolStatus;
}

/** A pod in a StrimziPodSet. */
export interface PodTemplate extends V1Pod {
  metadata: V1ObjectMeta & { name: string; namespace: string };
}

export interface StrimziPodSet extends Stored {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly pods: readonly PodTemplate[];
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly pods?: number;
    readonly readyPods?: number;
    readonly currentPods?: number;
  };
}

export const KAFKA_KIND = { apiVersion: 'kafka.strimzi.io/v1beta2', kind: 'Kafka', plural: 'kafkas' } as const;
export const NODE_POOL = {
  apiVersion: 'kafka.strimzi.io/v1beta2',
  kind: 'KafkaNodePool',
  plural: 'kafkanodepools',
} as const;
export const POD_SET = {
  apiVersion: 'core.strimzi.io/v1beta2',
  kind: 'StrimziPodSet',
  plural: 'strimzipodsets',
} as const;
export const POD_KIND = { apiVersion: 'v1', kind: 'Pod', plural: 'pods' } as const;

export function isReady(pod: V1Pod): boolean {
  return (
    pod.metadata?.deletionTimestamp === undefined &&
    (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
  );
}
