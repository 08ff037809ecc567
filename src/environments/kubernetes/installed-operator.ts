import { EnvironmentError, UsageError } from '../../errors.js';
import { isBeingDeleted, isReady, POD, type Pod } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import { KIND_LABEL } from '../../strimzi/resources.js';
import { OPERATOR_POD_LABELS } from './operator-installation.js';

/** A Cluster Operator that is installed in the cluster, not by this run. */
export interface InstalledOperator {
  readonly namespace: string;
  /** The name of its Deployment. */
  readonly name: string;
  /** undefined: its images do not show it. */
  readonly version: string | undefined;
  readonly replicas: number;
  /** It watches every namespace, including future ones. */
  readonly watchesAll: boolean;
  /** It is the tests' stand-in, according to its Deployment's annotation. */
  readonly standIn: boolean;
}

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath?: string } };
}

export interface OperatorDeployment extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata?: {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: {
        readonly containers: readonly { readonly image?: string; readonly env?: readonly EnvVar[] }[];
      };
    };
  };
}

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
const STAND_IN_ANNOTATION = 'remigrate.io/stand-in';

/**
 * The release's manifests, the Helm chart and the operator catalogue label the Deployment differently, but its pods all
 * have this label (0.45.1 `packaging/install/cluster-operator/060-Deployment-strimzi-cluster-operator.yaml`).
 */
const OPERATOR_KIND = 'cluster-operator';

const ANY_NAMESPACE = '*';
/** Variables with images of the operator itself; the images of the bridge and of Kaniko have other versions. */
const OPERATOR_IMAGES: ReadonlySet<string> = new Set([
  'STRIMZI_DEFAULT_TOPIC_OPERATOR_IMAGE',
  'STRIMZI_DEFAULT_USER_OPERATOR_IMAGE',
  'STRIMZI_DEFAULT_KAFKA_INIT_IMAGE',
]);
const TAG = /:(\d+\.\d+\.\d+)(?:@\S+)?$/;
/** `3.9.0=quay.io/strimzi/kafka:0.45.1-kafka-3.9.0` */
const KAFKA_TAG = /:(\d+\.\d+\.\d+)-kafka-/g;

/** Whether it is the Deployment of the tests' stand-in operator, which is marked with an annotation. */
export function isStandIn({ kind, metadata }: KubeObject): boolean {
  return kind === 'Deployment' && metadata.annotations?.[STAND_IN_ANNOTATION] === 'true';
}

/** The Cluster Operators that run in the cluster, in any namespace. */
export async function installedOperators(api: KubeApi, signal: AbortSignal): Promise<readonly InstalledOperator[]> {
  const { items } = await api.list<OperatorDeployment>(DEPLOYMENT, { signal });
  return items.flatMap((deployment) => operatorOf(deployment) ?? []);
}

/** The operator of a Deployment; undefined: it is not a Cluster Operator, or it does not run. */
export function operatorOf(deployment: OperatorDeployment): InstalledOperator | undefined {
  const { metadata, spec } = deployment;
  const { template, replicas = 1 } = spec;
  if (template.metadata?.labels?.[KIND_LABEL] !== OPERATOR_KIND || replicas === 0 || isBeingDeleted(deployment)) {
    return undefined;
  }
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    version: versionOf(deployment),
    replicas,
    watchesAll: watchesAll(deployment),
    standIn: isStandIn(deployment),
  };
}

/** @throws UsageError when an installed operator would also reconcile the run's Kafka resource. */
export function rejectRivals(operators: readonly InstalledOperator[], context: string): void {
  const rival = operators.find((operator) => operator.watchesAll);
  if (rival === undefined) return;
  throw new UsageError(
    `The cluster of context ${context} has ${describeOperator(rival)}, which watches all namespaces: it and the operator of the run would both ` +
      "reconcile the run's Kafka resource. Use another cluster (--kind creates one), or use that operator, with --use-installed-operator.",
  );
}

/**
 * The installed operator that the runs use.
 * @param versions the operator versions of the runs.
 * @throws UsageError when there is none or more than one, or when its version is unknown or different.
 */
export function usableOperator(
  operators: readonly InstalledOperator[],
  versions: readonly string[],
  context: string,
): InstalledOperator {
  const [found, other] = operators.filter((operator) => operator.watchesAll);
  if (found === undefined) {
    const narrow = operators.map(describeOperator).join(', ');
    throw new UsageError(
      `The cluster of context ${context} has no Cluster Operator that watches all namespaces${narrow === '' ? '' : ` (it has ${narrow})`}: ` +
        'omit --use-installed-operator, and each run installs its own.',
    );
  }
  if (other !== undefined) {
    throw new UsageError(
      `The cluster of context ${context} has two operators that watch all namespaces: ${describeOperator(found)} and ${describeOperator(other)}. ` +
        'Use another cluster (--kind creates one).',
    );
  }
  if (found.replicas > 1) {
    throw new UsageError(
      `${capitalized(describeOperator(found))} has ${found.replicas} replicas, and only the log of the leader shows what the operator does: ` +
        'scale its Deployment to 1, or use another cluster (--kind creates one).',
    );
  }
  if (found.version === undefined) {
    throw new UsageError(
      `The images of ${describeOperator(found)} do not show its version, so the results could not be attributed to a version: ` +
        'use another cluster (--kind creates one), where each run installs its own operator.',
    );
  }
  const wrong = versions.filter((version) => version !== found.version);
  if (wrong.length > 0) {
    throw new UsageError(
      `${capitalized(describeOperator(found))} is ${found.version}, but the run is for ${wrong.join(', ')}: ` +
        `set --operator ${found.version}, or omit --use-installed-operator and use another cluster.`,
    );
  }
  return found;
}

/** @returns its pod. @throws UsageError when none is ready. */
export async function operatorPodOf(operator: InstalledOperator, api: KubeApi, signal: AbortSignal): Promise<Pod> {
  const { namespace } = operator;
  const { items } = await api.list<Pod>({ ...POD, namespace, labelSelector: OPERATOR_POD_LABELS }, { signal });
  const ready = items.find((pod) => isReady(pod) && !isBeingDeleted(pod));
  if (ready !== undefined) return ready;
  throw new UsageError(
    `${capitalized(describeOperator(operator))} has no pod that is ready: repair it first, or use another cluster.`,
  );
}

/** The error for a scenario that upgrades an operator that the run did not install. */
export function upgradeRefused(operator: InstalledOperator): UsageError {
  return new UsageError(
    `The scenario upgrades its operator, but ${describeOperator(operator)} was not installed by this run, and --use-installed-operator does not change it: ` +
      'run this scenario in another cluster (--kind creates one), where each run installs its own operator.',
  );
}

/** The error for a scenario that restarts an operator that the run did not install. */
export function restartRefused(operator: InstalledOperator): EnvironmentError {
  return new EnvironmentError(
    `The scenario restarts its operator, but ${describeOperator(operator)} was not installed by this run, and --use-installed-operator does not touch it: ` +
      'run this scenario in another cluster (--kind creates one), where each run installs its own operator.',
  );
}

/** `the Cluster Operator strimzi/strimzi-cluster-operator` */
export function describeOperator({ namespace, name }: InstalledOperator): string {
  return `the Cluster Operator ${namespace}/${name}`;
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/**
 * `STRIMZI_NAMESPACE` is a list; without it all namespaces are watched (0.45.1 `ClusterOperatorConfig.java:141`). A
 * value that cannot be read here counts as all namespaces: two operators must never reconcile one Kafka resource.
 */
function watchesAll({ spec: { template } }: OperatorDeployment): boolean {
  const variable = environmentOf(template).find(({ name }) => name === 'STRIMZI_NAMESPACE');
  const path = variable?.valueFrom?.fieldRef?.fieldPath;
  if (path === 'metadata.namespace') return false;
  // The Operator Lifecycle Manager writes the namespaces into an annotation of the pods.
  const annotation = /^metadata\.annotations\['(.+)'\]$/.exec(path ?? '')?.[1];
  const value = annotation === undefined ? variable?.value : template.metadata?.annotations?.[annotation];
  const namespaces = (value ?? '').split(',').map((one) => one.trim());
  return namespaces.every((one) => one === '') || namespaces.includes(ANY_NAMESPACE);
}

/** The version, if all images have the same. */
function versionOf({ spec: { template } }: OperatorDeployment): string | undefined {
  const versions = new Set<string>();
  const own = TAG.exec(template.spec.containers[0]?.image ?? '')?.[1];
  if (own !== undefined) versions.add(own);
  for (const { name, value = '' } of environmentOf(template)) {
    if (OPERATOR_IMAGES.has(name)) {
      const tag = TAG.exec(value)?.[1];
      if (tag !== undefined) versions.add(tag);
    } else if (name === 'STRIMZI_KAFKA_IMAGES') {
      for (const [, version = ''] of value.matchAll(KAFKA_TAG)) versions.add(version);
    }
  }
  const [version, other] = versions;
  return other === undefined ? version : undefined;
}

function environmentOf(template: OperatorDeployment['spec']['template']): readonly EnvVar[] {
  return template.spec.containers[0]?.env ?? [];
}
