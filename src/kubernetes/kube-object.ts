/**
 * Objects as the API server sends them: times stay RFC 3339 strings, and unknown fields are kept. The typed models of
 * @kubernetes/client-node do neither, and its watches do not use them, so that the same object would have two shapes.
 */

/** The fields of Kubernetes' ObjectMeta (API machinery v1) that are read here. Other fields are kept, but not typed. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly { readonly manager?: string }[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any object of a cluster. Types that extend it add `spec`, `status`, `data` and so on. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** A kind: `{ apiVersion: 'v1', kind: 'Pod' }`, `{ apiVersion: 'kafka.strimzi.io/v1beta2', kind: 'KafkaNodePool' }`. */
export interface KindReference {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object, by name. `namespace` is omitted only for cluster-wide kinds. */
export interface ObjectReference extends KindReference {
  readonly namespace?: string;
  readonly name: string;
}

export function objectReference({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): ObjectReference {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Objects of one kind. Without `namespace`: in all namespaces. */
export interface Selection extends KindReference {
  readonly namespace?: string;
  /** Like kubectl's `-l`: `strimzi.io/cluster=my-cluster,strimzi.io/kind=Kafka`. */
  readonly labelSelector?: string;
  /** Like kubectl's `--field-selector`: `metadata.name=my-cluster-zookeeper-0`. */
  readonly fieldSelector?: string;
}
