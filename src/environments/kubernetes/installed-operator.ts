import { UsageError } from '../../errors.js';
import { isBeingDeleted, isReady, POD, type Pod } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import { OPERATOR_POD_LABELS } from './operator-installation.js';

/** A Cluster Operator that somebody else has installed. */
export interface InstalledOperator {
  readonly namespace: string;
  /** Of its Deployment. */
  readonly name: string;
  /** undefined: its images do not tell. */
  readonly version: string | undefined;
  readonly replicas: number;
  /** It takes care of the Kafka resources of every namespace, of those that it will get, too. */
  readonly watchesAll: boolean;
  /** The tests' stand-in, which says so on its Deployment. */
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
 * The release's manifests, the Helm chart and the operator's catalogue entry give the Deployment labels of their own, its
 * pods this one (0.45.1 `packaging/install/cluster-operator/060-Deployment-strimzi-cluster-operator.yaml`).
 */
const KIND_LABEL = 'strimzi.io/kind';
const OPERATOR_KIND = 'cluster-operator';

const ANY_NAMESPACE = '*';
/** Images of the operator itself that its environment names; bridge and Kaniko have versions of their own. */
const OPERATOR_IMAGES: ReadonlySet<string> = new Set([
  'STRIMZI_DEFAULT_TOPIC_OPERATOR_IMAGE',
  'STRIMZI_DEFAULT_USER_OPERATOR_IMAGE',
  'STRIMZI_DEFAULT_KAFKA_INIT_IMAGE',
]);
const TAG = /:(\d+\.\d+\.\d+)(?:@\S+)?$/;
/** `3.9.0=quay.io/strimzi/kafka:0.45.1-kafka-3.9.0` */
const KAFKA_TAG = /:(\d+\.\d+\.\d+)-kafka-/g;

/** The stand-in operator of the tests says on its Deployment what it is. */
export function isStandIn({ kind, metadata }: KubeObject): boolean {
  return kind === 'Deployment' && metadata.annotations?.[STAND_IN_ANNOTATION] === 'true';
}

/** The Cluster Operators that work in the cluster, in whatever namespace. */
export async function installedOperators(api: KubeApi, signal: AbortSignal): Promise<readonly InstalledOperator[]> {
  const { items } = await api.list<OperatorDeployment>(DEPLOYMENT, { signal });
  return items.flatMap((deployment) => operatorOf(deployment) ?? []);
}

/** What a Deployment tells; undefined: it is no Cluster Operator's, or one that does not run. */
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

/** @throws UsageError when an operator is there that would take care of the run's Kafka, beside the run's own. */
export function refuseRivals(operators: readonly InstalledOperator[], context: string): void {
  const rival = operators.find((operator) => operator.watchesAll);
  if (rival === undefined) return;
  throw new UsageError(
    `The cluster of context ${context} has ${describeOperator(rival)}, which watches all namespaces: it and the operator of the run would both ` +
      "work on the run's Kafka. Take another cluster (--kind makes one), or let the run use that operator with --use-installed-operator.",
  );
}

/**
 * The operator that a run is to use as it is.
 * @param versions those that the runs are for.
 * @throws UsageError when there is none or more than one, and when it is not of that version or its version can't be told.
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
        'leave --use-installed-operator away, and each run installs its own.',
    );
  }
  if (other !== undefined) {
    throw new UsageError(
      `The cluster of context ${context} has two operators that watch all namespaces: ${describeOperator(found)} and ${describeOperator(other)}. ` +
        'Take another cluster (--kind makes one).',
    );
  }
  if (found.replicas > 1) {
    throw new UsageError(
      `${capital(describeOperator(found))} has ${found.replicas} replicas, and only the log of the one that leads tells what is done: ` +
        'scale its Deployment to 1, or take another cluster (--kind makes one).',
    );
  }
  if (found.version === undefined) {
    throw new UsageError(
      `The version of ${describeOperator(found)} can't be told from its images, so that nothing could be said of its runs: ` +
        'take another cluster (--kind makes one), where each run installs its own operator.',
    );
  }
  const wrong = versions.filter((version) => version !== found.version);
  if (wrong.length > 0) {
    throw new UsageError(
      `${capital(describeOperator(found))} is ${found.version}, and the run is for ${wrong.join(', ')}: ` +
        `say --operator ${found.version}, or leave --use-installed-operator away in another cluster.`,
    );
  }
  return found;
}

/** @returns its pod. @throws UsageError when none is ready. */
export async function podOf(operator: InstalledOperator, api: KubeApi, signal: AbortSignal): Promise<Pod> {
  const { namespace } = operator;
  const { items } = await api.list<Pod>({ ...POD, namespace, labelSelector: OPERATOR_POD_LABELS }, { signal });
  const ready = items.find((pod) => isReady(pod) && !isBeingDeleted(pod));
  if (ready !== undefined) return ready;
  throw new UsageError(
    `${capital(describeOperator(operator))} has no pod that is ready: mend it first, or take another cluster.`,
  );
}

/** A scenario wants another version in the operator's place. */
export function refusedUpgrade(operator: InstalledOperator): UsageError {
  return new UsageError(
    `The scenario upgrades its operator, and ${describeOperator(operator)} is somebody else's, which --use-installed-operator leaves as it is: ` +
      'run this scenario in another cluster (--kind makes one), where each run installs its own operator.',
  );
}

/** `the Cluster Operator strimzi/strimzi-cluster-operator` */
export function describeOperator({ namespace, name }: InstalledOperator): string {
  return `the Cluster Operator ${namespace}/${name}`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/**
 * `STRIMZI_NAMESPACE` is a list; without it all namespaces are watched (0.45.1 `ClusterOperatorConfig.java:141`). What can't
 * be read here is taken for all: a run must not find out by a fight.
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

/** What all of its images agree on. */
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
