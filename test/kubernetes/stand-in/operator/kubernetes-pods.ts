import { setTimeout as pause } from 'node:timers/promises';
import { foldZkMigrationState, isWaitingToSync } from '../../../../src/environments/replayed/migration-value.js';
import { reportsController } from '../../../../src/environments/replayed/readiness.js';
import type { ZooKeeperSessions } from '../../../../src/environments/zookeeper-sessions.js';
import { WaitTimedOut } from '../../../../src/errors.js';
import type { Journal } from '../../../../src/journal/journal.js';
import { KafkaUnreachable } from '../../../../src/metadata/kafka/connection.js';
import { updateBrokerDynamically } from '../../../../src/metadata/kraft/dynamic-update.js';
import { PassFailed } from '../../../../src/operator/executor.js';
import type { ReplayedNode, ReplayTarget } from '../../../../src/operator/replay-target.js';
import type { ConfigurationState, NodeRole, ZkMigrationState } from '../../../../src/strimzi/migration-state.js';
import { CONFIGURATION_STATE_ORDINALS } from '../../../../src/strimzi/migration-state.js';
import { waitUntil } from '../../../../src/waiting/wait.js';
import { parseMigrationProgress } from '../../../../src/witness/node-log.js';
import type { ClusterApi } from './cluster-api.js';
import { CONFIGURATION_STATE, erasedWithZooKeeper } from './objects.js';
import { log, type PassLog } from './operator-log.js';
import { FilteredPodLogs, runningContainer, type StoredPod } from './pod-logs.js';
import { isReady, POD_KIND, POD_SET, type PodTemplate, type StrimziPodSet } from './resources.js';
import type { WatchedKind } from './watched.js';

/** The timeout of each request to a broker, in milliseconds. */
const DYNAMIC_UPDATE_DEADLINE_MS = 10_000;
const DYNAMIC_UPDATE_PAUSE_MS = 100;
/** How long to wait for a new controller after `/controller` was deleted. Strimzi does not wait: the pass continues. */
const CLAIM_DEADLINE_MS = 5_000;
/** Reasons of a waiting container with which Strimzi's roller gives up. */
const STUCK: ReadonlySet<string> = new Set(['CrashLoopBackOff', 'ImagePullBackOff']);

export interface KubernetesPodsOptions {
  readonly api: ClusterApi;
  readonly namespace: string;
  /** `metadata.name` of the Kafka resource. */
  readonly cluster: string;
  readonly podSets: WatchedKind<StrimziPodSet>;
  readonly pods: WatchedKind<StoredPod>;
  /** Events from the controllers' logs; the operator's own lines go elsewhere. */
  readonly journal: Journal;
  readonly sessions: ZooKeeperSessions;
  /** STRIMZI_OPERATION_TIMEOUT_MS. */
  readonly operationTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The actions of the replayed operator in Kubernetes. PodSetController creates the pods of the sets that a pass has
 * applied. This class waits for them, deletes them, and reads their state.
 */
export class KubernetesPods implements ReplayTarget {
  readonly #options: KubernetesPodsOptions;
  /** Containers that a dynamic update has reached. */
  readonly #updated = new Set<string>();
  #zooKeeperController = false;
  #log: PassLog = log;
  #claims: ReadonlyMap<string, string> = new Map();
  #plainPort = 9092;
  readonly #listeners = new Set<() => void>();
  readonly #stopLogs: () => void;

  constructor(options: KubernetesPodsOptions) {
    this.#options = options;
    const { api, pods, journal, signal } = options;
    const logs = new FilteredPodLogs(
      api.config,
      pods,
      (pod) => this.#isOurs(pod) && roleOf(pod) !== 'zookeeper',
      {
        started: (pod) => {
          if (roleOf(pod) === 'controller') journal.write(nodeStarted(pod));
        },
        line: (pod, line) => this.#line(pod, line),
      },
      signal,
    );
    this.#stopLogs = logs.start((error) => log('WARN', 'StandIn', `a pod's log cannot be followed: ${String(error)}`));
  }

  /** @param pass of this pass: its log, the claims of nodes by pod name, the port for plain-text clients. */
  beginPass(pass: {
    readonly log: PassLog;
    readonly claims: ReadonlyMap<string, string>;
    readonly plainPort: number;
  }): void {
    this.#log = pass.log;
    this.#claims = pass.claims;
    this.#plainPort = pass.plainPort;
  }

  close(): void {
    this.#stopLogs();
  }

  #line(pod: StoredPod, line: string): void {
    if (roleOf(pod) === 'controller') {
      const progress = parseMigrationProgress(line);
      if (progress === undefined) return;
      this.#options.journal.write({ type: 'controller-log', pod: pod.metadata.name, ...progress });
    } else if (reportsController(line)) this.#zooKeeperController = true;
    else return;
    for (const wake of this.#listeners) wake();
  }

  #isOurs(pod: StoredPod): boolean {
    const { namespace, labels } = pod.metadata;
    return namespace === this.#options.namespace && labels?.['strimzi.io/cluster'] === this.#options.cluster;
  }

  /** The role is read from the pods that a set lists: the set's own name does not show it. */
  nodes(): readonly ReplayedNode[] {
    const { podSets, namespace, cluster } = this.#options;
    return podSets
      .list()
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['strimzi.io/cluster'] === cluster)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .flatMap(({ spec }) => spec.pods)
      .map((template) => {
        const pod = this.#options.pods.get(namespace, template.metadata.name);
        const role = roleOf(template);
        const state = (pod ?? template).metadata.annotations?.[CONFIGURATION_STATE];
        const container = pod === undefined ? undefined : runningContainer(pod);
        return {
          role,
          nodeId: nodeIdOf(template),
          configurationState: role === 'zookeeper' ? null : configurationState(state),
          image: (pod ?? template).spec?.containers[0]?.image ?? '',
          ready: pod !== undefined && isReady(pod),
          updatedSinceStart: container !== undefined && this.#updated.has(container),
        };
      });
  }

  /** Does nothing: the set that lists the pod was already applied, and its controller creates the pod. */
  async create(): Promise<void> {}

  async waitUntilReady(role: NodeRole, nodeId: number): Promise<void> {
    const name = this.podName(role, nodeId);
    await this.#wait(`Pods resource ${name} in namespace ${this.#options.namespace} to be ready`, () => {
      const pod = this.#options.pods.get(this.#options.namespace, name);
      return pod !== undefined && isReady(pod) ? true : undefined;
    });
  }

  async restart(role: NodeRole, nodeId: number): Promise<void> {
    const { api, namespace, pods } = this.#options;
    const name = this.podName(role, nodeId);
    this.#log('INFO', 'PodOperator', `Rolling pod ${name}`);
    const before = pods.get(namespace, name)?.metadata.uid;
    if (before !== undefined) await api.delete(POD_KIND, namespace, name, before);
    await this.#wait(`Pods resource ${name} in namespace ${namespace} to be ready`, () => {
      const pod = pods.get(namespace, name);
      return pod !== undefined && pod.metadata.uid !== before && isReady(pod) ? true : undefined;
    });
  }

  async remove(role: NodeRole, nodeId: number): Promise<void> {
    const { api, namespace, pods, podSets, cluster } = this.#options;
    const name = this.podName(role, nodeId);
    const set = podSets
      .list()
      .find(
        ({ metadata, spec }) => metadata.namespace === namespace && spec.pods.some((pod) => pod.metadata.name === name),
      );
    if (set !== undefined) await api.delete(POD_SET, namespace, set.metadata.name, set.metadata.uid);
    if (role === 'zookeeper') {
      for (const erased of erasedWithZooKeeper(cluster)) {
        await api.delete({ apiVersion: 'v1', kind: erased.kind, plural: '' }, namespace, erased.name);
      }
    }
    const pod = pods.get(namespace, name);
    if (pod !== undefined) await api.delete(POD_KIND, namespace, name, pod.metadata.uid);
    await this.#wait(`Pods resource ${name} in namespace ${namespace} to be deleted`, () =>
      pods.get(namespace, name) === undefined ? true : undefined,
    );
  }

  /** `kept` simulates a defect: the claim is not deleted. */
  async wipe(role: NodeRole, nodeId: number, data: 'wiped' | 'kept'): Promise<void> {
    const claim = this.#claims.get(this.podName(role, nodeId));
    if (claim === undefined || data === 'kept') return;
    this.#log('INFO', 'PvcReconciler', `Deleting PVC ${claim}`);
    const kind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims' };
    await this.#options.api.delete(kind, this.#options.namespace, claim);
  }

  async deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    if (path === '/controller') this.#zooKeeperController = false;
    try {
      return await this.#options.sessions.delete(path, 'operator');
    } catch (error) {
      if (error instanceof WaitTimedOut)
        throw new PassFailed('RuntimeException', `Failed to connect to ZooKeeper: ${error.message}`);
      throw error;
    }
  }

  async waitForZooKeeperController(): Promise<void> {
    const { signal } = this.#options;
    await waitUntil(
      { what: 'a broker to become the controller', timeoutMs: CLAIM_DEADLINE_MS, signal },
      (wake) => this.#subscribe(wake),
      () => (this.#zooKeeperController ? true : undefined),
    ).catch((error: unknown) => {
      if (!(error instanceof WaitTimedOut)) throw error;
    });
  }

  /** The controller of `describeCluster`, read from ZooKeeper; if it cannot be read, no broker is rolled last. */
  async reportedController(): Promise<number | undefined> {
    const hasZooKeeper = this.nodes().some(({ role }) => role === 'zookeeper');
    if (!hasZooKeeper) return undefined;
    const znode = await this.#options.sessions.get('/controller').catch(() => undefined);
    if (znode === undefined) return undefined;
    return (JSON.parse(znode.data) as { readonly brokerid: number }).brokerid;
  }

  /** Not looked up: the nodes are rolled in their order. */
  zooKeeperLeader(): undefined {
    return undefined;
  }

  migrationState(controllerIds: readonly number[]): ZkMigrationState | undefined {
    const { pods, namespace, journal } = this.#options;
    for (const nodeId of controllerIds) {
      const name = this.podName('controller', nodeId);
      const pod = pods.get(namespace, name);
      if (pod === undefined || !isReady(pod)) continue;
      const value = foldZkMigrationState(journal.events(), name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Like the local replay (src/environments/replayed/pods.ts); no answer is a refusal, too. */
  async updateDynamically(nodeId: number): Promise<'updated' | { readonly refused: string }> {
    const { namespace, cluster, signal, journal, pods } = this.#options;
    const name = this.podName('broker', nodeId);
    const end = performance.now() + DYNAMIC_UPDATE_DEADLINE_MS;
    for (;;) {
      await this.#waitUnlessStuck(name, nodeId);
      const answer = await updateBrokerDynamically({
        bootstrapServer: `${name}.${cluster}-kafka-brokers.${namespace}.svc:${this.#plainPort}`,
        nodeId,
        deadlineMs: DYNAMIC_UPDATE_DEADLINE_MS,
        signal,
      }).catch((error: unknown) => {
        if (error instanceof KafkaUnreachable && performance.now() <= end) return { refused: 'STALE_CONTROLLER_EPOCH' };
        if (error instanceof KafkaUnreachable || error instanceof WaitTimedOut) return { refused: error.message };
        throw error;
      });
      if (answer === 'updated') {
        const container = runningContainer(pods.get(namespace, name) ?? ({} as StoredPod));
        if (container !== undefined) this.#updated.add(container);
        this.#log('INFO', 'KafkaRoller', `Dynamic update of pod ${name}/${nodeId} was successful.`);
        return answer;
      }
      const notYet = answer.refused.startsWith('STALE_CONTROLLER_EPOCH') && !isWaitingToSync(journal.events());
      if (!notYet || performance.now() > end) return answer;
      await pause(DYNAMIC_UPDATE_PAUSE_MS, undefined, { signal });
    }
  }

  /**
   * Waits until a broker is ready that is not to be restarted. @throws PassFailed for a pod that no wait helps: Strimzi's
   * roller ends the pass, and the next one makes a missing claim again (0.45.1 `KafkaRoller.java`, isPodStuck).
   */
  async #waitUnlessStuck(name: string, nodeId: number): Promise<void> {
    const { pods, namespace } = this.#options;
    await this.#wait(`Pods resource ${name} in namespace ${namespace} to be ready`, () => {
      const pod = pods.get(namespace, name);
      if (pod === undefined || !isStuck(pod)) return pod !== undefined && isReady(pod) ? true : undefined;
      const why = 'giving up without retrying because we encountered a fatal error';
      this.#log('INFO', 'KafkaRoller', `Could not reconcile ${name}/${nodeId}, ${why}`);
      throw new PassFailed('FatalProblem', 'Pod is unschedulable or is not starting');
    });
  }

  /** The name of a node's pod. @throws PassFailed if no set lists one. */
  podName(role: NodeRole, nodeId: number): string {
    const { podSets, namespace, cluster } = this.#options;
    const template = podSets
      .list()
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['strimzi.io/cluster'] === cluster)
      .flatMap(({ spec }) => spec.pods)
      .find((pod) => roleOf(pod) === role && nodeIdOf(pod) === nodeId);
    const name = template?.metadata.name ?? this.#known.get(`${role} ${nodeId}`);
    if (name === undefined) throw new PassFailed('NullPointerException', `there is no pod of ${role} ${nodeId}`);
    this.#known.set(`${role} ${nodeId}`, name);
    return name;
  }

  /** Names of pods whose set may be deleted while a pass waits for them. */
  readonly #known = new Map<string, string>();

  /** @throws PassFailed with the text of Strimzi's timeout. */
  async #wait(what: string, probe: () => true | undefined): Promise<void> {
    const { pods, operationTimeoutMs, signal } = this.#options;
    try {
      await waitUntil({ what, timeoutMs: operationTimeoutMs, signal }, (wake) => pods.subscribe(() => wake()), probe);
    } catch (error) {
      if (!(error instanceof WaitTimedOut)) throw error;
      throw new PassFailed('TimeoutException', `Exceeded timeout of ${operationTimeoutMs}ms while waiting for ${what}`);
    }
  }

  #subscribe(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }
}

/** Strimzi also counts a container that is being created. */
function isStuck({ status }: StoredPod): boolean {
  const unschedulable = status?.conditions?.some(
    ({ type, status: is, reason }) => type === 'PodScheduled' && is === 'False' && reason === 'Unschedulable',
  );
  const waiting = status?.containerStatuses?.some(({ state }) => STUCK.has(state?.waiting?.reason ?? '')) ?? false;
  return (status?.phase === 'Pending' && unschedulable === true) || waiting;
}

function roleOf({ metadata }: Pick<PodTemplate, 'metadata'>): NodeRole {
  if (metadata.labels?.['strimzi.io/component-type'] === 'zookeeper') return 'zookeeper';
  return metadata.labels?.['strimzi.io/controller-role'] === 'true' ? 'controller' : 'broker';
}

function nodeIdOf({ metadata }: Pick<PodTemplate, 'metadata'>): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
}

function configurationState(annotation: string | undefined): ConfigurationState {
  const known = (Object.keys(CONFIGURATION_STATE_ORDINALS) as ConfigurationState[]).find(
    (state) => state === annotation,
  );
  if (known === undefined) throw new Error(`a pod's annotation ${CONFIGURATION_STATE} is ${annotation}`);
  return known;
}

/** The event with which a controller's migration state begins. */
function nodeStarted(pod: StoredPod): Parameters<Journal['write']>[0] {
  return {
    type: 'node-started',
    role: 'controller',
    nodeId: nodeIdOf(pod),
    pod: pod.metadata.name,
    configurationState: configurationState(pod.metadata.annotations?.[CONFIGURATION_STATE]),
    mode: 'kraft',
    configuration: {},
    configMap: {},
  };
}
