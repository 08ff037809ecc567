import { setTimeout as pause } from 'node:timers/promises';
import type { NodeStopped } from '../../journal/events.js';
import type { Journal } from '../../journal/journal.js';
import { loadKafkaProtocol } from '../../metadata/kafka/connection.js';
import type { RenderedConfiguration } from '../../operator/configuration.js';
import { containerStart } from '../../operator/container-start.js';
import type { PodRevision, ReplayedNode, ReplayTarget } from '../../operator/replay-target.js';
import type { ConfigurationState, NodeRole, ZkMigrationState } from '../../strimzi/migration-state.js';
import { Listeners } from '../../waiting/listeners.js';
import { waitUntil } from '../../waiting/wait.js';
import type { NodeIdentity, NodeLaunch, NodeRuntime, RuntimeListener } from '../node-runtime.js';
import { updateBroker } from './broker-update.js';
import { foldZkMigrationState } from './migration-value.js';
import { exitError, READ_LOG_LINES, sessionStillAlive } from './node-failure.js';
import { reportsController, reportsLeader, reportsReady } from './readiness.js';

/** Strimzi 0.45.1 `PodTemplate.java:49`: the grace period of a pod's deletion. */
const GRACE_MS = 30_000;
const CLAIM_DEADLINE_MS = 15_000;
/**
 * The kubelet restarts a container that exited: immediately, then after 10 s, then after 20 s. A broker that starts
 * while the session of its killed predecessor is alive exits with NodeExists, and the next attempt succeeds
 * (docs/behaviour.md#stopping-brokers).
 */
const RESTART_BACK_OFF_MS: readonly number[] = [0, 10_000, 20_000];

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
}

/** The pods of a replayed cluster: they do what Kubernetes and the containers' scripts do for the operator. */
export class Pods implements ReplayTarget, RuntimeListener {
  readonly #context: PodContext;
  readonly #pods: ReadonlyMap<string, Pod>;
  readonly #listeners = new Listeners();
  /** Whether a broker has become the ZooKeeper-mode controller since `/controller` was last deleted. */
  #zooKeeperController = false;
  /** The ZooKeeper node that has last reported that it leads. */
  #zooKeeperLeader: number | undefined;

  /** @param identities every node that the cluster may have. */
  constructor(identities: readonly NodeIdentity[], context: PodContext) {
    this.#context = context;
    // The end of the first pass needs it: it loads while ZooKeeper and the brokers start.
    loadKafkaProtocol().catch(context.failed);
    this.#pods = new Map(
      identities.map((identity) => [
        identity.pod,
        {
          identity,
          revision: undefined,
          ready: false,
          updatedSinceStart: false,
          exists: false,
          launch: undefined,
          containerRestarts: 0,
        },
      ]),
    );
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
    const { runtime, journal, failed } = this.#context;
    const backOff = RESTART_BACK_OFF_MS[pod.containerRestarts];
    const log = runtime.lastLogLines(name, READ_LOG_LINES);
    if (!pod.ready && backOff !== undefined && sessionStillAlive(log)) {
      pod.containerRestarts += 1;
      this.#restartContainer(pod, how, backOff).catch(failed);
      return;
    }
    pod.ready = false;
    journal.write({ type: 'node-stopped', pod: name, reason: 'died', signal: how });
    failed(exitError({ pod: name, how, log, clientAddress: runtime.clientAddress(name) }));
  }

  async #restartContainer(pod: Pod, how: string, backOffMs: number): Promise<void> {
    const { journal, runtime, signal } = this.#context;
    journal.write({ type: 'container-restarted', pod: pod.identity.pod, how, backOff: backOffMs / 1000 });
    await pause(backOffMs, undefined, { signal });
    if (pod.launch === undefined) throw new Error(`${pod.identity.pod} was never launched`);
    await runtime.start(pod.launch);
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
    pod.exists = true;
    await this.#start(pod, revision);
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
    await runtime.start(pod.launch);
  }

  async waitUntilReady(role: NodeRole, nodeId: number): Promise<void> {
    const pod = this.#pod(role, nodeId);
    await waitUntil(
      {
        what: `${pod.identity.pod} to become ready`,
        timeoutMs: this.#context.readyTimeoutMs,
        signal: this.#context.signal,
      },
      (wake) => this.#listeners.add(wake),
      () => (pod.ready ? true : undefined),
    );
  }

  async restart(
    role: NodeRole,
    nodeId: number,
    revision: PodRevision,
    reason: 'rolled' | 'forced' | 'user',
  ): Promise<void> {
    const pod = this.#pod(role, nodeId);
    await this.#stop(pod, reason);
    await this.#start(pod, revision);
    await this.waitUntilReady(role, nodeId);
  }

  async remove(role: NodeRole, nodeId: number): Promise<void> {
    const pod = this.#pod(role, nodeId);
    if (!pod.exists) return;
    await this.#stop(pod, 'deleted');
    pod.exists = false;
    this.#context.journal.write({ type: 'node-gone', pod: pod.identity.pod });
  }

  async wipe(role: NodeRole, nodeId: number, data: 'wiped' | 'kept'): Promise<void> {
    const { pod } = this.#pod(role, nodeId).identity;
    if (data === 'wiped') await this.#context.runtime.wipe(pod);
    this.#context.journal.write({ type: 'volume-wiped', pod });
  }

  async #stop(pod: Pod, reason: NodeStopped['reason']): Promise<void> {
    pod.ready = false;
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

  async waitForZooKeeperController(): Promise<void> {
    await waitUntil(
      {
        what: 'a broker to become the controller after the deletion of /controller',
        timeoutMs: CLAIM_DEADLINE_MS,
        signal: this.#context.signal,
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

  async updateDynamically(nodeId: number): Promise<'updated' | { readonly refused: string }> {
    const { runtime, signal, journal } = this.#context;
    const pod = this.#pod('broker', nodeId);
    const answer = await updateBroker({
      nodeId,
      bootstrapServer: runtime.clientAddress(pod.identity.pod),
      signal,
      ready: () => this.waitUntilReady('broker', nodeId),
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
