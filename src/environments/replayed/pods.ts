import type { SilentNode } from '../../cluster/cluster.js';
import type { NodeControl } from '../../cluster/faults/fault.js';
import { asError, EnvironmentError } from '../../errors.js';
import type { NodeStopped } from '../../journal/events.js';
import type { Journal } from '../../journal/journal.js';
import { loadKafkaProtocol } from '../../metadata/kafka/connection.js';
import type { RenderedConfiguration } from '../../operator/configuration.js';
import { containerStart } from '../../operator/container-start.js';
import { PassFailed } from '../../operator/executor.js';
import type { PodRevision, ReplayedNode, ReplayTarget } from '../../operator/replay-target.js';
import type { ConfigurationState, NodeRole, ZkMigrationState } from '../../strimzi/migration-state.js';
import { Listeners } from '../../waiting/listeners.js';
import { pause } from '../../waiting/pause.js';
import { waitUntil } from '../../waiting/wait.js';
import { askNode } from '../node-question.js';
import type { NodeIdentity, NodeLaunch, NodeRuntime, RuntimeListener } from '../node-runtime.js';
import { noSuchNode } from '../refusals.js';
import { updateBroker } from './broker-update.js';
import { foldZkMigrationState } from './migration-value.js';
import { type Crash, cannotRun, crashOf, outsideCause, READ_LOG_LINES } from './node-failure.js';
import { reportsController, reportsLeader, reportsReady } from './readiness.js';

/** Strimzi 0.45.1 `PodTemplate.java:49`: the grace period of a pod's deletion. */
const GRACE_MS = 30_000;
const CLAIM_DEADLINE_MS = 15_000;
/**
 * The kubelet restarts a container that exited: immediately, then after 10 s, and each time after twice as long, up to
 * five minutes (CrashLoopBackOff). A broker that starts while the session of its killed predecessor is alive exits with
 * NodeExists, and a later attempt succeeds (docs/behaviour.md#stopping-brokers).
 */
const FIRST_BACK_OFF_MS = 10_000;
const LONGEST_BACK_OFF_MS = 300_000;

/** What the pods need from their cluster. */
export interface PodContext {
  readonly runtime: NodeRuntime;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  /** Deadline for one node's start, in milliseconds. */
  readonly readyTimeoutMs: number;
  render(node: NodeIdentity, configurationState: ConfigurationState): Promise<RenderedConfiguration>;
  /** ZooKeeper's `/controller` as it is now. */
  zooKeeperController(): Promise<{ readonly nodeId: number; readonly ephemeral: boolean } | undefined>;
  deleteZnode(path: string): Promise<'deleted' | 'absent'>;
  /** Whether a node's volume ends with its pod: an `emptyDir`. The kubelet's restarts keep it. */
  isEphemeral(node: NodeIdentity): boolean;
  failed(error: Error): void;
}

interface Pod {
  readonly identity: NodeIdentity;
  /** Of its last start; undefined before the first. */
  revision: PodRevision | undefined;
  ready: boolean;
  updatedSinceStart: boolean;
  /** Created and not removed; true during a restart. */
  exists: boolean;
  launch: NodeLaunch | undefined;
  /** How often the kubelet has restarted its container. */
  containerRestarts: number;
  /** The exits of its container that it caused itself, since it was created. */
  crashes: readonly Crash[];
  /** Whether the scenario's own fault has killed its process. */
  killed: boolean;
  /** Stopped, or being stopped, until its next start: an end of its process then says nothing. */
  stopping: boolean;
  /** The restart that the kubelet has begun, and what ends its wait. */
  restarting: { readonly done: Promise<void>; readonly cancel: AbortController } | undefined;
  /** Resolves when the last of the changes that were asked for is done: operator and user act at the same time. */
  changed: Promise<void>;
}

/** The pods of a replayed cluster: they do what Kubernetes and the containers' scripts do for the operator. */
export class Pods implements ReplayTarget, RuntimeListener, Omit<NodeControl, 'killOperator'> {
  readonly #context: PodContext;
  readonly #pods = new Map<string, Pod>();
  readonly #listeners = new Listeners();
  /** Whether a broker has become the ZooKeeper-mode controller since `/controller` was last deleted. */
  #zooKeeperController = false;
  /** The ZooKeeper node that has last reported that it leads. */
  #zooKeeperLeader: number | undefined;

  /** @param identities the nodes that the cluster may have; `add` makes more known. */
  constructor(identities: readonly NodeIdentity[], context: PodContext) {
    this.#context = context;
    // The end of the first pass needs it: it loads while ZooKeeper and the brokers start.
    loadKafkaProtocol().catch(context.failed);
    for (const identity of identities) this.add(identity);
  }

  /** Makes a node known. Its runtime must know it, too. */
  add(identity: NodeIdentity): void {
    this.#pods.set(identity.pod, {
      identity,
      revision: undefined,
      ready: false,
      updatedSinceStart: false,
      exists: false,
      launch: undefined,
      containerRestarts: 0,
      crashes: [],
      killed: false,
      stopping: false,
      restarting: undefined,
      changed: Promise.resolve(),
    });
  }

  /** Makes a change of a pod after those that were asked for before it. */
  #inTurn(pod: Pod, change: () => Promise<void>): Promise<void> {
    const done = pod.changed.then(change);
    pod.changed = done.catch(() => undefined);
    return done;
  }

  line(name: string, line: string): void {
    const pod = this.#pods.get(name);
    if (pod === undefined) return;
    if (pod.identity.role === 'zookeeper' && reportsLeader(line)) this.#zooKeeperLeader = pod.identity.nodeId;
    if (!pod.ready && reportsReady(pod.identity.role, line)) {
      pod.ready = true;
      this.#context.journal.write({ type: 'node-ready', pod: name });
    } else if (reportsController(line)) this.#zooKeeperController = true;
    else return;
    this.#listeners.notify();
  }

  died(name: string, how: string): void {
    const pod = this.#pods.get(name);
    if (pod === undefined) return;
    pod.ready = false;
    this.#listeners.notify();
    if (pod.stopping) return;
    if (pod.killed) {
      pod.killed = false;
      this.#restartContainer(pod, how);
      return;
    }
    const { runtime, journal, failed } = this.#context;
    const log = runtime.lastLogLines(name, READ_LOG_LINES);
    const outside = outsideCause({ pod: name, how, log, clientAddress: runtime.clientAddress(name) });
    if (outside !== undefined) {
      journal.write({ type: 'node-stopped', pod: name, reason: 'died', signal: how });
      failed(outside);
      return;
    }
    const crash = crashOf({ how, log });
    pod.crashes = [...pod.crashes, crash];
    if (!cannotRun(pod.crashes)) {
      this.#restartContainer(pod, how, crash.error);
      return;
    }
    // The invariant nodes-stay-up judges it: the run does not wait for it any longer.
    journal.write({
      type: 'node-stopped',
      pod: name,
      reason: 'died',
      signal: how,
      ...(crash.error === undefined ? {} : { error: crash.error }),
    });
  }

  #restartContainer(pod: Pod, how: string, error?: string): void {
    const { journal, signal, failed } = this.#context;
    const backOffMs =
      pod.containerRestarts === 0
        ? 0
        : Math.min(FIRST_BACK_OFF_MS * 2 ** (pod.containerRestarts - 1), LONGEST_BACK_OFF_MS);
    pod.containerRestarts += 1;
    journal.write({
      type: 'container-restarted',
      pod: pod.identity.pod,
      how,
      backOff: backOffMs / 1000,
      ...(error === undefined ? {} : { error }),
    });
    const cancel = new AbortController();
    const abandon = (): void => cancel.abort();
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    const done = this.#startAgain(pod, backOffMs, cancel.signal)
      .catch((error: unknown) => {
        if (!cancel.signal.aborted) failed(asError(error));
      })
      .finally(() => {
        signal.removeEventListener('abort', abandon);
        if (pod.restarting?.cancel === cancel) pod.restarting = undefined;
      });
    pod.restarting = { done, cancel };
  }

  async #startAgain(pod: Pod, backOffMs: number, signal: AbortSignal): Promise<void> {
    await pause(backOffMs, `the next start of ${pod.identity.pod}`, signal);
    if (pod.launch === undefined) throw new Error(`${pod.identity.pod} was never launched`);
    await this.#context.runtime.start(pod.launch);
  }

  /** The pod is stopped or deleted: the kubelet does not restart its container any more. */
  async #cancelRestart(pod: Pod): Promise<void> {
    pod.restarting?.cancel.abort();
    await pod.restarting?.done;
  }

  async kill(name: string): Promise<void> {
    const pod = this.#running(name);
    pod.killed = true;
    await this.#context.runtime.kill(name);
  }

  async freeze(name: string): Promise<void> {
    this.#running(name);
    await this.#context.runtime.freeze(name);
  }

  async thaw(name: string): Promise<void> {
    // It may have been stopped or killed since it was frozen: there is nothing left to thaw.
    if (this.#context.runtime.isRunning(name)) await this.#context.runtime.thaw(name);
  }

  #running(name: string): Pod {
    const pod = this.#pods.get(name);
    if (pod === undefined || !this.#context.runtime.isRunning(name)) {
      throw new EnvironmentError(`${name} is not running: the fault cannot be injected.`);
    }
    return pod;
  }

  /**
   * Asks every node that runs: does it answer, or is its process stopped? A node that is not ready yet answers nothing
   * on its listeners, so only the state of its process counts.
   */
  async unresponsive(signal: AbortSignal): Promise<readonly SilentNode[]> {
    const { runtime } = this.#context;
    const asked = [...this.#pods.values()].filter(({ identity }) => runtime.isRunning(identity.pod));
    const answers = await Promise.all(
      asked.map(async ({ identity: { pod, role }, ready }) => {
        const silence = ready ? await askNode(role, runtime.questionAddress(pod), signal) : undefined;
        // Read after the question: a process that ended meanwhile is journalled as that.
        const stopped = runtime.isRunning(pod) ? await runtime.stoppedState(pod) : undefined;
        const details = [silence, stopped].filter((detail) => detail !== undefined);
        return details.length > 0 && runtime.isRunning(pod) ? [{ pod, detail: details.join('; ') }] : [];
      }),
    );
    return answers.flat();
  }

  nodes(): readonly ReplayedNode[] {
    return [...this.#pods.values()]
      .filter((pod) => pod.exists)
      .flatMap(({ identity: { role, nodeId }, revision, ready, updatedSinceStart }) =>
        revision === undefined ? [] : [{ role, nodeId, ...revision, ready, updatedSinceStart }],
      );
  }

  async create(role: NodeRole, nodeId: number, revision: PodRevision): Promise<void> {
    const pod = this.#pod(role, nodeId);
    await this.#inTurn(pod, async () => {
      pod.exists = true;
      await this.#start(pod, revision);
    });
  }

  async #start(pod: Pod, revision: PodRevision): Promise<void> {
    const { runtime, journal, signal } = this.#context;
    signal.throwIfAborted();
    const { identity } = pod;
    const { configurationState } = revision;
    const rendered =
      configurationState === null
        ? { serverConfig: {}, configMap: {} }
        : await this.#context.render(identity, configurationState);
    const start =
      configurationState === null
        ? { mode: 'zookeeper-based' as const, format: undefined, deleteMetadataLog: false, deleteQuorumState: false }
        : containerStart(identity.role, rendered.configMap);
    const volume = await runtime.volume(identity.pod);
    pod.revision = revision;
    pod.ready = false;
    pod.updatedSinceStart = false;
    journal.write({
      type: 'node-started',
      role: identity.role,
      nodeId: identity.nodeId,
      pod: identity.pod,
      configurationState,
      mode: identity.role === 'zookeeper' ? 'zookeeper' : start.mode,
      configuration: rendered.serverConfig,
      configMap: rendered.configMap,
      ...(identity.role === 'controller' ? { volume: volume.metadataLog || volume.formatted ? 'used' : 'empty' } : {}),
    });
    pod.launch = { node: identity, serverConfig: rendered.serverConfig, start };
    pod.containerRestarts = 0;
    pod.crashes = [];
    pod.killed = false;
    pod.stopping = false;
    await runtime.start(pod.launch);
  }

  async waitUntilReady(role: NodeRole, nodeId: number, signal = this.#context.signal): Promise<void> {
    const pod = this.#pod(role, nodeId);
    let existed = false;
    await waitUntil(
      {
        what: `${pod.identity.pod} to become ready`,
        timeoutMs: this.#context.readyTimeoutMs,
        signal,
      },
      (wake) => this.#listeners.add(wake),
      () => {
        // A pod that the operator has yet to create is waited for.
        if (existed && !pod.exists) throw new PassFailed('TimeoutException', `${pod.identity.pod} was deleted`);
        existed = pod.exists;
        return pod.ready ? true : undefined;
      },
    );
  }

  async restart(
    role: NodeRole,
    nodeId: number,
    revision: PodRevision,
    reason: NodeStopped['reason'],
    pass: AbortSignal,
  ): Promise<void> {
    const pod = this.#pod(role, nodeId);
    await this.#replace(pod, reason, 'kept', () => {
      pass.throwIfAborted();
      return revision;
    });
    await this.waitUntilReady(role, nodeId, pass);
  }

  /** The user deletes a pod, and waits until its replacement is ready. */
  async restartByUser(role: NodeRole, nodeId: number): Promise<void> {
    await this.#replaceByUser(this.#pod(role, nodeId), 'kept');
  }

  /** The user deletes the claim and the pod: the pod that replaces it starts on a new volume. */
  async replaceVolume(role: NodeRole, nodeId: number): Promise<void> {
    await this.#replaceByUser(this.#pod(role, nodeId), 'wiped');
  }

  async #replaceByUser(pod: Pod, volume: 'wiped' | 'kept'): Promise<void> {
    const { role, nodeId } = pod.identity;
    // The operator may have given the pod another revision, or deleted it, when it is the user's turn.
    await this.#replace(pod, 'user', volume, () => {
      if (!pod.exists || pod.revision === undefined) throw noSuchNode(role, nodeId, 'replaced');
      return pod.revision;
    });
    await this.waitUntilReady(role, nodeId);
  }

  async #replace(
    pod: Pod,
    reason: NodeStopped['reason'],
    volume: 'wiped' | 'kept',
    revisionNow: () => PodRevision,
  ): Promise<void> {
    const { role, nodeId } = pod.identity;
    // Also while it waits for its turn.
    pod.ready = false;
    await this.#inTurn(pod, async () => {
      const revision = revisionNow();
      await this.#stop(pod, reason);
      if (volume === 'wiped' || this.#context.isEphemeral(pod.identity)) await this.wipe(role, nodeId, 'wiped');
      await this.#start(pod, revision);
    });
  }

  async remove(role: NodeRole, nodeId: number): Promise<void> {
    const pod = this.#pod(role, nodeId);
    await this.#inTurn(pod, async () => {
      if (!pod.exists) return;
      await this.#stop(pod, 'deleted');
      pod.exists = false;
      this.#context.journal.write({ type: 'node-gone', pod: pod.identity.pod });
      if (this.#context.isEphemeral(pod.identity)) await this.wipe(role, nodeId, 'wiped');
    });
    this.#listeners.notify();
  }

  async wipe(role: NodeRole, nodeId: number, data: 'wiped' | 'kept'): Promise<void> {
    const { pod } = this.#pod(role, nodeId).identity;
    if (data === 'wiped') await this.#context.runtime.wipe(pod);
    this.#context.journal.write({ type: 'volume-wiped', pod });
  }

  async #stop(pod: Pod, reason: NodeStopped['reason']): Promise<void> {
    pod.ready = false;
    pod.stopping = true;
    await this.#cancelRestart(pod);
    this.#context.journal.write({ type: 'node-stopping', pod: pod.identity.pod });
    const stopped = await this.#context.runtime.stop(pod.identity.pod, GRACE_MS);
    this.#context.journal.write({
      type: 'node-stopped',
      pod: pod.identity.pod,
      reason,
      ...(stopped === undefined ? {} : { signal: stopped.signal }),
    });
  }

  deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    if (path === '/controller') this.#zooKeeperController = false;
    return this.#context.deleteZnode(path);
  }

  async waitForZooKeeperController(pass: AbortSignal): Promise<void> {
    await waitUntil(
      {
        what: 'a broker to become the controller after the deletion of /controller',
        timeoutMs: CLAIM_DEADLINE_MS,
        signal: pass,
      },
      (wake) => this.#listeners.add(wake),
      () => (this.#zooKeeperController ? true : undefined),
    );
  }

  async reportedController(): Promise<number | undefined> {
    return (await this.#context.zooKeeperController())?.nodeId;
  }

  zooKeeperLeader(): number | undefined {
    return this.#zooKeeperLeader;
  }

  migrationState(controllerIds: readonly number[]): ZkMigrationState | undefined {
    for (const nodeId of controllerIds) {
      const pod = this.#pod('controller', nodeId);
      if (!pod.exists || !pod.ready) continue;
      const value = foldZkMigrationState(this.#context.journal.events(), pod.identity.pod);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  async updateDynamically(nodeId: number, pass: AbortSignal): Promise<'updated' | { readonly refused: string }> {
    const { runtime, journal } = this.#context;
    const pod = this.#pod('broker', nodeId);
    const answer = await updateBroker({
      nodeId,
      bootstrapServer: runtime.clientAddress(pod.identity.pod),
      signal: pass,
      ready: () => this.waitUntilReady('broker', nodeId, pass),
      events: () => journal.events(),
    });
    if (answer === 'updated') pod.updatedSinceStart = true;
    return answer;
  }

  #pod(role: NodeRole, nodeId: number): Pod {
    for (const pod of this.#pods.values()) {
      if (pod.identity.role === role && pod.identity.nodeId === nodeId) return pod;
    }
    throw new Error(`the cluster has no ${role} ${nodeId}`);
  }
}
