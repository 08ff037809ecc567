import type { KubeObject } from './kube-object.js';

/** Objects of Kubernetes' own API, as far as remigrate reads them (API machinery v1). */

export const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' } as const;
export const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' } as const;
export const POD = { apiVersion: 'v1', kind: 'Pod' } as const;
export const CLAIM = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;
export const VOLUME = { apiVersion: 'v1', kind: 'PersistentVolume' } as const;
export const EVENT = { apiVersion: 'v1', kind: 'Event' } as const;
export const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' } as const;
export const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

export interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What the kubelet reports about a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
  };
  readonly lastState?: { readonly terminated?: { readonly exitCode: number; readonly reason?: string } };
}

export interface Pod extends KubeObject {
  readonly spec?: {
    /** Absent until the pod is scheduled. */
    readonly nodeName?: string;
    readonly initContainers?: readonly { readonly name: string; readonly image?: string }[];
    readonly containers: readonly { readonly name: string; readonly image?: string }[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly emptyDir?: object;
      readonly persistentVolumeClaim?: object;
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface Claim extends KubeObject {
  readonly spec?: { readonly volumeName?: string; readonly storageClassName?: string };
  readonly status?: { readonly phase?: string };
}

export interface Volume extends KubeObject {
  readonly spec?: {
    /** The claim that it is bound to or reserved for. Without `uid` it is reserved for any claim of that name. */
    readonly claimRef?: { readonly namespace?: string; readonly name?: string; readonly uid?: string };
    readonly persistentVolumeReclaimPolicy?: string;
  };
  readonly status?: { readonly phase?: string };
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    /** MicroTime: RFC 3339 with exactly six digits of a second. */
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Whether its containers have terminated and the kubelet does not restart them. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/**
 * Whether an eviction or another disruption deletes it or has stopped it (Kubernetes 1.26 and later, condition
 * `DisruptionTarget`).
 */
export function isDisrupted(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True') ?? false;
}

export function isBeingDeleted({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}
