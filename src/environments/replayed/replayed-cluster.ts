import { requireKraftAnnotation, type UnknownAnnotation } from '../../cluster/annotation.js';
import type { Cluster, SilentNode } from '../../cluster/cluster.js';
import { type ControllerPoolOptions, deletesData } from '../../cluster/controller-pool.js';
import type { ClusterNames, ClusterOptions } from '../../cluster/environment.js';
import type { NodeControl, NodeName } from '../../cluster/faults/fault.js';
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
import { nextNodeIds } from '../../strimzi/node-ids.js';
import { podName, zooKeeperMetaProperties } from '../../strimzi/nodes.js';
import type { Topology } from '../../strimzi/topology.js';
import { deadlinesOf } from '../../waiting/deadlines.js';
import { Witness } from '../../witness/witness.js';
import { untilCrashed, untilEpoch, untilReached } from '../journal-waits.js';
import type { NodeIdentity, NodeRuntime } from '../node-runtime.js';
import { noSuchNode, refuseFewerBrokers } from '../refusals.js';
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

/** The nodes that a cluster has at first, with the controllers that it will have. */
export interface ClusterNodes {
  readonly zookeepers: readonly NodeIdentity[];
  readonly brokers: readonly NodeIdentity[];
  readonly controllers: readonly NodeIdentity[];
}

/** Pod names are `<cluster>-<pool>-<id>`; the pools are `broker` and `controller`. */
export function clusterNodes(names: ClusterNames, topology: Topology): ClusterNodes {
  const brokers = nextNodeIds([], topology.brokers);
  return {
    zookeepers: identities(names, 'zookeeper', nextNodeIds([], topology.zookeepers)),
    brokers: identities(names, 'broker', brokers),
    controllers: identities(names, 'controller', nextNodeIds(brokers, topology.controllers)),
  };
}

function identities(names: ClusterNames, role: NodeIdentity['role'], ids: readonly number[]): readonly NodeIdentity[] {
  return ids.map((nodeId) => ({ role, nodeId, pod: podName(names.name, role, nodeId) }));
}

function idsOf(nodes: readonly NodeIdentity[]): readonly number[] {
  return nodes.map(({ nodeId }) => nodeId);
}

/** A cluster of real nodes with the replayed operator: common to the local and the containers environment. */
export class ReplayedCluster implements Cluster {
  readonly kafkaVersion: string;
  readonly #options: ReplayedClusterOptions;
  readonly #sessions: ZooKeeperSessions;
  readonly #witness: Witness;
  readonly #pods: Pods;
  readonly #operator: ReplayedOperator;
  /** Every node that the cluster has or had, by the name of its pod. */
  readonly #identities = new Map<string, NodeIdentity>();
  #brokers: readonly NodeIdentity[];
  #controllers: readonly NodeIdentity[];
  /** Of the pool that was created last. */
  #controllerPool: ControllerPoolOptions = { deleteClaim: false };
  #clusterId: string | undefined;
  #closed = false;

  constructor(options: ReplayedClusterOptions) {
    this.#options = options;
    this.kafkaVersion = options.kafkaVersion;
    const { nodes, runtime, journal, signal, failed } = options;
    this.#brokers = nodes.brokers;
    this.#controllers = nodes.controllers;
    this.#sessions = new ZooKeeperSessions(
      () => this.#connectString(),
      signal,
      (session, who) => this.#witness.registerSession(session, who),
      deadlinesOf(options.stateTimeoutMs),
    );
    this.#witness = new Witness(journal, (path) => this.#readZnode(path));
    const all = [...nodes.zookeepers, ...nodes.brokers, ...nodes.controllers];
    for (const node of all) this.#identities.set(node.pod, node);
    this.#pods = new Pods(all, {
      runtime,
      journal,
      signal,
      readyTimeoutMs: options.stateTimeoutMs,
      render: (node, state) => this.#render(node, state),
      zooKeeperController: () => this.#zooKeeperController(),
      deleteZnode: (path) => this.#sessions.delete(path, 'operator'),
      isEphemeral: ({ role }) => role === 'controller' && this.#hasEphemeralControllers(),
      failed,
    });
    options.events.subscribe({
      line: (pod, line) => {
        const node = this.#identities.get(pod);
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
      restartDeadlineMs: options.stateTimeoutMs,
      failed,
    });
  }

  get topology(): Topology {
    return { ...this.#options.topology, brokers: this.#brokers.length };
  }

  operatorVersion(): string {
    return this.#operator.profile.version;
  }

  async deploy(): Promise<void> {
    this.#gesture({ gesture: 'deploy' });
    this.#operator.start();
    await this.waitForState('ZooKeeper');
  }

  async createControllerPool(pool: ControllerPoolOptions): Promise<void> {
    const { storage } = pool;
    // An ephemeral volume is no claim: it ends with its pod.
    const deleteClaim = pool.storage === 'ephemeral' ? false : pool.deleteClaim;
    this.#gesture({
      gesture: 'create-controller-pool',
      deleteClaim: deletesData(pool),
      ...(storage === undefined ? {} : { storage }),
    });
    this.#controllerPool = pool;
    const ids = nextNodeIds(idsOf(this.#brokers), this.#options.topology.controllers);
    this.#controllers = await this.#known('controller', ids);
    this.#operator.change((desired) => ({ ...desired, controllerIds: ids, deleteClaim }));
  }

  #hasEphemeralControllers(): boolean {
    return this.#controllerPool.storage === 'ephemeral';
  }

  /** The nodes with these ids. Those that the cluster never had get an address. */
  async #known(role: NodeIdentity['role'], ids: readonly number[]): Promise<readonly NodeIdentity[]> {
    const nodes = identities(this.#options.names, role, ids);
    for (const node of nodes) {
      if (this.#identities.has(node.pod)) continue;
      await this.#options.runtime.add(node);
      this.#identities.set(node.pod, node);
      this.#pods.add(node);
    }
    return nodes;
  }

  async deleteControllerPool(): Promise<void> {
    const { controllerIds, deleteClaim } = this.#operator.desired;
    if (controllerIds === undefined)
      throw new EnvironmentError('The controller pool does not exist and cannot be deleted.');
    this.#gesture({ gesture: 'delete-controller-pool', deleteClaim: deletesData(this.#controllerPool) });
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
    const nodeIds = this.#hasEphemeralControllers() ? [] : idsOf(this.#controllers);
    for (const action of planClaimDeletion(this.#operator.profile, nodeIds)) {
      if (action.type === 'delete-volumes') await executeDeletion(action, this.#pods);
    }
  }

  async deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    this.#gesture({ gesture: 'delete-znode', path });
    return this.#sessions.delete(path, 'user');
  }

  async writeZnode(path: string, value: string | null): Promise<void> {
    this.#gesture({ gesture: 'write-znode', path, value });
    await this.#sessions.write(path, value);
  }

  restartBroker(id: number): Promise<void> {
    return this.#restart('broker', id);
  }

  restartController(id: number): Promise<void> {
    return this.#restart('controller', id);
  }

  restartZooKeeper(id: number): Promise<void> {
    return this.#restart('zookeeper', id);
  }

  async #restart(role: NodeIdentity['role'], id: number): Promise<void> {
    this.#requireNode(role, id, 'restarted');
    this.#gesture({ gesture: `restart-${role}`, nodeId: id });
    await this.#pods.restartByUser(role, id);
  }

  async restartOperator(): Promise<void> {
    this.#gesture({ gesture: 'restart-operator' });
    await this.#operator.restart();
  }

  async pauseReconciliation(): Promise<void> {
    this.#gesture({ gesture: 'pause-reconciliation', paused: true });
    this.#operator.change((desired) => ({ ...desired, paused: true }));
    await this.#operator.waitUntilPaused(this.#options.stateTimeoutMs);
  }

  async resumeReconciliation(): Promise<void> {
    this.#gesture({ gesture: 'pause-reconciliation', paused: false });
    this.#operator.change((desired) => ({ ...desired, paused: false }));
  }

  async scaleBrokers(replicas: number): Promise<void> {
    const before = this.#brokers.length;
    refuseFewerBrokers(before, replicas);
    this.#gesture({ gesture: 'scale-broker-pool', replicas });
    const { controllerIds = [] } = this.#operator.desired;
    const added = nextNodeIds([...idsOf(this.#brokers), ...controllerIds], replicas - before);
    this.#brokers = [...this.#brokers, ...(await this.#known('broker', added))];
    this.#operator.change((desired) => ({ ...desired, brokerIds: idsOf(this.#brokers) }));
    await Promise.all(added.map((id) => this.#pods.waitUntilReady('broker', id)));
  }

  async replaceBrokerVolume(id: number): Promise<void> {
    this.#requireNode('broker', id, 'replaced');
    this.#gesture({ gesture: 'replace-broker-volume', nodeId: id });
    await this.#pods.replaceVolume('broker', id);
  }

  /** @param done what cannot be done without it: `restarted`. @throws EnvironmentError. */
  #requireNode(role: NodeIdentity['role'], id: number, done: string): void {
    if (this.#pods.nodes().some((node) => node.role === role && node.nodeId === id)) return;
    throw noSuchNode(role, id, done);
  }

  async rewriteMetaProperties(id: number): Promise<void> {
    const pod = podName(this.#options.names.name, 'broker', id);
    if (!this.#identities.has(pod)) throw noSuchNode('broker', id, 'changed');
    this.#gesture({ gesture: 'rewrite-meta-properties', nodeId: id });
    await this.#options.runtime.writeMetaProperties(pod, zooKeeperMetaProperties(id, await this.#kafkaClusterId()));
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

  async reached(state: KafkaMetadataState): Promise<void> {
    await untilReached(state, { ...this.#options, now: () => this.state() });
  }

  async reachedEpoch(epoch: number): Promise<void> {
    await untilEpoch(epoch, this.#options);
  }

  async crashed(node: NodeName): Promise<void> {
    await untilCrashed(`${this.#options.names.name}-${node}`, this.#options);
  }

  state(): KafkaMetadataState | undefined {
    return this.#operator.state();
  }

  zookeeper(): ZooKeeperAccess | undefined {
    return this.#hasZooKeeper() ? { connectString: this.#connectString() } : undefined;
  }

  kafka(): KafkaAccess {
    const { runtime } = this.#options;
    return { bootstrapServers: this.#brokers.map(({ pod }) => runtime.clientAddress(pod)) };
  }

  nodes(): readonly NodeName[] {
    return this.#pods.nodes().map(({ role, nodeId }): NodeName => `${role}-${nodeId}`);
  }

  nodeControl(): NodeControl {
    const pods = this.#pods;
    return {
      kill: (pod) => pods.kill(pod),
      freeze: (pod) => pods.freeze(pod),
      thaw: (pod) => pods.thaw(pod),
      killOperator: () => this.#operator.restart(),
    };
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
    const { names, kafkaVersion, topology } = this.#options;
    if (node.role === 'zookeeper') throw new Error('ZooKeeper nodes have no server.config');
    const pools: NodePool[] = [
      { name: 'broker', role: 'broker', nodeIds: idsOf(this.#brokers) },
      { name: 'controller', role: 'controller', nodeIds: idsOf(this.#controllers) },
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
