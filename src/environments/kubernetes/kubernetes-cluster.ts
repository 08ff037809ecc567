import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import type { ClusterOptions } from '../../cluster/environment.js';
import { EnvironmentError, messageOf, UsageError, WaitAborted } from '../../errors.js';
import type { Gesture } from '../../journal/events.js';
import { CLAIM, type Claim, POD, type Pod, VOLUME } from '../../kubernetes/core-objects.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';
import type { KafkaAccess, ZooKeeperAccess } from '../../metadata/access.js';
import { ClusterAccess } from '../../strimzi/cluster-access.js';
import type { KafkaMetadataState, KraftAnnotation } from '../../strimzi/migration-state.js';
import { claimsOfPod, KAFKA, KAFKA_NODE_POOL, KRAFT_ANNOTATION } from '../../strimzi/resources.js';
import type { Topology } from '../../strimzi/topology.js';
import { waitUntil } from '../../waiting/wait.js';
import { Witness } from '../../witness/witness.js';
import { ZooKeeperSessions } from '../zookeeper-sessions.js';
import { ClusterWatch } from './cluster-watch.js';
import { writeDiagnostics } from './diagnostics.js';
import { LogFiles } from './log-files.js';
import { kafkaManifest, nodePoolManifest, type RunObjects } from './manifests.js';
import { OperatorEvents } from './operator-events.js';
import { linesAbout } from './operator-log.js';
import { missingForPhase } from './phases.js';
import type { NodeNow } from './pod-events.js';
import { PodLogs } from './pod-logs.js';
import { imageProblem } from './pod-problems.js';
import { describeFailure, isRefusal } from './refusal.js';

export interface KubernetesClusterOptions extends ClusterOptions {
  readonly api: KubeApi;
  readonly objects: RunObjects;
  /** Puts another operator version in the place of the running one. @returns its pod. */
  readonly upgrade: (version: string) => Promise<Pod>;
  /** Removes what the run made in the cluster. */
  readonly tearDown: () => Promise<void>;
}

const DIAGNOSTICS_MS = 30_000;
const NO_CONTROLLER_POOL = 'there is no controller pool to delete';

/**
 * A Strimzi cluster in Kubernetes: gestures are changes of the user's resources, and everything else is watched. What it
 * journals follows the same rules as the recordings.
 */
export class KubernetesCluster implements Cluster {
  readonly topology: Topology;
  readonly kafkaVersion: string;
  readonly #options: KubernetesClusterOptions;
  readonly #watch: ClusterWatch;
  readonly #access: ClusterAccess;
  readonly #sessions: ZooKeeperSessions;
  readonly #witness: Witness;
  readonly #operator: OperatorEvents;
  readonly #operatorLogs: PodLogs;
  readonly #nodeLogs: PodLogs;
  readonly #files: LogFiles;
  /** Of this object alone: logs and watches are followed until it is closed, also after the run's signal. */
  readonly #end: AbortController;
  #operatorVersion: string;
  #controllerClaims: 'deleted' | 'kept' = 'kept';
  #closed = false;

  private constructor(parts: {
    readonly options: KubernetesClusterOptions;
    readonly watch: ClusterWatch;
    readonly access: ClusterAccess;
    readonly sessions: ZooKeeperSessions;
    readonly witness: Witness;
    readonly operator: OperatorEvents;
    readonly operatorLogs: PodLogs;
    readonly nodeLogs: PodLogs;
    readonly files: LogFiles;
    readonly end: AbortController;
  }) {
    this.#options = parts.options;
    this.topology = parts.options.topology;
    this.kafkaVersion = parts.options.kafkaVersion;
    this.#operatorVersion = parts.options.operatorVersion;
    this.#watch = parts.watch;
    this.#access = parts.access;
    this.#sessions = parts.sessions;
    this.#witness = parts.witness;
    this.#operator = parts.operator;
    this.#operatorLogs = parts.operatorLogs;
    this.#nodeLogs = parts.nodeLogs;
    this.#files = parts.files;
    this.#end = parts.end;
  }

  /** @param operatorPod the running operator. */
  static async start(options: KubernetesClusterOptions, operatorPod: Pod): Promise<KubernetesCluster> {
    const { api, objects, topology, journal, failed } = options;
    const { name, namespace } = objects;
    const end = new AbortController();
    const { signal } = end;
    // Every forward, watch and log listens to it.
    setMaxListeners(0, signal);
    const pods = (role: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${name}-${role}-${index}`);
    const access = await ClusterAccess.open(api, {
      namespace,
      zookeepers: pods('zookeeper', topology.zookeepers),
      brokers: pods('broker', topology.brokers),
      signal,
    });
    const files = await LogFiles.open(join(options.workspace.results, 'logs'), failed);
    let cluster: KubernetesCluster | undefined;
    const read = (path: string) => cluster?.readZnode(path) ?? Promise.resolve(undefined);
    const witness = new Witness(journal, read);
    const sessions = new ZooKeeperSessions(
      () => access.zookeeper().connectString,
      signal,
      (session, who) => witness.ownSession(session, who),
    );
    const nodeLogs = new PodLogs(api, {
      namespace,
      signal,
      failed,
      line: (pod, line) => {
        files.line(pod, line);
        tellWitness(witness, name, pod, line);
      },
    });
    const watch = await ClusterWatch.start(api, {
      namespace,
      name,
      topology,
      journal,
      signal,
      failed,
      pod: (pod) => {
        nodeLogs.follow(pod);
        const problem = imageProblem(pod);
        if (problem !== undefined) failed(new EnvironmentError(problem));
      },
    });
    const operator = new OperatorEvents(journal, watch.story);
    // Somebody else's operator works in another namespace, and for others, too.
    const operatorNamespace = operatorPod.metadata.namespace ?? namespace;
    const isOurs = operatorNamespace === namespace ? () => true : linesAbout(objects);
    const operatorLogs = new PodLogs(api, {
      namespace: operatorNamespace,
      signal,
      failed,
      line: (pod, line) => {
        if (!isOurs(line)) return;
        files.line(pod, line);
        operator.line(line);
      },
    });
    operatorLogs.follow(operatorPod);
    const { podIP } = operatorPod.status ?? {};
    if (podIP !== undefined) witness.ownAddress(podIP, 'operator');
    cluster = new KubernetesCluster({
      options,
      watch,
      access,
      sessions,
      witness,
      operator,
      operatorLogs,
      nodeLogs,
      files,
      end,
    });
    return cluster;
  }

  operatorVersion(): string {
    return this.#operatorVersion;
  }

  async deploy(): Promise<void> {
    this.#gesture({ gesture: 'deploy' });
    const { objects } = this.#options;
    const brokers = nodePoolManifest(objects, 'broker', { replicas: this.topology.brokers, deleteClaim: true });
    await this.#create(brokers);
    await this.#create(kafkaManifest(objects, this.topology, this.kafkaVersion));
    await this.waitForState('ZooKeeper');
  }

  async createControllerPool({ deleteClaim }: { readonly deleteClaim: boolean }): Promise<void> {
    this.#gesture({ gesture: 'create-controller-pool', deleteClaim });
    this.#controllerClaims = deleteClaim ? 'deleted' : 'kept';
    await this.#create(
      nodePoolManifest(this.#options.objects, 'controller', { replicas: this.topology.controllers, deleteClaim }),
    );
  }

  async deleteControllerPool(): Promise<void> {
    const { api, signal, objects } = this.#options;
    const pool = { ...KAFKA_NODE_POOL, namespace: objects.namespace, name: 'controller' };
    if ((await api.get(pool, { signal })) === undefined) throw new EnvironmentError(NO_CONTROLLER_POOL);
    const deleteClaim = this.#controllerClaims === 'deleted';
    this.#gesture({ gesture: 'delete-controller-pool', deleteClaim });
    const controllers = this.#nodes('controller').map(({ pod }) => pod);
    if (!(await api.delete(pool, { signal }))) throw new EnvironmentError(NO_CONTROLLER_POOL);
    await this.#until(
      () => `the pods${deleteClaim ? ' and claims' : ''} of the controllers to be gone`,
      () =>
        this.#nodes('controller').length === 0 &&
        (!deleteClaim || !controllers.some((pod) => this.#watch.story.hasClaimOf(pod))),
    );
  }

  async annotate(value: KraftAnnotation): Promise<void> {
    this.#gesture({ gesture: 'annotate', value });
    const { api, signal, objects } = this.#options;
    await api.mergePatch(
      { ...KAFKA, namespace: objects.namespace, name: objects.name },
      { metadata: { annotations: { [KRAFT_ANNOTATION]: value } } },
      { signal },
    );
  }

  async deleteControllerVolumes(): Promise<void> {
    if (this.#nodes('controller').length > 0) {
      throw new EnvironmentError("the controllers' volumes are in use: delete the controller pool first");
    }
    this.#gesture({ gesture: 'delete-controller-volumes' });
    const pods = Array.from(
      { length: this.topology.controllers },
      (_, index) => `${this.#options.objects.name}-controller-${this.topology.brokers + index}`,
    );
    for (const claim of pods.flatMap(claimsOfPod)) await this.#deleteClaim(claim);
    await this.#until(
      () => 'the claims of the controllers to be gone',
      () => !pods.some((pod) => this.#watch.story.hasClaimOf(pod)),
    );
  }

  async deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    this.#gesture({ gesture: 'delete-znode', path });
    return this.#sessions.delete(path, 'user');
  }

  async restartBroker(id: number): Promise<void> {
    const node = this.#nodes('broker').find(({ nodeId }) => nodeId === id);
    if (node === undefined) throw new EnvironmentError(`there is no broker ${id} to restart`);
    this.#gesture({ gesture: 'restart-broker', nodeId: id });
    const { api, signal, objects } = this.#options;
    this.#watch.story.announce(node.pod, 'user');
    await api.delete({ ...POD, namespace: objects.namespace, name: node.pod }, { signal, uid: node.uid });
    await this.#until(
      () => `the successor of ${node.pod} to be ready`,
      () => this.#nodes('broker').some(({ nodeId, uid, ready }) => nodeId === id && uid !== node.uid && ready),
    );
  }

  async upgradeOperator(version: string): Promise<void> {
    this.#gesture({ gesture: 'upgrade-operator', version });
    const pod = await this.#options.upgrade(version);
    this.#operator.replaced();
    this.#operatorVersion = version;
    this.#operatorLogs.follow(pod);
    if (pod.status?.podIP !== undefined) this.#witness.ownAddress(pod.status.podIP, 'operator');
  }

  async waitForState(state: KafkaMetadataState): Promise<void> {
    const missing = (): string | undefined => missingForPhase(state, this.#watch.phase(this.#operator));
    await this.#until(
      () =>
        `the state ${state} (${[missing() ?? 'reached', ...this.#failures(), ...this.#watch.obstacles()].join('; ')})`,
      () => {
        this.#throwIfRefused();
        return missing() === undefined;
      },
    );
    this.#options.journal.write({ type: 'state-awaited', state });
  }

  state(): KafkaMetadataState | undefined {
    return this.#watch.state();
  }

  zookeeper(): ZooKeeperAccess | undefined {
    return this.#nodes('zookeeper').length > 0 ? this.#access.zookeeper() : undefined;
  }

  kafka(): KafkaAccess {
    return this.#access.kafka();
  }

  async observed(): Promise<void> {
    await Promise.all([this.#nodeLogs.caughtUp(), this.#operatorLogs.caughtUp()]);
    await this.#watch.story.settled();
    await this.#witness.settled();
  }

  async close({ hurry }: { readonly hurry: boolean }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!hurry) await this.#diagnose();
    await this.#sessions.close();
    await this.#access.close();
    this.#end.abort(new WaitAborted('the cluster is closed'));
    await Promise.all([this.#nodeLogs.stopped(), this.#operatorLogs.stopped(), this.#watch.close()]);
    await this.#witness.close();
    await this.#files.close();
    await this.#options.tearDown();
  }

  /** What the witness reads after ZooKeeper's audit log has told of a change. */
  readZnode(path: string): ReturnType<ZooKeeperSessions['contentOf']> {
    return this.#sessions.contentOf(path, () => this.#closed || this.zookeeper() === undefined);
  }

  async #diagnose(): Promise<void> {
    const { api, objects, workspace, failed } = this.#options;
    const zookeeper = this.zookeeper() === undefined ? undefined : this.#sessions;
    try {
      await writeDiagnostics(
        { api, namespace: objects.namespace, zookeeper },
        join(workspace.results, 'diagnostics'),
        AbortSignal.timeout(DIAGNOSTICS_MS),
      );
    } catch (error) {
      // What the run has made in the cluster must go all the same.
      failed(new EnvironmentError(`The diagnostics can't be written: ${messageOf(error)}`, { cause: error }));
    }
  }

  /** Why the operator's last pass failed, from the status, or from its log where a failure does not come into the status. */
  #failures(): readonly string[] {
    const failure = this.#watch.failure() ?? this.#operator.lastFailure;
    return failure === undefined ? [] : [describeFailure(failure)];
  }

  #throwIfRefused(): void {
    const { lastFailure } = this.#operator;
    if (!isRefusal(lastFailure)) return;
    throw new UsageError(
      `The operator ${this.#operatorVersion} does not take the Kafka resource: ${describeFailure(lastFailure)}. ` +
        'Run it with a Kafka version that it supports.',
    );
  }

  #nodes(role: NodeNow['role']): readonly NodeNow[] {
    return this.#watch.story.nodes().filter((node) => node.role === role);
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
    // With the reclaim policy Retain the volume outlives its claim; "delete the volumes" means it, too.
    const volume = claim.spec?.volumeName;
    if (volume !== undefined) await api.delete({ ...VOLUME, name: volume }, { signal });
  }

  async #until(what: () => string, reached: () => boolean): Promise<void> {
    const { signal, stateTimeoutMs } = this.#options;
    await waitUntil(
      { what, timeoutMs: stateTimeoutMs, signal },
      (wake) => {
        const takeBack = [this.#watch.subscribe(wake), this.#operator.subscribe(wake)];
        return () => {
          for (const one of takeBack) one();
        };
      },
      () => (reached() ? true : undefined),
    );
  }
}

/** Lines of ZooKeeper's pods are its audit log, those of the others tell sessions and the migration's progress. */
function tellWitness(witness: Witness, cluster: string, pod: string, line: string): void {
  const [, role, id] = /^(zookeeper|broker|controller)-(\d+)$/.exec(pod.slice(cluster.length + 1)) ?? [];
  if (role === 'zookeeper') witness.zooKeeperLine(line);
  else if (role !== undefined) witness.nodeLine(pod, `${role} ${id}`, line);
}
