import type { Condition, Pod } from '../kubernetes/core-objects.js';
import type { KubeObject } from '../kubernetes/kube-object.js';
import { type KafkaMetadataState, type NodeRole, readKraftAnnotation } from './migration-state.js';

/**
 * Strimzi's custom resources, labels and names, as far as the harness reads them (Strimzi 0.45.1 `api/.../Kafka.java`,
 * `KafkaNodePool.java`).
 */

export const KAFKA = { apiVersion: 'kafka.strimzi.io/v1beta2', kind: 'Kafka' } as const;
export const KAFKA_NODE_POOL = { apiVersion: 'kafka.strimzi.io/v1beta2', kind: 'KafkaNodePool' } as const;

export const CLUSTER_LABEL = 'strimzi.io/cluster';
/** The workload that an object belongs to: `my-cluster-kafka`, `my-cluster-zookeeper`. */
export const NAME_LABEL = 'strimzi.io/name';
/** What an object is part of: `Kafka`, `cluster-operator`. */
export const KIND_LABEL = 'strimzi.io/kind';
export const KRAFT_ANNOTATION = 'strimzi.io/kraft';
/** On a Kafka resource, `enabled`: its nodes are in node pools. */
export const NODE_POOLS_ANNOTATION = 'strimzi.io/node-pools';
/** On a Kafka resource, `true`: the operator changes nothing but the status. */
export const PAUSE_ANNOTATION = 'strimzi.io/pause-reconciliation';
/** Of pods and claims: the KafkaNodePool that they belong to, or did. */
export const POOL_LABEL = 'strimzi.io/pool-name';
const COMPONENT_LABEL = 'strimzi.io/component-type';
export const BROKER_ROLE_LABEL = 'strimzi.io/broker-role';
export const CONTROLLER_ROLE_LABEL = 'strimzi.io/controller-role';

/** A listener of the brokers (Strimzi 0.45.1 `api/.../GenericKafkaListener.java`). */
interface KafkaListener {
  readonly port: number;
  readonly type: string;
  readonly tls: boolean;
  readonly authentication?: object;
}

export interface KafkaResource extends KubeObject {
  readonly spec?: {
    /** Absent without a ZooKeeper (Strimzi 0.40 to 0.45: `api/.../KafkaSpec.java`). */
    readonly zookeeper?: object;
    readonly kafka?: { readonly listeners?: readonly KafkaListener[] };
  };
  readonly status?: {
    readonly kafkaMetadataState?: KafkaMetadataState;
    readonly clusterId?: string;
    readonly kafkaVersion?: string;
    readonly operatorLastSuccessfulVersion?: string;
    readonly conditions?: readonly Condition[];
  };
}

export interface KafkaNodePool extends KubeObject {
  readonly spec?: { readonly roles?: readonly string[] };
}

/** Which node of a Strimzi cluster a pod is. */
export interface PodIdentity {
  readonly role: NodeRole;
  readonly nodeId: number;
}

/**
 * From the labels that Strimzi gives its pods; undefined for a pod that is not a node of a cluster (an entity
 * operator).
 */
export function podIdentity(pod: Pod): PodIdentity | undefined {
  const labels = pod.metadata.labels ?? {};
  const nodeId = Number(/-(\d+)$/.exec(pod.metadata.name)?.[1]);
  if (!Number.isInteger(nodeId)) return undefined;
  if (labels[COMPONENT_LABEL] === 'zookeeper') return { role: 'zookeeper', nodeId };
  if (labels[COMPONENT_LABEL] !== 'kafka') return undefined;
  if (labels[CONTROLLER_ROLE_LABEL] === 'true' && labels[BROKER_ROLE_LABEL] !== 'true') {
    return { role: 'controller', nodeId };
  }
  return labels[BROKER_ROLE_LABEL] === 'true' ? { role: 'broker', nodeId } : undefined;
}

/**
 * The pod that a claim belongs to: `data-0-my-cluster-broker-0`, `data-my-cluster-zookeeper-0` (Strimzi 0.45.1
 * `VolumeUtils.java`).
 */
export function podOfClaim(claim: string): string {
  return claim.replace(/^data-(\d+-)?/, '');
}

/** The possible names of the claim of a pod's first volume: of a Kafka node, or of a ZooKeeper node. */
export function claimsOfPod(pod: string): readonly string[] {
  return [`data-0-${pod}`, `data-${pod}`];
}

/**
 * What a node's data is stored on: a claim, or an `emptyDir`, whose content ends with its pod. undefined: the pod shows
 * no volume for data. The volume is called `data-0` in JBOD storage and `data` otherwise (Strimzi 0.45.1
 * `VolumeUtils.java`).
 */
export function dataVolume({ spec }: Pod): 'claim' | 'ephemeral' | undefined {
  const volume = spec?.volumes?.find(({ name }) => name === 'data' || name === 'data-0');
  if (volume?.persistentVolumeClaim !== undefined) return 'claim';
  return volume?.emptyDir === undefined ? undefined : 'ephemeral';
}

/** The value of `strimzi.io/kraft` as Strimzi reads it. It may be one that Strimzi does not know. */
export function kraftAnnotation(kafka: KubeObject): string {
  return readKraftAnnotation(kafka.metadata.annotations?.[KRAFT_ANNOTATION]);
}

/**
 * The port of an internal listener without TLS and authentication, which a port-forward can use; undefined if there is
 * none.
 */
export function plainListenerPort({ spec }: KafkaResource): number | undefined {
  return spec?.kafka?.listeners?.find(
    ({ type, tls, authentication }) => type === 'internal' && !tls && authentication === undefined,
  )?.port;
}

/** A condition of type Ready with status True: the last reconciliation succeeded. */
export function kafkaIsReady(kafka: KafkaResource): boolean {
  return kafka.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** The messages of KafkaMetadataStateWarning, W1 to W8 of docs/behaviour.md. */
export function stateWarnings(kafka: KafkaResource): readonly string[] {
  return (kafka.status?.conditions ?? [])
    .filter(({ reason }) => reason === 'KafkaMetadataStateWarning')
    .map(({ message }) => message ?? '');
}

/** Why the last reconciliation failed, as in the status; undefined if it did not fail. */
export function kafkaFailure(kafka: KafkaResource): { readonly reason: string; readonly message: string } | undefined {
  const notReady = kafka.status?.conditions?.find(({ type, status }) => type === 'NotReady' && status === 'True');
  if (notReady?.reason === undefined || notReady.reason === 'Creating') return undefined;
  return { reason: notReady.reason, message: notReady.message ?? '' };
}
