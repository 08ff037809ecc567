import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { DefinitionFiles } from './crds.js';

export interface StandInRelease {
  /** The Strimzi version whose profile the operator follows. */
  readonly version: string;
  readonly operatorImage: string;
  /** Images of Kafka and ZooKeeper by Kafka version. */
  readonly kafkaImages: Readonly<Record<string, string>>;
  readonly definitions: DefinitionFiles;
  /** Additional variables of the operator, `STAND_IN_HOLD_PASS_MS` for example. */
  readonly environment?: Readonly<Record<string, string>>;
}

const NAME = 'strimzi-cluster-operator';
const LABELS = { app: 'strimzi' } as const;
/** The namespace in the bindings of Strimzi's release. */
const NAMESPACE = 'myproject';

type Manifest = Readonly<Record<string, unknown>>;

/**
 * Writes a folder with the structure of `install/cluster-operator` of a Strimzi release: the same file names, names,
 * labels and kinds, as far as the stand-in needs them. An annotation of the Deployment says that it is a stand-in.
 * @returns the folder.
 */
export function writeRelease(folder: string, release: StandInRelease): string {
  mkdirSync(folder, { recursive: true });
  const files = { ...manifests(release), ...release.definitions };
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

function manifests(release: StandInRelease): Readonly<Record<string, string>> {
  const files: Readonly<Record<string, Manifest>> = {
    [`010-ServiceAccount-${NAME}.yaml`]: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: NAME, labels: LABELS },
    },
    [`020-ClusterRole-${NAME}-role.yaml`]: role(`${NAME}-namespaced`, [
      rule('', ['pods', 'serviceaccounts', 'configmaps', 'services', 'secrets', 'persistentvolumeclaims'], ALL),
      rule('', ['pods/log', 'endpoints', 'events'], ['get', 'list', 'watch', 'create']),
    ]),
    [`020-RoleBinding-${NAME}.yaml`]: binding('RoleBinding', NAME, `${NAME}-namespaced`),
    [`021-ClusterRole-${NAME}-role.yaml`]: role(`${NAME}-global`, [
      rule('storage.k8s.io', ['storageclasses'], ['get']),
      rule('', ['nodes'], ['list']),
    ]),
    [`021-ClusterRoleBinding-${NAME}.yaml`]: binding('ClusterRoleBinding', NAME, `${NAME}-global`),
    [`023-ClusterRole-${NAME}-role.yaml`]: role(`${NAME}-watched`, [
      rule('', ['pods'], ['watch', 'list']),
      rule('kafka.strimzi.io', ['kafkas', 'kafkanodepools'], ALL),
      rule('kafka.strimzi.io', ['kafkas/status', 'kafkanodepools/status'], ['get', 'patch', 'update']),
      rule('core.strimzi.io', ['strimzipodsets'], ALL),
      rule('core.strimzi.io', ['strimzipodsets/status'], ['get', 'patch', 'update']),
    ]),
    [`023-RoleBinding-${NAME}.yaml`]: binding('RoleBinding', `${NAME}-watched`, `${NAME}-watched`),
    [`050-ConfigMap-${NAME}.yaml`]: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: NAME, labels: LABELS },
      data: { 'log4j2.properties': '# The stand-in has one log level.\n' },
    },
    [`060-Deployment-${NAME}.yaml`]: deployment(release),
  };
  return Object.fromEntries(Object.entries(files).map(([file, manifest]) => [file, stringify(manifest)]));
}

const ALL = ['get', 'list', 'watch', 'create', 'delete', 'patch', 'update'];

function rule(group: string, resources: readonly string[], verbs: readonly string[]): Manifest {
  return { apiGroups: [group], resources, verbs };
}

function role(name: string, rules: readonly Manifest[]): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: LABELS },
    rules,
  };
}

function binding(kind: 'RoleBinding' | 'ClusterRoleBinding', name: string, to: string): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, labels: LABELS },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }],
    roleRef: { kind: 'ClusterRole', name: to, apiGroup: 'rbac.authorization.k8s.io' },
  };
}

function deployment({ version, operatorImage, kafkaImages, environment }: StandInRelease): Manifest {
  const images = Object.entries(kafkaImages).map(([kafka, image]) => `${kafka}=${image}\n`);
  const variables = {
    STRIMZI_FULL_RECONCILIATION_INTERVAL_MS: '120000',
    STRIMZI_OPERATION_TIMEOUT_MS: '300000',
    STRIMZI_KAFKA_IMAGES: images.join(''),
    ...environment,
  };
  const labels = { name: NAME, 'strimzi.io/kind': 'cluster-operator' };
  const probe = { initialDelaySeconds: 1, periodSeconds: 2 };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: NAME,
      labels: LABELS,
      annotations: {
        'remigrate.io/stand-in': 'true',
        'remigrate.io/stand-in-for': `strimzi-cluster-operator ${version}`,
      },
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels, annotations: { 'remigrate.io/stand-in': 'true' } },
        spec: {
          serviceAccountName: NAME,
          terminationGracePeriodSeconds: 5,
          containers: [
            {
              name: NAME,
              image: operatorImage,
              imagePullPolicy: 'IfNotPresent',
              ports: [{ containerPort: 8080, name: 'http' }],
              env: [
                {
                  name: 'STRIMZI_NAMESPACE',
                  valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
                },
                ...Object.entries(variables).map(([name, value]) => ({ name, value })),
              ],
              livenessProbe: { httpGet: { path: '/healthy', port: 'http' }, ...probe, initialDelaySeconds: 10 },
              readinessProbe: { httpGet: { path: '/ready', port: 'http' }, ...probe },
              resources: { limits: { memory: '384Mi' }, requests: { cpu: '50m', memory: '128Mi' } },
            },
          ],
        },
      },
    },
  };
}
