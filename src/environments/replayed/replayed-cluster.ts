import { requireKraftAnnotation, type UnknownAnnotation } from '../../cluster/annotation.js';
import type { Cluster, SilentNode } from '../../cluster/cluster.js';
import type { ClusterNames, ClusterOptions } from '../../cluster/environment.js';
import type { NodeControl } from '../../cluster/faults/fault.js';
import { EnvironmentError, WaitAborted } from '../../errors.js';
import type { Gesture } from '../../journal/events.js';
import type { KafkaAccess, ZooKeeperAccess } from '../../metadata/access.js';
import { parseClusterId, parseController } from '../../metadata/zookeeper/znodes.js';
import {
  type NodePool,
  PLAIN_LISTENERS,
  type RenderedConfiguration,
  renderConfiguration,
  userConfiguration,
} from '../../operator/configuration.js';
import { executeDeletion } from '../../operator/executor.js';
import { planClaimDeletion, planPoolDeletion } from '../../operator/planner.js';
import { type OperatorProfiles, requireKafkaSupport } from '../../operator/profile.js';
import { ReplayedOperator } from '../../operator/replayed-operator.js';
import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import { podName } from '../../strimzi/nodes.js';
import type { Topology } from '../../strimzi/topology.js';
import { deadlinesOf } from '../../waiting/deadlines.js';
import { Witness } from '../../witness/witness.js';
import type { NodeIdentity, NodeRuntime } from '../node-runtime.js';
import { ZooKeeperSessions } from '../zookeeper-sessions.js';
import type { NodeEvents } from './node-events.js';
import { Pods } from './pods.js';

const CLUSTER_ID = '/cluster/id';

export interface ReplayedClusterOptions extends ClusterOptions {
  readonly names: ClusterNames;
  readonly profiles: OperatorProfiles;
  readonly runtime: NodeRuntime;
  readonly nodes: ClusterNodes;
  readonly events: NodeEvents;
  readonly reconciliationIntervalMs: number;
  /** Stops the nodes and frees what the environment created for this cluster. */
  readonly tearDown: (options: { readonly hurry: boolean }) => Promise<void>;
}

/** The nodes that a cluster may have: Strimzi gives a controller pool the lowest ids that no broker has. */
export interface ClusterNodes {
  readonly zookeepers: readonly NodeIdentity[];
  readonly brokers: readonly NodeIdentity[];
  readonly controllers: readonly NodeIdentity[];
}

/** Strimzi 0.45.1 `NodeIdAssignor.java:149-201`; pod names `<cluster>-<pool>-<id>`, pools `broker` and `controller`. */
export function clusterNodes(names: ClusterNames, topology: Topology): ClusterNodes {
  const ids = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);
  const node = (role: NodeIdentity['role']) => (nodeId: number) => ({
    role,
    nodeId,
    pod: podName(names.name, role, nodeId),
  });
  return {
    zookeepers: ids(topology.zookeepers).map(node('zookeeper')),
    brokers: ids(topology.brokers).map(node('broker')),
    controllers: ids(topology.controllers, topology.brokers).map(node('controller')),
  };
}

/** A cluster of real nodes with the replayed operator: common to the local and the containers environment. */
export class ReplayedCluster implements Cluster {
  readonly topology: Topology;
  readonly kafkaVersion: string;
  readonly #options: ReplayedClusterOptions;
  readonly #sessions: ZooKeeperSessions;
  readonly #witness: Witness;
  readonly #pods: Pods;
  readonly #operator: ReplayedOperator;
  #clusterId: string | undefined;
  #closed = false;

  constructor(options: ReplayedClusterOptions) {
    this.#options = options;
    this.topology = options.topology;
    this.kafkaVersion = options.kafkaVersion;
    const { nodes, runtime, journal, signal, failed } = options;
    this.#sessions = new ZooKeeperSessions(
      () => this.#connectString(),
      signal,
      (session, who) => this.#witness.registerSession(session, who),
      deadlinesOf(options.stateTimeoutMs),
    );
    this.#witness = new Witness(journal, (path) => this.#readZnode(path));
    const all = [...nodes.zookeepers, ...nodes.brokers, ...nodes.controllers];
    this.#pods = new Pods(all, {
      runtime,
      journal,
      signal,
      readyTimeoutMs: options.stateTimeoutMs,
      render: (node, state) => this.#render(node, state),
      zooKeeperController: () => this.#zooKeeperController(),
      deleteZnode: (path) => this.#sessions.delete(path, 'operator'),
      failed,
    });
    const byPod = new Map(all.map((node) => [node.pod, node]));
    options.events.subscribe({
      line: (pod, line) => {
        const node = byPod.get(pod);
        if (node?.role === 'zookeeper') this.#witness.zooKeeperLine(line);
        else if (node !== undefined) this.#witness.nodeLine(pod, `${node.role} ${node.nodeId}`, line);
      },
      died: () => undefined,
    });
    options.events.subscribe(this.#pods);
    this.#operator = new ReplayedOperator({
      profile: requireKafkaSupport(options.profiles.get(options.operatorVersion), options.kafkaVersion),
      kafkaVersion: options.kafkaVersion,
      desired: {
        annotation: 'disabled',
        zookeeperIds: nodes.zookeepers.map(({ nodeId }) => nodeId),
        brokerIds: nodes.brokers.map(({ nodeId }) => nodeId),
        controllerIds: undefined,
        deleteClaim: false,
      },
      target: this.#pods,
      journal,
      signal,
      reconciliationIntervalMs: options.reconciliationIntervalMs,
      failed,
    });
  }

  operatorVersion(): string {
    return this.#operator.profile.version;
  }

  async deploy(): Promise<void> {
    this.#gesture({ gesture: 'deploy' });
    this.#operator.start();
    await this.waitForState('ZooKeeper');
  }

  async createControllerPool({ deleteClaim }: { readonly deleteClaim: boolean }): Promise<void> {
    this.#gesture({ gesture: 'create-controller-pool', deleteClaim });
    this.#operator.change((desired) => ({
      ...desired,
      controllerIds: this.#options.nodes.controllers.map(({ nodeId }) => nodeId),
      deleteClaim,
    }));
  }

  async deleteControllerPool(): Promise<void> {
    const { controllerIds, deleteClaim } = this.#operator.desired;
    if (controllerIds === undefined)
      throw new EnvironmentError('The controller pool does not exist and cannot be deleted.');
    this.#gesture({ gesture: 'delete-controller-pool', deleteClaim });
    this.#operator.change((desired) => ({ ...desired, controllerIds: undefined }));
    for (const action of planPoolDeletion(this.#operator.profile, { nodeIds: controllerIds, deleteClaim })) {
      if (action.type === 'delete-controllers' || action.type === 'delete-volumes') {
        await executeDeletion(action, this.#pods);
      }
    }
  }

  async annotate(value: string, options?: UnknownAnnotation): Promise<void> {
    requireKraftAnnotation(value, options);
    this.#gesture({ gesture: 'annotate', value });
    this.#operator.change((desired) => ({ ...desired, annotation: value }));
  }

  async deleteControllerVolumes(): Promise<void> {
    if (this.#operator.desired.controllerIds !== undefined) {
      throw new EnvironmentError("The controllers' volumes are in use. Delete the controller pool first.");
    }
    this.#gesture({ gesture: 'delete-controller-volumes' });
    const nodeIds = this.#options.nodes.controllers.map(({ nodeId }) => nodeId);
    for (const action of planClaimDeletion(this.#operator.profile, nodeIds)) {
      if (action.type === 'delete-volumes') await executeDeletion(action, this.#pods);
    }
  }

  async deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    this.#gesture({ gesture: 'delete-znode', path });
    return this.#sessions.delete(path, 'user');
  }

  async restartBroker(id: number): Promise<void> {
    const node = this.#pods.nodes().find(({ role, nodeId }) => role === 'broker' && nodeId === id);
    if (node?.configurationState == null)
      throw new EnvironmentError(`Broker ${id} does not exist and cannot be restarted.`);
    this.#gesture({ gesture: 'restart-broker', nodeId: id });
    const { configurationState, image } = node;
    await this.#pods.restart('broker', id, { configurationState, image }, 'user');
  }

  async upgradeOperator(version: string): Promise<void> {
    const profile = requireKafkaSupport(this.#options.profiles.get(version), this.kafkaVersion);
    this.#gesture({ gesture: 'upgrade-operator', version });
    this.#operator.upgrade(profile);
  }

  async waitForState(state: KafkaMetadataState): Promise<void> {
    await this.#operator.waitForState(state, this.#options.stateTimeoutMs);
    this.#options.journal.write({ type: 'state-awaited', state });
  }

  state(): KafkaMetadataState | undefined {
    return this.#operator.state();
  }

  zookeeper(): ZooKeeperAccess | undefined {
    return this.#hasZooKeeper() ? { connectString: this.#connectString() } : undefined;
  }

  kafka(): KafkaAccess {
    const { nodes, runtime } = this.#options;
    return { bootstrapServers: nodes.brokers.map(({ pod }) => runtime.clientAddress(pod)) };
  }

  nodeControl(): NodeControl {
    return this.#pods;
  }

  unresponsiveNodes(signal: AbortSignal): Promise<readonly SilentNode[]> {
    return this.#pods.unresponsive(signal);
  }

  observed(): Promise<void> {
    return this.#witness.settled();
  }

  async close(options: { readonly hurry: boolean }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sessions.close();
    await this.#options.tearDown(options);
    await this.#operator.stopped();
    // What the last lines show belongs to the run, before its verdict.
    await this.#witness.close();
  }

  #gesture(gesture: Gesture): void {
    if (this.#options.signal.aborted) throw new WaitAborted('the run is over', { cause: this.#options.signal.reason });
    this.#options.journal.write({ type: 'gesture', ...gesture });
  }

  #hasZooKeeper(): boolean {
    return this.#pods.nodes().some(({ role }) => role === 'zookeeper');
  }

  #connectString(): string {
    const { nodes, runtime } = this.#options;
    return nodes.zookeepers.map(({ pod }) => runtime.clientAddress(pod)).join(',');
  }

  #readZnode(path: string): ReturnType<ZooKeeperSessions['contentOf']> {
    return this.#sessions.contentOf(path, () => this.#closed || !this.#hasZooKeeper());
  }

  async #zooKeeperController(): Promise<{ nodeId: number; ephemeral: boolean } | undefined> {
    const znode = await this.#readZnode('/controller');
    if (znode === undefined) return undefined;
    return { nodeId: parseController('/controller', znode.value).brokerid, ephemeral: znode.ephemeral };
  }

  async #render(
    node: NodeIdentity,
    configurationState: Parameters<typeof renderConfiguration>[0]['configurationState'],
  ): Promise<RenderedConfiguration> {
    const { names, nodes, kafkaVersion, topology } = this.#options;
    if (node.role === 'zookeeper') throw new Error('ZooKeeper nodes have no server.config');
    const pools: NodePool[] = [
      { name: 'broker', role: 'broker', nodeIds: nodes.brokers.map(({ nodeId }) => nodeId) },
      { name: 'controller', role: 'controller', nodeIds: nodes.controllers.map(({ nodeId }) => nodeId) },
    ];
    return renderConfiguration({
      cluster: names,
      kafkaVersion,
      clusterId: await this.#kafkaClusterId(),
      pools,
      node: { role: node.role, nodeId: node.nodeId },
      configurationState,
      userConfiguration: userConfiguration(topology, kafkaVersion),
      listeners: PLAIN_LISTENERS,
    });
  }

  /** `status.clusterId`: what the first broker wrote to ZooKeeper. Before that no configuration needs it. */
  async #kafkaClusterId(): Promise<string> {
    if (this.#clusterId !== undefined) return this.#clusterId;
    const znode = await this.#sessions.get(CLUSTER_ID);
    if (znode === undefined) return '';
    this.#clusterId = parseClusterId(CLUSTER_ID, znode.data);
    return this.#clusterId;
  }
}
