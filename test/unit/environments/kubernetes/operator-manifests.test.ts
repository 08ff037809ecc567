import { describe, expect, it } from '@jest/globals';
import { type OperatorTarget, operatorObjects } from '../../../../src/environments/kubernetes/operator-manifests.js';
import { UsageError } from '../../../../src/errors.js';
import type { KubeObject } from '../../../../src/kubernetes/kube-object.js';

const object = (kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, labels: { app: 'strimzi' } },
  ...more,
});
const SUBJECTS = { subjects: [{ kind: 'ServiceAccount', name: 'strimzi-cluster-operator', namespace: 'myproject' }] };
const DEPLOYMENT = object('Deployment', 'strimzi-cluster-operator', {
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [
          {
            name: 'strimzi-cluster-operator',
            image: 'quay.io/strimzi/operator:0.45.1',
            readinessProbe: { httpGet: { path: '/ready', port: 'http' }, initialDelaySeconds: 10, periodSeconds: 30 },
            env: [
              { name: 'STRIMZI_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              { name: 'STRIMZI_FULL_RECONCILIATION_INTERVAL_MS', value: '120000' },
              {
                name: 'STRIMZI_KAFKA_IMAGES',
                value:
                  '3.8.1=quay.io/strimzi/kafka:0.45.1-kafka-3.8.1\n3.9.0=quay.io/strimzi/kafka:0.45.1-kafka-3.9.0\n',
              },
            ],
          },
        ],
      },
    },
  },
});
/** With the structure of Strimzi's release. */
const RELEASE = {
  source: 'release',
  checksum: '',
  objects: [
    object('ServiceAccount', 'strimzi-cluster-operator'),
    object('ClusterRole', 'strimzi-cluster-operator-namespaced'),
    object('RoleBinding', 'strimzi-cluster-operator', {
      ...SUBJECTS,
      roleRef: { kind: 'ClusterRole', name: 'strimzi-cluster-operator-namespaced' },
    }),
    object('ClusterRoleBinding', 'strimzi-cluster-operator', {
      ...SUBJECTS,
      roleRef: { kind: 'ClusterRole', name: 'strimzi-cluster-operator-global' },
    }),
    object('CustomResourceDefinition', 'kafkas.kafka.strimzi.io'),
    DEPLOYMENT,
  ],
};
const TARGET: OperatorTarget = {
  namespace: 'remigrate-1',
  run: 'remigrate-1',
  version: '0.45.1',
  kubernetes: { major: 1, minor: 33 },
  reconciliationIntervalMs: 10_000,
};

interface Deployed {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { image: string; env: readonly { name: string; value?: string }[] }[];
      };
    };
  };
}

function operator(place: Partial<OperatorTarget> = {}) {
  const { own } = operatorObjects(RELEASE, { ...TARGET, ...place });
  const deployment = own.find(({ kind }) => kind === 'Deployment') as unknown as Deployed;
  const [container] = deployment.spec.template.spec.containers;
  return {
    image: container?.image,
    names: (container?.env ?? []).map(({ name }) => name),
    env: Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value])),
  };
}

describe("an operator's installation", () => {
  it("is in the run's namespace and has the run's label", () => {
    const { own, definitions } = operatorObjects(RELEASE, TARGET);
    expect(own.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'} ${metadata.name}`)).toEqual([
      'ServiceAccount remigrate-1 strimzi-cluster-operator',
      'ClusterRole - strimzi-cluster-operator-namespaced-remigrate-1',
      'RoleBinding remigrate-1 strimzi-cluster-operator',
      'ClusterRoleBinding - strimzi-cluster-operator-remigrate-1',
      'Deployment remigrate-1 strimzi-cluster-operator',
    ]);
    expect(definitions.map(({ metadata }) => metadata.name)).toEqual(['kafkas.kafka.strimzi.io']);
    for (const { metadata } of [...own, ...definitions]) {
      expect(metadata.labels).toEqual({ app: 'strimzi', 'remigrate.io/run': 'remigrate-1' });
    }
  });

  it('binds its own roles to its own service account', () => {
    const { own } = operatorObjects(RELEASE, TARGET);
    expect(own.filter(({ kind }) => kind.endsWith('Binding'))).toEqual([
      expect.objectContaining({
        subjects: [{ kind: 'ServiceAccount', name: 'strimzi-cluster-operator', namespace: 'remigrate-1' }],
        roleRef: { kind: 'ClusterRole', name: 'strimzi-cluster-operator-namespaced-remigrate-1' },
      }),
      expect.objectContaining({
        subjects: [{ kind: 'ServiceAccount', name: 'strimzi-cluster-operator', namespace: 'remigrate-1' }],
        roleRef: { kind: 'ClusterRole', name: 'strimzi-cluster-operator-global-remigrate-1' },
      }),
    ]);
  });

  it('shares no cluster-wide object with another run, except the definitions', () => {
    const names = (namespace: string) =>
      operatorObjects(RELEASE, { ...TARGET, namespace, run: namespace })
        .own.filter(({ metadata }) => metadata.namespace === undefined)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names('remigrate-1')).toHaveLength(2);
    expect(names('remigrate-1').filter((name) => names('remigrate-2').includes(name))).toEqual([]);
  });

  it('has the given reconciliation interval, and otherwise the same environment', () => {
    const { image, env, names } = operator();
    expect(names).toHaveLength(new Set(names).size);
    expect(image).toBe('quay.io/strimzi/operator:0.45.1');
    expect(env).toEqual({
      STRIMZI_NAMESPACE: undefined,
      STRIMZI_KAFKA_IMAGES:
        '3.8.1=quay.io/strimzi/kafka:0.45.1-kafka-3.8.1\n3.9.0=quay.io/strimzi/kafka:0.45.1-kafka-3.9.0\n',
      STRIMZI_FULL_RECONCILIATION_INTERVAL_MS: '10000',
    });
  });

  it.each([
    ['0.45.0', 33, 'major=1\nminor=33'],
    ['0.44.0', 34, 'major=1\nminor=34'],
    ['0.45.0', 32, undefined],
    ['0.45.1', 33, undefined],
  ])(
    'gets the Kubernetes version as a variable if it would otherwise crash: %s on 1.%i',
    (version, minor, expected) => {
      const { env } = operator({ version, kubernetes: { major: 1, minor } });
      expect(env.STRIMZI_KUBERNETES_VERSION).toBe(expected);
    },
  );

  it('is asked more often whether it is ready: the release asks every 30 s', () => {
    const { own } = operatorObjects(RELEASE, TARGET);
    expect(own.find(({ kind }) => kind === 'Deployment')).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                readinessProbe: {
                  httpGet: { path: '/ready', port: 'http' },
                  initialDelaySeconds: 10,
                  periodSeconds: 2,
                },
              },
            ],
          },
        },
      },
    });
  });

  it('uses another registry for all images, or another image for the operator', () => {
    const moved = operator({ imageRegistry: 'mirror.example/strimzi/' });
    expect(moved.image).toBe('mirror.example/strimzi/operator:0.45.1');
    expect(moved.env.STRIMZI_KAFKA_IMAGES).toContain('3.9.0=mirror.example/strimzi/kafka:0.45.1-kafka-3.9.0');
    const built = operator({ operatorImage: 'localhost/mine:1' });
    expect(built.image).toBe('localhost/mine:1');
    expect(built.env.STRIMZI_KAFKA_IMAGES).toContain('quay.io/strimzi/kafka');
  });

  it("rejects a Deployment without the structure of Strimzi's", () => {
    const odd = { ...RELEASE, objects: [object('Deployment', 'strimzi-cluster-operator', { spec: {} })] };
    expect(() => operatorObjects(odd, TARGET)).toThrow(UsageError);
    expect(() => operatorObjects(odd, TARGET)).toThrow(
      "The Deployment strimzi-cluster-operator in release does not have the structure of Strimzi's",
    );
  });

  it.each(['RoleBinding', 'ClusterRoleBinding'])("rejects a %s without the structure of Strimzi's", (kind) => {
    const odd = { ...RELEASE, objects: [object(kind, 'strimzi-cluster-operator', SUBJECTS), DEPLOYMENT] };
    expect(() => operatorObjects(odd, TARGET)).toThrow(UsageError);
    expect(() => operatorObjects(odd, TARGET)).toThrow(
      `The ${kind} strimzi-cluster-operator in release does not have the structure of Strimzi's`,
    );
  });

  it('does not change other subjects, roles of a namespace, and other containers', () => {
    const [container] = (DEPLOYMENT as unknown as Deployed).spec.template.spec.containers;
    const sidecar = { name: 'sidecar', image: 'quay.io/example/sidecar:1' };
    const roleRef = { kind: 'Role', name: 'mine' };
    const release = {
      ...RELEASE,
      objects: [
        object('RoleBinding', 'odd', { subjects: [{ kind: 'User', name: 'me' }], roleRef }),
        object('ConfigMap', 'strimzi-cluster-operator', { data: { 'log4j2.properties': 'name = COConfig' } }),
        object('Deployment', 'strimzi-cluster-operator', {
          spec: { replicas: 1, template: { spec: { serviceAccountName: 'it', containers: [container, sidecar] } } },
        }),
      ],
    };
    const [binding, configMap, deployment] = operatorObjects(release, TARGET).own;
    expect(binding).toEqual(expect.objectContaining({ subjects: [{ kind: 'User', name: 'me' }], roleRef }));
    expect(configMap).toMatchObject({
      metadata: { namespace: 'remigrate-1' },
      data: { 'log4j2.properties': 'name = COConfig' },
    });
    expect(deployment).toMatchObject({
      spec: { replicas: 1, template: { spec: { serviceAccountName: 'it', containers: [expect.anything(), sidecar] } } },
    });
    expect((deployment as unknown as Deployed).spec.template.spec.containers[0]?.env[0]).toEqual({
      name: 'STRIMZI_NAMESPACE',
      valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } },
    });
  });

  it('watches only the namespace of the run, even if the manifests watch all', () => {
    const container = { name: 'op', image: 'op:1', env: [{ name: 'STRIMZI_NAMESPACE', value: '*' }] };
    const objects = [
      object('Deployment', 'strimzi-cluster-operator', { spec: { template: { spec: { containers: [container] } } } }),
    ];
    const [deployment] = operatorObjects({ ...RELEASE, objects }, TARGET).own;
    const { env } = (deployment as unknown as Deployed).spec.template.spec.containers[0] ?? {};
    expect(env?.filter(({ name }) => name === 'STRIMZI_NAMESPACE')).toEqual([
      { name: 'STRIMZI_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ]);
  });

  it('does not change the release', () => {
    const before = structuredClone(RELEASE);
    operatorObjects(RELEASE, { ...TARGET, imageRegistry: 'mirror.example/strimzi', version: '0.45.0' });
    expect(RELEASE).toEqual(before);
  });

  it('can have another operator image and another registry for the other images', () => {
    const { image, env } = operator({ operatorImage: 'localhost/mine:1', imageRegistry: 'mirror.example/strimzi' });
    expect(image).toBe('localhost/mine:1');
    expect(env.STRIMZI_KAFKA_IMAGES).toContain('3.8.1=mirror.example/strimzi/kafka:0.45.1-kafka-3.8.1');
  });
});
