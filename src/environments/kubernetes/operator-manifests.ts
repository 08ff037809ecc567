import { z } from 'zod';
import { UsageError } from '../../errors.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import { compareVersions } from '../../strimzi/versions.js';
import { RUN_LABEL } from './manifests.js';
import type { OperatorRelease } from './operator-release.js';

export interface OperatorPlace {
  readonly namespace: string;
  /** The value of the run's label. */
  readonly run: string;
  readonly version: string;
  /** The API server's version. */
  readonly kubernetes: { readonly major: number; readonly minor: number };
  /** `STRIMZI_FULL_RECONCILIATION_INTERVAL_MS`: 120 s in the release, 10 s in the recordings. */
  readonly reconciliationIntervalMs: number;
  /** Of the operator's own pod, instead of the release's. */
  readonly operatorImage?: string | undefined;
  /** Replaces the first part of every image's name, `quay.io/strimzi`. */
  readonly imageRegistry?: string | undefined;
}

/** The objects of an installation, in the order in which they are applied. */
export interface OperatorObjects {
  /** Cluster-wide, and shared by all operators of the cluster. */
  readonly definitions: readonly KubeObject[];
  /** The run's own. */
  readonly own: readonly KubeObject[];
}

/** Kinds of the release without a namespace. */
const CLUSTER_WIDE: ReadonlySet<string> = new Set(['ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition']);

/**
 * Up to 0.45.0 the operator's client library fails on a field that /version has since Kubernetes 1.33, so that it does not
 * start (measured, strimzi-kafka-operator 0.45.0; docs/behaviour.md#real-clusters).
 */
const LAST_BROKEN_BY_VERSION = '0.45.0';
const BREAKING_MINOR = 33;

/** As in the release. Somebody's own manifests may say `*`: the operator of a run is to touch nobody else's Kafka. */
const WATCHED = { name: 'STRIMZI_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } } as const;

const env = z.looseObject({ name: z.string(), value: z.string().optional() });
const container = z.looseObject({ name: z.string(), image: z.string(), env: z.array(env).default([]) });
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
 * Makes a release's manifests an installation of one run: in its namespace, with its label, its own cluster roles (two
 * runs on one cluster must not take them from each other), its images and timings.
 * @throws UsageError when the release is not shaped as Strimzi's.
 */
export function operatorObjects(release: OperatorRelease, place: OperatorPlace): OperatorObjects {
  const definitions: KubeObject[] = [];
  const own: KubeObject[] = [];
  for (const object of release.objects) {
    if (object.kind === 'CustomResourceDefinition') definitions.push(labelled(object, place));
    else own.push(rewritten(object, release, place));
  }
  return { definitions, own };
}

/** The name of a cluster-wide object of the run. */
export function ownName(name: string, place: Pick<OperatorPlace, 'namespace'>): string {
  return `${name}-${place.namespace}`;
}

function labelled(object: KubeObject, { run }: Pick<OperatorPlace, 'run'>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [RUN_LABEL]: run } } };
}

function rewritten(object: KubeObject, release: OperatorRelease, place: OperatorPlace): KubeObject {
  const placed = labelled(
    {
      ...object,
      metadata: CLUSTER_WIDE.has(object.kind)
        ? { ...object.metadata, name: ownName(object.metadata.name, place) }
        : { ...object.metadata, namespace: place.namespace },
    },
    place,
  );
  if (object.kind === 'ClusterRoleBinding' || object.kind === 'RoleBinding')
    return rebound(placed, shaped(binding, object, release), place);
  if (object.kind === 'Deployment') return configured(placed, shaped(deployment, object, release), place);
  return placed;
}

/** Subjects stand in the namespace `myproject` in the release. */
function rebound(object: KubeObject, { subjects, roleRef }: z.infer<typeof binding>, place: OperatorPlace): KubeObject {
  return {
    ...object,
    subjects: subjects.map((subject) =>
      subject.kind === 'ServiceAccount' ? { ...subject, namespace: place.namespace } : subject,
    ),
    roleRef: roleRef.kind === 'ClusterRole' ? { ...roleRef, name: ownName(roleRef.name, place) } : roleRef,
  } as KubeObject;
}

function shaped<T>(shape: z.ZodType<T>, object: KubeObject, { source }: OperatorRelease): T {
  const parsed = shape.safeParse(object);
  if (parsed.success) return parsed.data;
  const { kind, metadata } = object;
  throw new UsageError(
    `The ${kind} ${metadata.name} in ${source} is not shaped as Strimzi's: ${z.prettifyError(parsed.error)}`,
  );
}

function configured(object: KubeObject, { spec }: z.infer<typeof deployment>, place: OperatorPlace): KubeObject {
  const [first, ...others] = spec.template.spec.containers;
  const settings: Record<string, string> = {
    STRIMZI_FULL_RECONCILIATION_INTERVAL_MS: String(place.reconciliationIntervalMs),
    ...(needsVersionOverride(place)
      ? { STRIMZI_KUBERNETES_VERSION: `major=${place.kubernetes.major}\nminor=${place.kubernetes.minor}` }
      : {}),
  };
  const kept = first.env
    .filter(({ name }) => !(name in settings) && name !== WATCHED.name)
    .map((entry) => (entry.value === undefined ? entry : { ...entry, value: moved(entry.value, place) }));
  const operator = {
    ...first,
    image: place.operatorImage ?? moved(first.image, place),
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

function needsVersionOverride({ version, kubernetes }: OperatorPlace): boolean {
  return compareVersions(version, LAST_BROKEN_BY_VERSION) <= 0 && kubernetes.minor >= BREAKING_MINOR;
}

/** `quay.io/strimzi/kafka:0.45.1-kafka-3.9.0`, also in the lists `3.9.0=IMAGE` of the operator's environment. */
function moved(value: string, { imageRegistry }: OperatorPlace): string {
  return imageRegistry === undefined
    ? value
    : value.replaceAll(/\bquay\.io\/strimzi\//g, `${imageRegistry.replace(/\/$/, '')}/`);
}
