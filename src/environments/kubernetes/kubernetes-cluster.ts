import { requireKraftAnnotation, type UnknownAnnotation } from '../../cluster/annotation.js';
import type { Cluster, SilentNode } from '../../cluster/cluster.js';
import { type ControllerPoolOptions, deletesData } from '../../cluster/controller-pool.js';
import type { NodeControl, NodeName } from '../../cluster/faults/fault.js';
import { EnvironmentError, WaitAborted } from '../../errors.js';
import type { Gesture } from '../../journal/events.js';
import { CLAIM, type Claim, POD, type Pod, VOLUME } from '../../kubernetes/core-objects.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import type { KafkaAccess, ZooKeeperAccess } from '../../metadata/access.js';
import type { KafkaMetadataState, NodeRole } from '../../strimzi/migration-state.js';
import { claimsOfPod, KAFKA, KAFKA_NODE_POOL, KRAFT_ANNOTATION, PAUSE_ANNOTATION } from '../../strimzi/resources.js';
import type { Topology } from '../../strimzi/topology.js';
import { untilCrashed, untilEpoch, untilReached } from '../journal-waits.js';
import { noSuchNode, refuseFewerBrokers, volumeOutOfReach } from '../refusals.js';
import { ClusterObservation, type ObservationOptions } from './cluster-observation.js';
import { kafkaManifest, nodePoolManifest } from './manifests.js';
import type { NodeStatus } from './pod-events.js';

export interface KubernetesClusterOptions extends ObservationOptions {
  /** Replaces the running operator with another version. @returns its pod. */
  readonly upgrade: (version: string) => Promise<Pod>;
  /** Deletes the operator's pod and waits for its replacement. @returns the new pod. */
  readonly restartOperator: () => Promise<Pod>;
  /** Removes what the run has created in the cluster. */
  readonly tearDown: () => Promise<void>;
}

const ROLES = ['zookeeper', 'broker', 'controller'] as const;
/** 0 would remove the object while the container still runs: its successor would share its volume. */
const SHORTEST_GRACE_SECONDS = 1;

const NO_CONTROLLER_POOL = 'there is no controller pool to delete';

/** A Strimzi cluster in Kubernetes. Gestures change the user's resources; ClusterObservation observes the rest. */
export class KubernetesCluster implements Cluster {
  readonly kafkaVersion: string;
  readonly #options: KubernetesClusterOptions;
  readonly #observation: ClusterObservation;
  /** Of the pool that was created last. */
  #controllerPool: ControllerPoolOptions = { deleteClaim: false };
  #closed = false;

  private constructor(options: KubernetesClusterOptions, observation: ClusterObservation) {
    this.kafkaVersion = options.kafkaVersion;
    this.#options = options;
    this.#observation = observation;
  }

  /** @param operatorPod the running operator. @throws RequestFailed when the cluster's objects cannot be watched. */
  static async start(options: KubernetesClusterOptions, operatorPod: Pod): Promise<KubernetesCluster> {
    return new KubernetesCluster(options, await ClusterObservation.start(options, operatorPod));
  }

  get topology(): Topology {
    return this.#observation.topology;
  }

  operatorVersion(): string {
    return this.#observation.operatorVersion;
  }

  async deploy(): Promise<void> {
    this.#gesture({ gesture: 'deploy' });
    const { objects } = this.#options;
    const brokers = nodePoolManifest(objects, 'broker', { replicas: this.topology.brokers, deleteClaim: true });
    await this.#create(brokers);
    await this.#create(kafkaManifest(objects, this.topology, this.kafkaVersion));
    await this.waitForState('ZooKeeper');
  }

  async createControllerPool(pool: ControllerPoolOptions): Promise<void> {
    const { storage } = pool;
    const deleteClaim = deletesData(pool);
    this.#gesture({ gesture: 'create-controller-pool', deleteClaim, ...(storage === undefined ? {} : { storage }) });
    this.#controllerPool = pool;
    const replicas = this.topology.controllers;
    await this.#create(nodePoolManifest(this.#options.objects, 'controller', { replicas, ...pool }));
  }

  async deleteControllerPool(): Promise<void> {
    const { api, signal, objects } = this.#options;
    const pool = { ...KAFKA_NODE_POOL, namespace: objects.namespace, name: 'controller' };
    if ((await api.get(pool, { signal })) === undefined) throw new EnvironmentError(NO_CONTROLLER_POOL);
    const deleteClaim = deletesData(this.#controllerPool);
    const hasClaims = this.#controllerPool.storage === undefined && deleteClaim;
    this.#gesture({ gesture: 'delete-controller-pool', deleteClaim });
    const controllers = this.#observation.nodes('controller').map(({ pod }) => pod);
    if (!(await api.delete(pool, { signal }))) throw new EnvironmentError(NO_CONTROLLER_POOL);
    await this.#observation.until(
      () => `the pods${hasClaims ? ' and claims' : ''} of the controllers to be gone`,
      () =>
        this.#observation.nodes('controller').length === 0 &&
        (!hasClaims || !controllers.some((pod) => this.#observation.hasClaimOf(pod))),
    );
  }

  async annotate(value: string, options?: UnknownAnnotation): Promise<void> {
    requireKraftAnnotation(value, options);
    this.#gesture({ gesture: 'annotate', value });
    const { api, signal, objects } = this.#options;
    await api.mergePatch(
      { ...KAFKA, namespace: objects.namespace, name: objects.name },
      { metadata: { annotations: { [KRAFT_ANNOTATION]: value } } },
      { signal },
    );
  }

  async deleteControllerVolumes(): Promise<void> {
    if (this.#observation.nodes('controller').length > 0) {
      throw new EnvironmentError("the controllers' volumes are in use: delete the controller pool first");
    }
    this.#gesture({ gesture: 'delete-controller-volumes' });
    const pods = this.#observation.controllersWithClaims();
    for (const claim of pods.flatMap(claimsOfPod)) await this.#deleteClaim(claim);
    await this.#observation.until(
      () => 'the claims of the controllers to be gone',
      () => !pods.some((pod) => this.#observation.hasClaimOf(pod)),
    );
  }

  async deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    this.#gesture({ gesture: 'delete-znode', path });
    return this.#observation.deleteZnode(path);
  }

  async writeZnode(path: string, value: string | null): Promise<void> {
    this.#gesture({ gesture: 'write-znode', path, value });
    await this.#observation.writeZnode(path, value);
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

  async #restart(role: NodeRole, id: number): Promise<void> {
    const node = this.#node(role, id, 'restarted');
    this.#gesture({ gesture: `restart-${role}`, nodeId: id });
    await this.#replacePod(node);
  }

  async restartOperator(): Promise<void> {
    this.#gesture({ gesture: 'restart-operator' });
    await this.#replaceOperatorPod();
  }

  async #replaceOperatorPod(): Promise<void> {
    await this.#observation.operatorRestarted(await this.#options.restartOperator());
  }

  async pauseReconciliation(): Promise<void> {
    this.#gesture({ gesture: 'pause-reconciliation', paused: true });
    await this.#setPause('true');
    await this.#observation.until(
      () => `the operator to pause the reconciliation${this.#problems()}`,
      () => this.state() === undefined,
    );
    this.#observation.stateRemoved();
  }

  async resumeReconciliation(): Promise<void> {
    this.#gesture({ gesture: 'pause-reconciliation', paused: false });
    await this.#setPause(null);
  }

  async #setPause(value: 'true' | null): Promise<void> {
    const { api, signal, objects } = this.#options;
    await api.mergePatch(
      { ...KAFKA, namespace: objects.namespace, name: objects.name },
      { metadata: { annotations: { [PAUSE_ANNOTATION]: value } } },
      { signal },
    );
  }

  async scaleBrokers(replicas: number): Promise<void> {
    refuseFewerBrokers(this.topology.brokers, replicas);
    this.#gesture({ gesture: 'scale-broker-pool', replicas });
    const { api, signal, objects } = this.#options;
    await api.mergePatch(
      { ...KAFKA_NODE_POOL, namespace: objects.namespace, name: 'broker' },
      { spec: { replicas } },
      { signal },
    );
    this.#observation.expectBrokers(replicas);
    const ready = () => this.#observation.nodes('broker').filter((node) => node.ready && !node.deleting);
    await this.#observation.until(
      () => `${replicas} brokers to be ready, not ${ready().length}${this.#problems()}`,
      () => ready().length === replicas,
    );
    await this.#observation.reachable(ready().map(({ pod }) => pod));
  }

  async replaceBrokerVolume(id: number): Promise<void> {
    const node = this.#node('broker', id, 'replaced');
    this.#gesture({ gesture: 'replace-broker-volume', nodeId: id });
    const { api, signal, objects } = this.#options;
    // The claim stays until its pod is gone (Kubernetes' pvc-protection), and the next pod waits for another claim.
    for (const name of claimsOfPod(node.pod)) {
      await api.delete({ ...CLAIM, namespace: objects.namespace, name }, { signal });
    }
    await this.#replacePod(node);
  }

  /** @param done what cannot be done without it: `restarted`. @throws EnvironmentError. */
  #node(role: NodeRole, id: number, done: string): NodeStatus {
    const node = this.#observation.nodes(role).find(({ nodeId }) => nodeId === id);
    if (node === undefined) throw noSuchNode(role, id, done);
    return node;
  }

  /** Deletes a pod as the user, and waits until its replacement is ready. */
  async #replacePod({ pod, role, uid }: NodeStatus): Promise<void> {
    const { api, signal, objects } = this.#options;
    this.#observation.announce(pod, 'user');
    await api.delete({ ...POD, namespace: objects.namespace, name: pod }, { signal, uid });
    await this.#observation.until(
      () => `the replacement of ${pod} to be ready${this.#problems()}`,
      () => this.#observation.nodes(role).some((node) => node.pod === pod && node.uid !== uid && node.ready),
    );
  }

  async rewriteMetaProperties(id: number): Promise<void> {
    throw volumeOutOfReach(`broker ${id}`, 'kubernetes');
  }

  async upgradeOperator(version: string): Promise<void> {
    this.#gesture({ gesture: 'upgrade-operator', version });
    this.#observation.operatorReplaced(await this.#options.upgrade(version), version);
  }

  async waitForState(state: KafkaMetadataState): Promise<void> {
    await this.#observation.untilPhase(state);
    this.#options.journal.write({ type: 'state-awaited', state });
  }

  async reached(state: KafkaMetadataState): Promise<void> {
    await untilReached(state, { ...this.#options, now: () => this.state() });
  }

  async reachedEpoch(epoch: number): Promise<void> {
    await untilEpoch(epoch, this.#options);
  }

  async crashed(node: NodeName): Promise<void> {
    await untilCrashed(`${this.#options.objects.name}-${node}`, this.#options);
  }

  state(): KafkaMetadataState | undefined {
    return this.#observation.state();
  }

  zookeeper(): ZooKeeperAccess | undefined {
    return this.#observation.zookeeper();
  }

  kafka(): KafkaAccess {
    return this.#observation.kafka();
  }

  nodes(): readonly NodeName[] {
    return ROLES.flatMap((role) => this.#observation.nodes(role).map(({ nodeId }): NodeName => `${role}-${nodeId}`));
  }

  nodeControl(): NodeControl {
    const impossible = (): never => {
      throw new Error('a container in Kubernetes cannot be frozen: the run should have been refused');
    };
    return {
      kill: (pod) => this.#kill(pod),
      freeze: impossible,
      thaw: impossible,
      killOperator: () => this.#replaceOperatorPod(),
    };
  }

  unresponsiveNodes(signal: AbortSignal): Promise<readonly SilentNode[]> {
    return this.#observation.unresponsive(signal);
  }

  observed(): Promise<void> {
    return this.#observation.settled();
  }

  async close({ hurry }: { readonly hurry: boolean }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#observation.close({ hurry });
    } finally {
      await this.#options.tearDown();
    }
  }

  /** Deletes the pod with the shortest grace period: the kubelet kills the container, and the pod is replaced. */
  async #kill(pod: string): Promise<void> {
    const { api, signal, objects } = this.#options;
    const node = ROLES.flatMap((role) => this.#observation.nodes(role)).find((one) => one.pod === pod);
    if (node === undefined) throw new EnvironmentError(`${pod} is not running: the fault cannot be injected.`);
    this.#observation.announce(pod, 'died');
    await api.delete(
      { ...POD, namespace: objects.namespace, name: pod },
      { signal, uid: node.uid, gracePeriodSeconds: SHORTEST_GRACE_SECONDS },
    );
  }

  /** Completes the text of a wait. */
  #problems(): string {
    const problems = this.#observation.problems();
    return problems.length === 0 ? '' : ` (${problems.join('; ')})`;
  }

  #gesture(gesture: Gesture): void {
    const { signal, journal } = this.#options;
    if (signal.aborted) throw new WaitAborted('the run is over', { cause: signal.reason });
    journal.write({ type: 'gesture', ...gesture });
  }

  async #create(object: KubeObject): Promise<void> {
    await this.#options.api.create(object, { signal: this.#options.signal });
  }

  async #deleteClaim(name: string): Promise<void> {
    const { api, signal, objects } = this.#options;
    const reference = { ...CLAIM, namespace: objects.namespace, name };
    const claim = await api.get<Claim>(reference, { signal });
    if (claim === undefined) return;
    await api.delete(reference, { signal });
    // With the reclaim policy Retain the volume outlives its claim; this gesture deletes it, too.
    const volume = claim.spec?.volumeName;
    if (volume !== undefined) await api.delete({ ...VOLUME, name: volume }, { signal });
  }
}
