import { createHash } from 'node:crypto';
import type { V1Container, V1OwnerReference } from '@kubernetes/client-node';
import type { RenderedConfiguration } from '../../../../src/operator/configuration.js';
import type { ConfigurationState } from '../../../../src/strimzi/migration-state.js';
import { protocolVersion } from '../../../../src/strimzi/versions.js';
import type { Applied } from './cluster-api.js';
import type { AssignedPool } from './node-ids.js';
import {
  type JvmOptions,
  KAFKA_KIND,
  NODE_POOL,
  POD_SET,
  type PodTemplate,
  type StandInKafka,
  type Storage,
} from './resources.js';

/**
 * The objects that Strimzi creates for a Kafka resource and its pools, with the names, labels, ports and owners of the
 * recordings. What only TLS needs (certificates in the pods, network policies) is omitted.
 */

/** The configuration state that a pod started with. Only the stand-in has it: Strimzi compares revisions instead. */
export const CONFIGURATION_STATE = 'remigrate.io/configuration-state';

export interface ReconciledCluster {
  readonly kafka: StandInKafka;
  readonly kafkaVersion: string;
  /** The image of Kafka and ZooKeeper. */
  readonly image: string;
}

type Component = 'kafka' | 'zookeeper';

function labelsOf(
  { kafka }: ReconciledCluster,
  component: Component,
  extra: Record<string, string> = {},
): Record<string, string> {
  const { name } = kafka.metadata;
  return {
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'strimzi-cluster-operator',
    'app.kubernetes.io/name': component,
    'app.kubernetes.io/part-of': `strimzi-${name}`,
    'strimzi.io/cluster': name,
    'strimzi.io/component-type': component,
    'strimzi.io/kind': 'Kafka',
    'strimzi.io/name': `${name}-${component}`,
    ...extra,
  };
}

function selectorOf({ kafka }: ReconciledCluster, component: Component): Record<string, string> {
  const { name } = kafka.metadata;
  return { 'strimzi.io/cluster': name, 'strimzi.io/kind': 'Kafka', 'strimzi.io/name': `${name}-${component}` };
}

function ownerOf({ kafka }: ReconciledCluster): V1OwnerReference {
  const { name, uid } = kafka.metadata;
  return {
    apiVersion: KAFKA_KIND.apiVersion,
    kind: KAFKA_KIND.kind,
    name,
    uid,
    blockOwnerDeletion: false,
    controller: false,
  };
}

function poolOwnerOf({ pool }: AssignedPool): V1OwnerReference {
  const { name, uid } = pool.metadata;
  return {
    apiVersion: NODE_POOL.apiVersion,
    kind: NODE_POOL.kind,
    name,
    uid,
    blockOwnerDeletion: false,
    controller: false,
  };
}

function ports(of: Readonly<Record<string, number>>, target: Readonly<Record<string, number>> = {}) {
  return Object.entries(of).map(([name, port]) => ({ name, port, protocol: 'TCP', targetPort: target[name] ?? port }));
}

function service(
  cluster: ReconciledCluster,
  component: Component,
  suffix: string,
  spec: Record<string, unknown>,
  metadata: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> } = {},
): Applied {
  const { name, namespace } = cluster.kafka.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `${name}-${suffix}`,
      namespace,
      labels: labelsOf(cluster, component, metadata.labels),
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [ownerOf(cluster)],
    },
    spec: { type: 'ClusterIP', selector: selectorOf(cluster, component), ...spec },
  } as Applied;
}

function serviceAccount(cluster: ReconciledCluster, component: Component): Applied {
  const { name, namespace } = cluster.kafka.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: `${name}-${component}`,
      namespace,
      labels: labelsOf(cluster, component),
      ownerReferences: [ownerOf(cluster)],
    },
  };
}

/** Secrets with Strimzi's names. Their content is a placeholder, because the stand-in does not use TLS. */
function secrets(cluster: ReconciledCluster): readonly Applied[] {
  const { name, namespace } = cluster.kafka.metadata;
  return ['cluster-ca', 'cluster-ca-cert', 'clients-ca-cert', 'cluster-operator-certs'].map((suffix) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `${name}-${suffix}`,
      namespace,
      labels: labelsOf(cluster, 'kafka'),
      ownerReferences: [ownerOf(cluster)],
    },
    stringData: { 'ca.password': 'stand-in-secret' },
  }));
}

/**
 * The client port of ZooKeeper in its pod: in Strimzi it is plain text and only for the pod itself, and 2181 has TLS.
 */
const ZOOKEEPER_PLAIN_PORT = 12_181;

/** All objects of ZooKeeper except its claims and pods. */
export function zooKeeperObjects(cluster: ReconciledCluster): readonly Applied[] {
  const { name, namespace } = cluster.kafka.metadata;
  return [
    ...secrets(cluster),
    serviceAccount(cluster, 'zookeeper'),
    service(cluster, 'zookeeper', 'zookeeper-client', {
      ports: ports({ 'tcp-clients': 2181 }, { 'tcp-clients': ZOOKEEPER_PLAIN_PORT }),
    }),
    service(cluster, 'zookeeper', 'zookeeper-nodes', {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: ports(
        { 'tcp-clients': 2181, 'tcp-clustering': 2888, 'tcp-election': 3888 },
        { 'tcp-clients': ZOOKEEPER_PLAIN_PORT },
      ),
    }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `${name}-zookeeper-config`,
        namespace,
        labels: labelsOf(cluster, 'zookeeper'),
        ownerReferences: [ownerOf(cluster)],
      },
      data: {
        'log4j.properties': ZOOKEEPER_LOG4J,
        'zookeeper.node-count': String(cluster.kafka.spec.zookeeper?.replicas ?? 0),
      },
    } as Applied,
  ];
}

/** The objects of ZooKeeper that the eraser deletes, in addition to its pods and claims. */
export function erasedWithZooKeeper(name: string): readonly { readonly kind: string; readonly name: string }[] {
  return [
    { kind: 'Service', name: `${name}-zookeeper-client` },
    { kind: 'Service', name: `${name}-zookeeper-nodes` },
    { kind: 'ConfigMap', name: `${name}-zookeeper-config` },
    { kind: 'ServiceAccount', name: `${name}-zookeeper` },
  ];
}

/** All objects of Kafka except its claims, configurations and pods. */
export function kafkaObjects(cluster: ReconciledCluster): readonly Applied[] {
  const [listener] = cluster.kafka.spec.kafka.listeners;
  const clients = Object.fromEntries(
    cluster.kafka.spec.kafka.listeners.map(({ port }, index) => [index === 0 ? 'tcp-clients' : `tcp-${port}`, port]),
  );
  const discovery = { port: listener?.port ?? 9092, tls: false, protocol: 'kafka', auth: 'none' };
  return [
    serviceAccount(cluster, 'kafka'),
    service(
      cluster,
      'kafka',
      'kafka-bootstrap',
      { ports: ports({ 'tcp-replication': 9091, ...clients }) },
      {
        labels: { 'strimzi.io/discovery': 'true' },
        annotations: { 'strimzi.io/discovery': JSON.stringify([discovery]) },
      },
    ),
    service(cluster, 'kafka', 'kafka-brokers', {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      ports: ports({ 'tcp-ctrlplane': 9090, 'tcp-replication': 9091, 'tcp-kafkaagent': 8443, ...clients }),
    }),
  ];
}

/** `server.config` and the other keys that the pod mounts. */
export function configMap(
  cluster: ReconciledCluster,
  pool: AssignedPool,
  nodeId: number,
  { serverConfig, configMap: keys }: RenderedConfiguration,
): Applied {
  const { name, namespace } = cluster.kafka.metadata;
  const lines = Object.entries(serverConfig).map(([key, value]) => `${key}=${value}\n`);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${name}-${pool.pool.metadata.name}-${nodeId}`,
      namespace,
      labels: labelsOf(cluster, 'kafka', { 'strimzi.io/pool-name': pool.pool.metadata.name }),
      ownerReferences: [poolOwnerOf(pool)],
    },
    data: {
      'log4j.properties': KAFKA_LOG4J,
      'listeners.config':
        pool.role === 'broker'
          ? cluster.kafka.spec.kafka.listeners.map((one) => `${one.name}_${one.port}`.toUpperCase()).join(' ')
          : '',
      ...keys,
      'server.config': `# Made by the stand-in for the Strimzi Cluster Operator\n${lines.join('')}`,
    },
  } as Applied;
}

/**
 * The volume of a node: Strimzi's names for a JBOD volume and for a single one. undefined: the storage is ephemeral.
 */
export function claimName(storage: Storage, pod: string): string | undefined {
  const [first] = storage.volumes ?? [];
  if (storage.type === 'jbod') {
    return first?.type === 'persistent-claim' ? `data-${first.id ?? 0}-${pod}` : undefined;
  }
  return storage.type === 'persistent-claim' ? `data-${pod}` : undefined;
}

/** The persistent claim of a node; undefined if it has none. */
export function claim(
  cluster: ReconciledCluster,
  pool: AssignedPool | undefined,
  storage: Storage,
  pod: string,
): Applied | undefined {
  const name = claimName(storage, pod);
  if (name === undefined) return undefined;
  const volume = storage.volumes?.[0] ?? storage;
  const deleted = volume.deleteClaim ?? false;
  const component = pool === undefined ? 'zookeeper' : 'kafka';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: cluster.kafka.metadata.namespace,
      labels: labelsOf(
        cluster,
        component,
        pool === undefined ? {} : { 'strimzi.io/pool-name': pool.pool.metadata.name },
      ),
      annotations: { 'strimzi.io/delete-claim': String(deleted) },
      ownerReferences: deleted ? [pool === undefined ? ownerOf(cluster) : poolOwnerOf(pool)] : [],
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: volume.size ?? '1Gi' } },
      ...(volume.class === undefined ? {} : { storageClassName: volume.class }),
    },
  } as Applied;
}

/** The set of ZooKeeper's pods. */
export function zooKeeperPodSet(cluster: ReconciledCluster, replicas: number): Applied {
  const { kafka } = cluster;
  const { name, namespace } = kafka.metadata;
  const set = `${name}-zookeeper`;
  const pods = Array.from({ length: replicas }, (_, ordinal) => zooKeeperPod(cluster, set, `${set}-${ordinal}`));
  return {
    apiVersion: POD_SET.apiVersion,
    kind: POD_SET.kind,
    metadata: {
      name: set,
      namespace,
      labels: labelsOf(cluster, 'zookeeper'),
      annotations: { 'strimzi.io/storage': JSON.stringify(kafka.spec.zookeeper?.storage ?? {}) },
      ownerReferences: [ownerOf(cluster)],
    },
    spec: { selector: { matchLabels: selectorOf(cluster, 'zookeeper') }, pods },
  } as Applied;
}

/** The set of a pool's pods, each with its configuration state. */
export function poolPodSet(
  cluster: ReconciledCluster,
  pool: AssignedPool,
  configurationState: ConfigurationState,
): Applied {
  const { name, namespace } = cluster.kafka.metadata;
  const set = `${name}-${pool.pool.metadata.name}`;
  return {
    apiVersion: POD_SET.apiVersion,
    kind: POD_SET.kind,
    metadata: {
      name: set,
      namespace,
      labels: labelsOf(cluster, 'kafka', { 'strimzi.io/pool-name': pool.pool.metadata.name }),
      annotations: {
        'strimzi.io/kafka-version': cluster.kafkaVersion,
        'strimzi.io/storage': JSON.stringify(pool.pool.spec.storage),
      },
      ownerReferences: [poolOwnerOf(pool)],
    },
    spec: {
      selector: {
        matchLabels: { ...selectorOf(cluster, 'kafka'), 'strimzi.io/pool-name': pool.pool.metadata.name },
      },
      pods: pool.nodeIds.map((nodeId) => kafkaPod(cluster, pool, set, `${set}-${nodeId}`, configurationState)),
    },
  } as Applied;
}

interface PodInput {
  readonly cluster: ReconciledCluster;
  readonly component: Component;
  readonly set: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly subdomain: string;
  readonly container: V1Container;
  readonly configMap: string;
  readonly claim: string | undefined;
  readonly volume: string;
}

function operatorPodOf(input: PodInput): PodTemplate {
  const spec = {
    containers: [input.container],
    hostname: input.name,
    subdomain: input.subdomain,
    restartPolicy: 'Always',
    securityContext: { fsGroup: 0 },
    serviceAccountName: `${input.cluster.kafka.metadata.name}-${input.component}`,
    // Otherwise the log would list the variables of every service in the namespace.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    volumes: [
      {
        name: input.volume,
        ...(input.claim === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: input.claim } }),
      },
      { name: 'strimzi-tmp', emptyDir: { medium: 'Memory', sizeLimit: '5Mi' } },
      { name: `${input.component}-metrics-and-logging`, configMap: { name: input.configMap } },
    ],
  };
  const revision = createHash('sha256')
    .update(JSON.stringify([spec, input.annotations]))
    .digest('hex')
    .slice(0, 8);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: input.name,
      namespace: input.cluster.kafka.metadata.namespace,
      labels: labelsOf(input.cluster, input.component, {
        'statefulset.kubernetes.io/pod-name': input.name,
        'strimzi.io/controller': 'strimzipodset',
        'strimzi.io/controller-name': input.set,
        'strimzi.io/pod-name': input.name,
        ...input.labels,
      }),
      annotations: { ...input.annotations, 'strimzi.io/revision': revision },
    },
    spec,
  };
}

/**
 * Faster than Strimzi's (15 s, then every 10 s), so that a roll takes seconds: the only visible difference of the pods.
 */
function probe(command: string): NonNullable<V1Container['readinessProbe']> {
  return {
    exec: { command: [command] },
    initialDelaySeconds: 2,
    periodSeconds: 1,
    timeoutSeconds: 5,
    failureThreshold: 3,
  };
}

function javaSystemProperties(options: JvmOptions | undefined): { readonly name: string; readonly value: string }[] {
  const properties = (options?.javaSystemProperties ?? []).map(({ name, value }) => `-D${name}=${value}`);
  return properties.length === 0 ? [] : [{ name: 'STRIMZI_JAVA_SYSTEM_PROPERTIES', value: properties.join(' ') }];
}

function containerPorts(of: Readonly<Record<string, number>>): NonNullable<V1Container['ports']> {
  return Object.entries(of).map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' }));
}

function zooKeeperPod(cluster: ReconciledCluster, set: string, name: string): PodTemplate {
  const { zookeeper } = cluster.kafka.spec;
  return operatorPodOf({
    cluster,
    component: 'zookeeper',
    set,
    name,
    labels: {},
    annotations: {},
    subdomain: `${cluster.kafka.metadata.name}-zookeeper-nodes`,
    configMap: `${cluster.kafka.metadata.name}-zookeeper-config`,
    claim: zookeeper === undefined ? undefined : claimName(zookeeper.storage, name),
    volume: 'data',
    container: {
      name: 'zookeeper',
      image: cluster.image,
      imagePullPolicy: 'IfNotPresent',
      args: ['/opt/kafka/zookeeper_run.sh'],
      env: [
        {
          name: 'ZOOKEEPER_CONFIGURATION',
          value: 'tickTime=2000\ninitLimit=5\nsyncLimit=2\nautopurge.purgeInterval=1\nadmin.enableServer=false\n',
        },
        ...javaSystemProperties(zookeeper?.jvmOptions),
      ],
      ports: containerPorts({ 'tcp-clustering': 2888, 'tcp-election': 3888, 'tcp-clients': 2181 }),
      readinessProbe: { ...probe('/opt/kafka/zookeeper_healthcheck.sh'), periodSeconds: 3 },
      ...(zookeeper?.resources === undefined ? {} : { resources: zookeeper.resources }),
      volumeMounts: [
        { mountPath: '/tmp', name: 'strimzi-tmp' },
        { mountPath: '/var/lib/zookeeper', name: 'data' },
        { mountPath: '/opt/kafka/custom-config/', name: 'zookeeper-metrics-and-logging' },
      ],
    },
  });
}

/**
 * Brokers in KRaft mode have no control plane port. Controllers in configuration KRAFT have only that port, apart from
 * the agent's (Strimzi 0.45.1 `KafkaCluster.java:1260-1290`; recorded).
 */
function kafkaPorts(pool: AssignedPool, state: ConfigurationState, clients: Readonly<Record<string, number>>) {
  const kraftBroker = pool.role === 'broker' && (state === 'POST_MIGRATION' || state === 'KRAFT');
  const kraftController = pool.role === 'controller' && state === 'KRAFT';
  return containerPorts({
    'tcp-kafkaagent': 8443,
    ...(kraftBroker ? {} : { 'tcp-ctrlplane': 9090 }),
    ...(kraftController ? {} : { 'tcp-replication': 9091, ...clients }),
  });
}

function kafkaPod(
  cluster: ReconciledCluster,
  pool: AssignedPool,
  set: string,
  name: string,
  state: ConfigurationState,
): PodTemplate {
  const { spec } = pool.pool;
  const clients = Object.fromEntries(
    cluster.kafka.spec.kafka.listeners.map(({ port }, index) => [index === 0 ? 'tcp-clients' : `tcp-${port}`, port]),
  );
  const version = protocolVersion(cluster.kafkaVersion);
  return operatorPodOf({
    cluster,
    component: 'kafka',
    set,
    name,
    labels: {
      'strimzi.io/broker-role': String(pool.role === 'broker'),
      'strimzi.io/controller-role': String(pool.role === 'controller'),
      'strimzi.io/pool-name': pool.pool.metadata.name,
    },
    annotations: {
      'strimzi.io/kafka-version': cluster.kafkaVersion,
      ...(state === 'KRAFT'
        ? {}
        : { 'strimzi.io/inter-broker-protocol-version': version, 'strimzi.io/log-message-format-version': version }),
      [CONFIGURATION_STATE]: state,
    },
    subdomain: `${cluster.kafka.metadata.name}-kafka-brokers`,
    configMap: name,
    claim: claimName(spec.storage, name),
    volume: 'data-0',
    container: {
      name: 'kafka',
      image: cluster.image,
      imagePullPolicy: 'IfNotPresent',
      args: ['/opt/kafka/kafka_run.sh'],
      env: [
        {
          name: 'KAFKA_HEAP_OPTS',
          value: `-Xms${spec.jvmOptions?.['-Xms'] ?? '128m'} -Xmx${spec.jvmOptions?.['-Xmx'] ?? '320m'}`,
        },
        ...javaSystemProperties(spec.jvmOptions),
      ],
      ports: kafkaPorts(pool, state, clients),
      readinessProbe: probe('/opt/kafka/kafka_readiness.sh'),
      ...(spec.resources === undefined ? {} : { resources: spec.resources }),
      volumeMounts: [
        { mountPath: '/var/lib/kafka/data-0', name: 'data-0' },
        { mountPath: '/tmp', name: 'strimzi-tmp' },
        { mountPath: '/opt/kafka/custom-config/', name: 'kafka-metrics-and-logging' },
      ],
    },
  });
}

const CONSOLE = [
  'log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender',
  'log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout',
  'log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} %p %m (%c) [%t]%n',
];

/** Recorded: `my-cluster-zookeeper-config`. */
const ZOOKEEPER_LOG4J = [...CONSOLE, 'log4j.rootLogger=INFO, CONSOLE', ''].join('\n');

/** Recorded: every broker's and controller's ConfigMap. */
const KAFKA_LOG4J = [
  ...CONSOLE,
  'log4j.rootLogger=INFO, CONSOLE',
  'log4j.logger.org.apache.zookeeper=INFO',
  'log4j.logger.kafka=INFO',
  'log4j.logger.org.apache.kafka=INFO',
  'log4j.logger.kafka.request.logger=WARN, CONSOLE',
  'log4j.logger.kafka.network.Processor=OFF',
  'log4j.logger.kafka.server.KafkaApis=OFF',
  'log4j.logger.kafka.network.RequestChannel$=WARN',
  'log4j.logger.kafka.controller=TRACE',
  'log4j.logger.org.apache.kafka.controller=INFO',
  'log4j.logger.kafka.log.LogCleaner=INFO',
  'log4j.logger.state.change.logger=TRACE',
  'log4j.logger.kafka.authorizer.logger=INFO',
  '',
].join('\n');
