import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunWorkspace } from '../../cluster/environment.js';
import { packageRoot } from '../../package-root.js';
import { KAFKA_VOLUME, LISTENER_PORTS, LOG_FOLDER, logFolderName } from '../../strimzi/nodes.js';
import type {
  NodeIdentity,
  NodeLaunch,
  NodeRuntime,
  RuntimeListener,
  Stopped,
  VolumeContent,
} from '../node-runtime.js';
import { volumeOutOfReach } from '../refusals.js';
import { nodeProgram, propertiesText } from '../replayed/node-program.js';
import { applyOverlay, type Timings } from '../replayed/overlay.js';
import { PendingStarts } from '../replayed/pending-starts.js';
import { REPLAYED_NAMES } from '../replayed/replayed-environment.js';
import { zooKeeperConfiguration } from '../replayed/zookeeper-configuration.js';
import { containerOverlay } from './container-overlay.js';
import type { Engine, Labels } from './engine.js';
import type { KafkaImage } from './kafka-image.js';
import { labelOfRun, labelsOfRun } from './labels.js';
import { type ContainerLaunch, launchContainer } from './launched-container.js';
import { networkNames, nodeHost, publishedPort, ZOOKEEPER_PORTS } from './network-names.js';
import { NodeContainer } from './node-container.js';
import { LOG4J, PROPERTIES, startScript } from './start-script.js';

export interface ContainersRuntimeOptions {
  readonly engine: Engine;
  readonly image: KafkaImage;
  /** The call of remigrate that the run belongs to: its guardian removes everything with this label. */
  readonly call: string;
  readonly workspace: RunWorkspace;
  readonly timings: Timings;
  readonly listener: RuntimeListener;
  /** Whether the volumes are kept. */
  readonly keep: boolean;
}

/** Where a node's volume is mounted, and the name of the data folder in it: Strimzi's own paths. */
const MOUNTS = {
  kafka: { target: KAFKA_VOLUME, data: logFolderName },
  zookeeper: { target: '/var/lib/zookeeper', data: () => 'data' },
} as const;

interface ContainerNode {
  readonly identity: NodeIdentity;
  /** The container whose network the node's containers share; their address stays the same across restarts. */
  readonly addressId: string;
  /** `host:port` for clients on this machine; for a controller, which has no such clients, for the other nodes. */
  readonly client: string;
  /** `host:port` at which this machine can ask it whether it responds. */
  readonly question: string;
  container?: NodeContainer;
}

/**
 * Nodes as containers in the run's own network. As in a pod of Kubernetes, an idle container holds each node's address
 * and published port. The container of the node itself, a new one at every start, joins its network, so that the
 * address stays the same and no other process can take the port during a restart.
 */
export class ContainersRuntime implements NodeRuntime {
  readonly #options: ContainersRuntimeOptions;
  readonly #nodes = new Map<string, ContainerNode>();
  readonly #starts = new PendingStarts();
  /**
   * The run's name in Docker. Not the workspace's mark: its guardian would kill a user's `docker logs` with that name.
   */
  readonly #id = `remigrate-${randomBytes(6).toString('hex')}`;

  private constructor(options: ContainersRuntimeOptions) {
    this.#options = options;
  }

  /**
   * Creates the network and the addresses of every node that the run may have.
   * @throws EnvironmentError when Docker fails; nothing is left behind then.
   */
  static async create(options: ContainersRuntimeOptions, nodes: readonly NodeIdentity[]): Promise<ContainersRuntime> {
    const runtime = new ContainersRuntime(options);
    const { folder, results } = options.workspace;
    for (const made of [join(folder, 'configurations'), join(results, 'logs')]) await mkdir(made, { recursive: true });
    try {
      await options.engine.createNetwork(runtime.#id, runtime.#labels);
      const addresses = await Promise.allSettled(nodes.map((node) => runtime.add(node)));
      for (const address of addresses) if (address.status === 'rejected') throw address.reason;
    } catch (error) {
      await runtime.#remove();
      throw error;
    }
    return runtime;
  }

  get #labels(): Labels {
    return labelsOfRun(this.#options.call, this.#id);
  }

  #name(pod: string): string {
    return `${this.#id}-${pod}`;
  }

  async add(identity: NodeIdentity): Promise<void> {
    const { engine, image } = this.#options;
    const published = publishedPort(identity);
    const { container, port } = await launchContainer(engine, {
      image: image.name,
      name: `${this.#name(identity.pod)}-address`,
      hostname: identity.pod,
      labels: this.#labels,
      network: { name: this.#id, aliases: networkNames(REPLAYED_NAMES, identity) },
      ports: [published],
      files: {},
      command: ['tail', '-f', '/dev/null'],
    });
    const question = `${engine.host}:${port(published)}`;
    const client =
      identity.role === 'controller'
        ? `${nodeHost(REPLAYED_NAMES, identity)}:${LISTENER_PORTS.controlPlane}`
        : question;
    this.#nodes.set(identity.pod, { identity, addressId: container.id, client, question });
  }

  #node(pod: string): ContainerNode {
    const node = this.#nodes.get(pod);
    if (node === undefined) throw new Error(`the run has no node ${pod}`);
    return node;
  }

  clientAddress(pod: string): string {
    return this.#node(pod).client;
  }

  async volume(pod: string): Promise<VolumeContent> {
    const { container, identity } = this.#node(pod);
    // A volume that no container has used yet is empty or does not exist.
    if (container === undefined || identity.role === 'zookeeper') return { formatted: false, metadataLog: false };
    const folder = logFolder(identity.nodeId);
    return {
      formatted: await container.has(`${folder}/${LOG_FOLDER.metaProperties}`),
      metadataLog: await container.has(`${folder}/${LOG_FOLDER.metadataLog}`),
    };
  }

  async start(launch: NodeLaunch): Promise<void> {
    await this.#starts.run(() => this.#start(launch));
  }

  async #start(launch: NodeLaunch): Promise<void> {
    const { engine, image, workspace, listener } = this.#options;
    const node = this.#node(launch.node.pod);
    const { pod, role, nodeId } = node.identity;
    if (node.container?.running) throw new Error(`${pod} is already running`);
    await node.container?.remove();
    delete node.container;
    await engine.createVolume(this.#name(pod), this.#labels);
    const properties = propertiesText(this.#properties(launch));
    await writeFile(join(workspace.folder, 'configurations', `${pod}.properties`), properties);
    const mount = role === 'zookeeper' ? MOUNTS.zookeeper : MOUNTS.kafka;
    const folders = join(workspace.folder, 'folders', pod);
    await mkdir(join(folders, mount.data(nodeId)), { recursive: true });
    const log4j = join(packageRoot(), 'fixtures/log4j', `${nodeProgram(launch).log4j}.properties`);
    const container: ContainerLaunch = {
      image: image.name,
      name: this.#name(pod),
      labels: this.#labels,
      network: { name: `container:${node.addressId}` },
      ports: [],
      volume: { name: this.#name(pod), target: mount.target },
      folders: { source: folders, target: mount.target },
      files: {
        [PROPERTIES]: properties,
        [LOG4J]: await readFile(log4j, 'utf8'),
        ...(role === 'zookeeper' ? { [`${MOUNTS.zookeeper.target}/data/myid`]: `${nodeId + 1}\n` } : {}),
      },
      command: ['sh', '-c', startScript(image, launch, role === 'zookeeper' ? undefined : logFolder(nodeId))],
    };
    this.#starts.throwIfClosed();
    node.container = await NodeContainer.start({
      engine,
      launch: container,
      logFile: join(workspace.results, 'logs', `${pod}.log`),
      line: (line) => listener.line(pod, line),
      died: (how) => listener.died(pod, how),
    });
  }

  #properties({ node, serverConfig }: NodeLaunch): Record<string, string> {
    if (node.role !== 'zookeeper') {
      const placement = containerOverlay((pod) => this.clientAddress(pod));
      return applyOverlay(node.pod, serverConfig, placement, this.#options.timings);
    }
    const servers = [...this.#nodes.values()].filter(({ identity }) => identity.role === 'zookeeper');
    return zooKeeperConfiguration({
      dataFolder: `${MOUNTS.zookeeper.target}/${MOUNTS.zookeeper.data()}`,
      clientAddress: '0.0.0.0',
      clientPort: ZOOKEEPER_PORTS.client,
      servers: servers
        .toSorted((a, b) => a.identity.nodeId - b.identity.nodeId)
        .map(({ identity }) => ({
          id: identity.nodeId + 1,
          host: nodeHost(REPLAYED_NAMES, identity),
          quorumPort: ZOOKEEPER_PORTS.quorum,
          electionPort: ZOOKEEPER_PORTS.election,
        })),
    });
  }

  async stop(pod: string, graceMs: number): Promise<Stopped | undefined> {
    const { container } = this.#node(pod);
    return container?.running === true ? container.stop(graceMs) : undefined;
  }

  async wipe(pod: string): Promise<void> {
    if (this.isRunning(pod)) throw new Error(`the volume of ${pod} cannot be wiped while it is running`);
    const node = this.#node(pod);
    await node.container?.remove();
    delete node.container;
    await this.#options.engine.removeVolume(this.#name(pod));
  }

  async writeMetaProperties(pod: string): Promise<void> {
    throw volumeOutOfReach(pod, 'containers');
  }

  isRunning(pod: string): boolean {
    return this.#node(pod).container?.running === true;
  }

  questionAddress(pod: string): string {
    return this.#node(pod).question;
  }

  async kill(pod: string): Promise<void> {
    await this.#node(pod).container?.crash();
  }

  async freeze(pod: string): Promise<void> {
    await this.#node(pod).container?.freeze();
  }

  async thaw(pod: string): Promise<void> {
    await this.#node(pod).container?.thaw();
  }

  async stoppedState(pod: string): Promise<string | undefined> {
    return this.#node(pod).container?.stoppedState();
  }

  lastLogLines(pod: string, count: number): readonly string[] {
    return this.#node(pod).container?.lastLines(count) ?? [];
  }

  /**
   * At the end of a run the cluster is discarded: SIGKILL. No class data is dumped here, so nothing needs a graceful
   * stop.
   */
  async close(): Promise<void> {
    await this.#starts.close();
    await Promise.all([this.#remove(), ...[...this.#nodes.values()].map(({ container }) => container?.remove())]);
    await rm(join(this.#options.workspace.folder, 'folders'), { recursive: true, force: true });
  }

  async #remove(): Promise<void> {
    const { engine, keep } = this.#options;
    await engine.removeLabelled(labelOfRun(this.#id), { volumes: keep ? 'kept' : 'removed' });
  }
}

/** `log.dirs`, as in Strimzi's configuration. */
function logFolder(nodeId: number): string {
  return `${MOUNTS.kafka.target}/${MOUNTS.kafka.data(nodeId)}`;
}
