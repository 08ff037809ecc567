import { z } from 'zod';
import { UsageError } from '../../errors.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import { compareVersions } from '../../strimzi/versions.js';
import { RUN_LABEL } from './manifests.js';
import type { OperatorRelease } from './operator-release.js';

export interface OperatorTarget {
  readonly namespace: string;
  /** The value of the run's label. */
  readonly run: string;
  readonly version: string;
  /** The API server's version. */
  readonly kubernetes: { readonly major: number; readonly minor: number };
  /** `STRIMZI_FULL_RECONCILIATION_INTERVAL_MS`: 120 s in the release, 10 s in the recordings. */
  readonly reconciliationIntervalMs: number;
  /** The image of the operator's own pod, instead of the release's. */
  readonly operatorImage?: string | undefined;
  /** Replaces `quay.io/strimzi` in every image's name. */
  readonly imageRegistry?: string | undefined;
}

/** The objects of an installation, in the order in which they are applied. */
export interface OperatorObjects {
  /** Cluster-wide, shared by all operators of the cluster. */
  readonly definitions: readonly KubeObject[];
  /** The objects that belong to the run. */
  readonly own: readonly KubeObject[];
}

/** Kinds of the release without a namespace. */
const CLUSTER_WIDE: ReadonlySet<string> = new Set(['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition']);

/**
 * Up to 0.45.0 the operator's client library fails on a field that /version has since Kubernetes 1.33, and the operator
 * does not start (measured, strimzi-kafka-operator 0.45.0; docs/behaviour.md#real-clusters).
 */
const LAST_BROKEN_BY_VERSION = '0.45.0';
const BREAKING_MINOR = 33;

/**
 * As in the release. The user's own manifests may have `*`, but a run's operator must only reconcile the run's Kafka.
 */
const WATCHED = { name: 'STRIMZI_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } } as const;

/**
 * How often the kubelet asks whether the operator is ready. The release asks 10 s after the start and then every 30 s
 * (0.45.1 `060-Deployment-strimzi-cluster-operator.yaml`), so a run would wait up to 30 s for an operator that is ready.
 */
const READINESS_PERIOD_SECONDS = 2;

const env = z.looseObject({ name: z.string(), value: z.string().optional() });
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z.array(env).default([]),
  readinessProbe: z.looseObject({}).optional(),
});
const deployment = z.looseObject({
  kind: z.literal('Deployment'),
  spec: z.looseObject({
    template: z.looseObject({ spec: z.looseObject({ containers: z.tuple([container]).rest(container) }) }),
  }),
});
const binding = z.looseObject({
  subjects: z.array(z.looseObject({ kind: z.string(), namespace: z.string().optional() })).default([]),
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
});

/**
 * Converts a release's manifests to the installation of one run: in its namespace, with its label, with cluster roles
 * of its own (two runs in one cluster must not share them), and with the run's images and timings.
 * @throws UsageError when the manifests do not have the structure of Strimzi's.
 */
export function operatorObjects(release: OperatorRelease, target: OperatorTarget): OperatorObjects {
  const definitions: KubeObject[] = [];
  const own: KubeObject[] = [];
  for (const object of release.objects) {
    if (isDefinition(object)) definitions.push(withRunLabel(object, target));
    else own.push(adaptObject(object, release, target));
  }
  return { definitions, own };
}

/** Whether all operators of the cluster share it. */
export function isDefinition({ kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition';
}

/** The name that a cluster-wide object gets in the run. */
export function ownName(name: string, target: Pick<OperatorTarget, 'namespace'>): string {
  return `${name}-${target.namespace}`;
}

function withRunLabel(object: KubeObject, { run }: Pick<OperatorTarget, 'run'>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [RUN_LABEL]: run } } };
}

function adaptObject(object: KubeObject, release: OperatorRelease, target: OperatorTarget): KubeObject {
  const placed = withRunLabel(
    {
      ...object,
      metadata: CLUSTER_WIDE.has(object.kind)
        ? { ...object.metadata, name: ownName(object.metadata.name, target) }
        : { ...object.metadata, namespace: target.namespace },
    },
    target,
  );
  if (object.kind === 'ClusterRoleBinding' || object.kind === 'RoleBinding')
    return adaptBinding(placed, parseAs(binding, object, release), target);
  if (object.kind === 'Deployment') return configureOperator(placed, parseAs(deployment, object, release), target);
  return placed;
}

/** In the release, subjects are in the namespace `myproject`. */
function adaptBinding(
  object: KubeObject,
  { subjects, roleRef }: z.infer<typeof binding>,
  target: OperatorTarget,
): KubeObject {
  return {
    ...object,
    subjects: subjects.map((subject) =>
      subject.kind === 'ServiceAccount' ? { ...subject, namespace: target.namespace } : subject,
    ),
    roleRef: roleRef.kind === 'ClusterRole' ? { ...roleRef, name: ownName(roleRef.name, target) } : roleRef,
  } as KubeObject;
}

function parseAs<T>(shape: z.ZodType<T>, object: KubeObject, { source }: OperatorRelease): T {
  const parsed = shape.safeParse(object);
  if (parsed.success) return parsed.data;
  const { kind, metadata } = object;
  throw new UsageError(
    `The ${kind} ${metadata.name} in ${source} does not have the structure of Strimzi's: ${z.prettifyError(parsed.error)}`,
  );
}

function configureOperator(
  object: KubeObject,
  { spec }: z.infer<typeof deployment>,
  target: OperatorTarget,
): KubeObject {
  const [first, ...others] = spec.template.spec.containers;
  const settings: Record<string, string> = {
    STRIMZI_FULL_RECONCILIATION_INTERVAL_MS: String(target.reconciliationIntervalMs),
    ...(needsVersionOverride(target)
      ? { STRIMZI_KUBERNETES_VERSION: `major=${target.kubernetes.major}\nminor=${target.kubernetes.minor}` }
      : {}),
  };
  const kept = first.env
    .filter(({ name }) => !(name in settings) && name !== WATCHED.name)
    .map((entry) => (entry.value === undefined ? entry : { ...entry, value: withRegistry(entry.value, target) }));
  const operator = {
    ...first,
    image: target.operatorImage ?? withRegistry(first.image, target),
    ...(first.readinessProbe === undefined
      ? {}
      : { readinessProbe: { ...first.readinessProbe, periodSeconds: READINESS_PERIOD_SECONDS } }),
    env: [WATCHED, ...kept, ...Object.entries(settings).map(([name, value]) => ({ name, value }))],
  };
  return {
    ...object,
    spec: {
      ...spec,
      template: { ...spec.template, spec: { ...spec.template.spec, containers: [operator, ...others] } },
    },
  } as KubeObject;
}

function needsVersionOverride({ version, kubernetes }: OperatorTarget): boolean {
  return compareVersions(version, LAST_BROKEN_BY_VERSION) <= 0 && kubernetes.minor >= BREAKING_MINOR;
}

/** `quay.io/strimzi/kafka:0.45.1-kafka-3.9.0`, also in the lists `3.9.0=IMAGE` of the operator's environment. */
function withRegistry(value: string, { imageRegistry }: OperatorTarget): string {
  return imageRegistry === undefined
    ? value
    : value.replaceAll(/\bquay\.io\/strimzi\//g, `${imageRegistry.replace(/\/$/, '')}/`);
}
