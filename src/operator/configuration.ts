import type { ClusterNames } from '../cluster/environment.js';
import { CONFIGURATION_STATE_ORDINALS, type ConfigurationState } from '../strimzi/migration-state.js';
import {
  KAFKA_VOLUME,
  LISTENER_NAMES,
  LISTENER_PORTS,
  logFolderName,
  podHost,
  podName,
  zooKeeperService,
} from '../strimzi/nodes.js';
import type { Topology } from '../strimzi/topology.js';
import { compareVersions, protocolVersion } from '../strimzi/versions.js';

/** A KafkaNodePool with one role. */
export interface NodePool {
  readonly name: string;
  readonly role: 'broker' | 'controller';
  readonly nodeIds: readonly number[];
}

/** A listener of `spec.kafka.listeners` with type `internal`, without TLS and authentication. */
export interface PlainListener {
  readonly name: string;
  readonly port: number;
}

export interface ConfigurationInput {
  readonly cluster: ClusterNames;
  readonly kafkaVersion: string;
  /** Kafka's cluster id, `status.clusterId` of the Kafka resource. */
  readonly clusterId: string;
  readonly pools: readonly NodePool[];
  /** The node to render; it must be in one of the pools. */
  readonly node: { readonly role: 'broker' | 'controller'; readonly nodeId: number };
  readonly configurationState: ConfigurationState;
  /** `spec.kafka.config`, in its order. */
  readonly userConfiguration: Readonly<Record<string, string>>;
  readonly listeners: readonly PlainListener[];
}

export interface RenderedConfiguration {
  /** `server.config` key by key, in Strimzi's order. */
  readonly serverConfig: Readonly<Record<string, string>>;
  /** The other keys that a container start reads: `metadata.state`, and with KRaft `cluster.id`, `metadata.version`. */
  readonly configMap: Readonly<Record<string, string>>;
}

type Entries = readonly (readonly [key: string, value: string])[];

const { controlPlane: CONTROL_PLANE, replication: REPLICATION } = LISTENER_NAMES;
const STORE_PASSWORD = '$' + '{strimzienv:CERTS_STORE_PASSWORD}';
/**
 * Strimzi gives controllers `advertised.listeners` from this Kafka version on; older versions reject it
 * (`KafkaBrokerConfigurationBuilder.java:273-281`).
 */
const FIRST_WITH_ADVERTISED_CONTROLLERS = '3.9.0';
/** From this protocol version on, Kafka ignores the message format and Strimzi sets it to the protocol version. */
const FIRST_WITHOUT_MESSAGE_FORMAT = '3.0';

/** The listener in the recordings. */
export const PLAIN_LISTENERS: readonly PlainListener[] = [{ name: 'plain', port: LISTENER_PORTS.plain }];

/**
 * `spec.kafka.config` as in the recordings: replication, which depends on the number of brokers, and the protocol
 * version, which the documented procedure sets. The operator sets `log.message.format.version`.
 */
export function userConfiguration(topology: Topology, kafkaVersion: string): Readonly<Record<string, string>> {
  const replication = String(Math.min(topology.brokers, 3));
  const inSync = String(topology.brokers < 3 ? 1 : 2);
  return {
    'default.replication.factor': replication,
    'inter.broker.protocol.version': protocolVersion(kafkaVersion),
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replication,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.replication.factor': replication,
  };
}

/** The host name of a broker or controller. @throws Error if no pool has the node */
function hostOf(cluster: ClusterNames, pools: readonly NodePool[], nodeId: number): string {
  const pool = pools.find((candidate) => candidate.nodeIds.includes(nodeId));
  if (pool === undefined) throw new Error(`No node pool has the node id ${nodeId}`);
  return podHost(cluster, pool.role, podName(cluster.name, pool.name, nodeId));
}

/**
 * Strimzi's ConfigMap of one node, TLS and paths included.
 *
 * Sources: Strimzi 0.45.1 `KafkaBrokerConfigurationBuilder.java:74-380,790-930` (the sections, in this order) and
 * `KafkaCluster.java:1785-1910` (which node gets which); equal, key for key, to every recorded configuration
 * (`test/conformance/configuration.test.ts`).
 *
 * @throws Error for a controller in the configuration ZK, which Strimzi never renders, or a node that no pool has
 */
export function renderConfiguration(input: ConfigurationInput): RenderedConfiguration {
  const { node, configurationState } = input;
  if (node.role === 'controller' && configurationState === 'ZK') {
    throw new Error('Strimzi renders no controller for the configuration ZK: its pools are refused');
  }
  const at = CONFIGURATION_STATE_ORDINALS[configurationState];
  const broker = node.role === 'broker';
  const zookeeperBased = broker && at <= CONFIGURATION_STATE_ORDINALS.MIGRATION;
  const migrating = at <= CONFIGURATION_STATE_ORDINALS.POST_MIGRATION;
  const usesZooKeeper = broker ? zookeeperBased : migrating;
  const hasMigrationFlag = broker ? configurationState === 'MIGRATION' : migrating;
  const usesKRaft = !broker || at >= CONFIGURATION_STATE_ORDINALS.MIGRATION;

  const entries: Entries = [
    ['node.id', String(node.nodeId)],
    ...when(zookeeperBased, [['broker.id', String(node.nodeId)]]),
    ['log.dirs', `${KAFKA_VOLUME}/${logFolderName(node.nodeId)}`],
    ...internalListener(CONTROL_PLANE),
    ...when(broker || migrating, internalListener(REPLICATION)),
    ...listeners(input, { zookeeperBased, migrating }),
    ...configProviders(broker),
    ...Object.entries(withVersions(input)),
    ...when(usesZooKeeper, zookeeper(input.cluster)),
    ...when(hasMigrationFlag, [['zookeeper.metadata.migration.enable', 'true']]),
    ...when(usesKRaft, kraft(input, !broker || !zookeeperBased)),
  ];
  return {
    serverConfig: Object.fromEntries(entries),
    configMap: {
      'metadata.state': String(at),
      ...(usesKRaft
        ? { 'cluster.id': input.clusterId, 'metadata.version': protocolVersion(input.kafkaVersion) }
        : undefined),
    },
  };
}

function when(condition: boolean, entries: Entries): Entries {
  return condition ? entries : [];
}

function internalListener(name: string): Entries {
  const prefix = `listener.name.${name.toLowerCase()}.ssl`;
  return [...stores(prefix), [`${prefix}.client.auth`, 'required']];
}

function stores(prefix: string): Entries {
  return (['keystore', 'truststore'] as const).flatMap((store) => [
    [`${prefix}.${store}.location`, `/tmp/kafka/cluster.${store}.p12`] as const,
    [`${prefix}.${store}.password`, STORE_PASSWORD] as const,
    [`${prefix}.${store}.type`, 'PKCS12'] as const,
  ]);
}

function listeners(
  input: ConfigurationInput,
  { zookeeperBased, migrating }: { readonly zookeeperBased: boolean; readonly migrating: boolean },
): Entries {
  const broker = input.node.role === 'broker';
  const host = hostOf(input.cluster, input.pools, input.node.nodeId);
  const clients = broker
    ? input.listeners.map(({ name, port }) => ({ name: `${name}-${port}`.toUpperCase(), port, protocol: 'PLAINTEXT' }))
    : [];

  const listening = [
    ...(!broker || zookeeperBased ? [{ name: CONTROL_PLANE, port: LISTENER_PORTS.controlPlane }] : []),
    ...(broker ? [{ name: REPLICATION, port: LISTENER_PORTS.replication }] : []),
    ...clients,
  ];
  const advertises = broker || compareVersions(input.kafkaVersion, FIRST_WITH_ADVERTISED_CONTROLLERS) >= 0;
  const protocols = [
    `${CONTROL_PLANE}:SSL`,
    ...(broker || migrating ? [`${REPLICATION}:SSL`] : []),
    ...clients.map(({ name, protocol }) => `${name}:${protocol}`),
  ];
  return [
    ['listener.security.protocol.map', protocols.join(',')],
    ['listeners', listening.map(({ name, port }) => `${name}://0.0.0.0:${port}`).join(',')],
    ...when(advertises, [
      ['advertised.listeners', listening.map(({ name, port }) => `${name}://${host}:${port}`).join(',')],
    ]),
    ...when(broker || migrating, [['inter.broker.listener.name', REPLICATION]]),
    ...when(zookeeperBased, [['control.plane.listener.name', CONTROL_PLANE]]),
    ['sasl.enabled.mechanisms', ''],
    ['ssl.endpoint.identification.algorithm', 'HTTPS'],
  ];
}

/** Only brokers get providers of files and folders (`KafkaBrokerConfigurationBuilder.java:819-851`). */
function configProviders(broker: boolean): Entries {
  const providers = 'org.apache.kafka.common.config.provider';
  return [
    ['config.providers', broker ? 'strimzienv,strimzifile,strimzidir' : 'strimzienv'],
    ['config.providers.strimzienv.class', `${providers}.EnvVarConfigProvider`],
    ['config.providers.strimzienv.param.allowlist.pattern', '.*'],
    ...when(broker, [
      ['config.providers.strimzifile.class', `${providers}.FileConfigProvider`],
      ['config.providers.strimzifile.param.allowed.paths', '/opt/kafka'],
      ['config.providers.strimzidir.class', `${providers}.DirectoryConfigProvider`],
      ['config.providers.strimzidir.param.allowed.paths', '/opt/kafka'],
    ]),
  ];
}

/**
 * The user's configuration with the versions that the operator adds up to POST_MIGRATION and drops in KRAFT
 * (`ZooKeeperVersionChangeCreator.java:252-292`, `KafkaCluster.java:355-365`, `KafkaAssemblyOperator.java:523-529`).
 */
function withVersions(input: ConfigurationInput): Readonly<Record<string, string>> {
  const user = input.userConfiguration;
  if (input.configurationState === 'KRAFT') return user;
  const derived = protocolVersion(input.kafkaVersion);
  const protocol = user['inter.broker.protocol.version'];
  const mirrored = protocol !== undefined && compareProtocols(protocol, FIRST_WITHOUT_MESSAGE_FORMAT) >= 0;
  return {
    ...user,
    'inter.broker.protocol.version': protocol ?? derived,
    'log.message.format.version': user['log.message.format.version'] ?? (mirrored ? protocol : derived),
  };
}

/** Protocol versions may have a suffix, `3.9-IV0`, which is ignored here. */
function compareProtocols(left: string, right: string): number {
  const dotted = (protocol: string) => `${protocol.split('-')[0] ?? protocol}.0`;
  return compareVersions(dotted(left), dotted(right));
}

function zookeeper(cluster: ClusterNames): Entries {
  return [
    ['zookeeper.connect', `${zooKeeperService(cluster.name)}:2181`],
    ['zookeeper.clientCnxnSocket', 'org.apache.zookeeper.ClientCnxnSocketNetty'],
    ['zookeeper.ssl.client.enable', 'true'],
    ...stores('zookeeper.ssl'),
  ];
}

function kraft(input: ConfigurationInput, hasRole: boolean): Entries {
  const { cluster, pools, node } = input;
  const voters = pools
    .filter((pool) => pool.role === 'controller')
    .flatMap((pool) => pool.nodeIds)
    .toSorted((a, b) => a - b)
    .map((id) => {
      const host = hostOf(cluster, pools, id);
      return `${id}@${host}.${cluster.clusterDomain}:${LISTENER_PORTS.controlPlane}`;
    });
  return [
    ...when(hasRole, [['process.roles', node.role]]),
    ['controller.listener.names', CONTROL_PLANE],
    ['controller.quorum.voters', voters.join(',')],
    ['metadata.log.dir', `${KAFKA_VOLUME}/${logFolderName(node.nodeId)}`],
  ];
}
