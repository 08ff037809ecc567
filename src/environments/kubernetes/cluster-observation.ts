import { join } from 'node:path';
import type { SilentNode } from '../../cluster/cluster.js';
import type { ClusterOptions } from '../../cluster/environment.js';
import { asError, EnvironmentError, messageOf, UsageError, WaitAborted } from '../../errors.js';
import type { NodeStopped } from '../../journal/events.js';
import type { Pod } from '../../kubernetes/core-objects.js';
import { PortForward } from '../../kubernetes/forward.js';
import type { KubeApi } from '../../kubernetes/kube-api.js';
import type { KafkaAccess, ZooKeeperAccess } from '../../metadata/access.js';
import { ClusterAccess } from '../../strimzi/cluster-access.js';
import type { KafkaMetadataState } from '../../strimzi/migration-state.js';
import { LISTENER_PORTS } from '../../strimzi/nodes.js';
import { podIdentity } from '../../strimzi/resources.js';
import type { Topology } from '../../strimzi/topology.js';
import { deadlinesOf } from '../../waiting/deadlines.js';
import { sharedController } from '../../waiting/shared-signal.js';
import { waitUntil } from '../../waiting/wait.js';
import { Witness } from '../../witness/witness.js';
import { askNode } from '../node-question.js';
import { ZooKeeperSessions } from '../zookeeper-sessions.js';
import { ClusterWatch } from './cluster-watch.js';
import { writeDiagnostics } from './diagnostics.js';
import { LogFiles } from './log-files.js';
import type { RunObjects } from './manifests.js';
import { OperatorEvents } from './operator-events.js';
import { linesAbout } from './operator-log.js';
import { missingForPhase } from './phases.js';
import type { NodeStatus } from './pod-events.js';
import { PodLogs } from './pod-logs.js';
import { createPendingReporter, imageProblem } from './pod-problems.js';
import { describeFailure, isRefusal } from './refusal.js';

export interface ObservationOptions extends ClusterOptions {
  readonly api: KubeApi;
  readonly objects: RunObjects;
  /** Called with a sentence about what the run waits for, when it may take long. */
  readonly progress: (step: string) => void;
}

interface Observers {
  readonly watch: ClusterWatch;
  readonly access: ClusterAccess;
  readonly sessions: ZooKeeperSessions;
  readonly witness: Witness;
  readonly operator: OperatorEvents;
  readonly operatorLogs: PodLogs;
  readonly nodeLogs: PodLogs;
  readonly files: LogFiles;
  /** Logs and watches are followed until the observation is closed, even if the run's signal is aborted earlier. */
  readonly end: AbortController;
}

const DIAGNOSTICS_MS = 30_000;

/**
 * Everything that a run reads from its cluster: objects, logs, znodes. It writes the journal, by the same rules as the
 * recordings, and waits for what the operator does. It changes nothing: KubernetesCluster carries out the gestures.
 */
export class ClusterObservation {
  readonly #options: ObservationOptions;
  readonly #observers: Observers;
  #topology: Topology;
  #operatorVersion: string;
  #closed = false;

  private constructor(options: ObservationOptions, observers: Observers) {
    this.#options = options;
    this.#observers = observers;
    this.#topology = options.topology;
    this.#operatorVersion = options.operatorVersion;
  }

  /** @param operatorPod the running operator. @throws RequestFailed when the objects cannot be watched. */
  static async start(options: ObservationOptions, operatorPod: Pod): Promise<ClusterObservation> {
    const { api, objects, topology, journal, failed } = options;
    const { name, namespace } = objects;
    // Every forward, watch and log listens to it.
    const end = sharedController();
    const { signal } = end;
    const deadlines = deadlinesOf(options.stateTimeoutMs);
    const lagMs = deadlines.logLagMs;
    const pods = (role: string, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `${name}-${role}-${index}`);
    const access = await ClusterAccess.open(api, {
      namespace,
      zookeepers: pods('zookeeper', topology.zookeepers),
      brokers: pods('broker', topology.brokers),
      signal,
    });
    const files = await LogFiles.open(join(options.workspace.results, 'logs'), failed);
    const unlessEnded = (error: unknown): void => {
      if (!signal.aborted) failed(asError(error));
    };
    let observation: ClusterObservation | undefined;
    const witness = new Witness(journal, async (path) =>
      observation === undefined ? undefined : observation.#readZnode(path),
    );
    const sessions = new ZooKeeperSessions(
      () => access.zookeeper().connectString,
      signal,
      (session, who) => witness.registerSession(session, who),
      deadlines,
    );
    const nodeLogs = new PodLogs(api, {
      namespace,
      signal,
      lagMs,
      failed,
      line: (pod, line) => {
        files.line(pod, line);
        witnessLine(witness, name, pod, line);
      },
    });
    const reportPending = createPendingReporter(options.progress);
    const watch = await ClusterWatch.start(api, {
      namespace,
      name,
      journal,
      signal,
      failed,
      pod: (pod) => {
        nodeLogs.follow(pod);
        reportPending(pod);
        // A broker that was added: clients must reach it as soon as it is registered.
        if (podIdentity(pod)?.role === 'broker') access.addBroker(pod.metadata.name).catch(unlessEnded);
        const problem = imageProblem(pod);
        if (problem !== undefined) failed(new EnvironmentError(problem));
      },
    });
    const operator = new OperatorEvents(journal, watch.podEvents);
    // An operator that the run did not install runs in another namespace, and reconciles other Kafka resources, too.
    const operatorNamespace = operatorPod.metadata.namespace ?? namespace;
    const isOurs = operatorNamespace === namespace ? () => true : linesAbout(objects);
    const operatorLogs = new PodLogs(api, {
      namespace: operatorNamespace,
      signal,
      lagMs,
      failed,
      line: (pod, line) => {
        if (!isOurs(line)) return;
        files.line(pod, line);
        operator.line(line);
      },
    });
    observation = new ClusterObservation(options, {
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
    observation.#followOperator(operatorPod);
    return observation;
  }

  get operatorVersion(): string {
    return this.#operatorVersion;
  }

  /** How many nodes the user's resources ask for now. */
  get topology(): Topology {
    return this.#topology;
  }

  /** The broker pool was scaled: every phase from now on has this number of brokers. */
  expectBrokers(brokers: number): void {
    this.#topology = { ...this.#topology, brokers };
  }

  /** `status.kafkaMetadataState`. */
  state(): KafkaMetadataState | undefined {
    return this.#observers.watch.state();
  }

  nodes(role: NodeStatus['role']): readonly NodeStatus[] {
    return this.#observers.watch.podEvents.nodes().filter((node) => node.role === role);
  }

  hasClaimOf(pod: string): boolean {
    return this.#observers.watch.podEvents.hasClaimOf(pod);
  }

  /** The names of the controllers whose claims exist, whether their pods exist or not. */
  controllersWithClaims(): readonly string[] {
    const prefix = `${this.#options.objects.name}-controller-`;
    return this.#observers.watch.podEvents.podsWithClaims().filter((pod) => pod.startsWith(prefix));
  }

  /** undefined: ZooKeeper does not exist yet, or no longer exists. */
  zookeeper(): ZooKeeperAccess | undefined {
    return this.nodes('zookeeper').length > 0 ? this.#observers.access.zookeeper() : undefined;
  }

  /** Resolves when clients of the run reach these brokers. */
  async reachable(brokers: readonly string[]): Promise<void> {
    await Promise.all(brokers.map((pod) => this.#observers.access.addBroker(pod)));
  }

  kafka(): KafkaAccess {
    return this.#observers.access.kafka();
  }

  /**
   * Asks ZooKeeper's pods, brokers and controllers, through port-forwards, whether they respond. A controller's listener
   * expects TLS: it responds to plain text by closing the connection. Pods that were not ready since their last start do
   * not listen yet.
   */
  async unresponsive(signal: AbortSignal): Promise<readonly SilentNode[]> {
    const asked = this.#observers.watch.podEvents
      .nodes()
      .filter(({ hasBeenReady, deleting }) => hasBeenReady && !deleting);
    const answers = await Promise.all(
      asked.map(async ({ pod, role, ready }) => {
        const silence = await this.#ask(role, pod, signal);
        if (silence === undefined) return [];
        return [{ pod, detail: ready ? silence : `${silence}; Kubernetes reports it as not ready` }];
      }),
    );
    return answers.flat();
  }

  async #ask(role: NodeStatus['role'], pod: string, signal: AbortSignal): Promise<string | undefined> {
    const address = this.#observers.access.addressOf(pod);
    if (address !== undefined) return askNode(role, address, signal);
    const { api, objects } = this.#options;
    const target = { namespace: objects.namespace, pod, port: LISTENER_PORTS.controlPlane };
    const forward = await PortForward.open(api, target, { signal });
    try {
      return await askNode(role, `127.0.0.1:${forward.localPort}`, signal);
    } finally {
      await forward.close();
    }
  }

  /** Deletes a znode as the user: the journal names the user as the writer. */
  deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    return this.#observers.sessions.delete(path, 'user');
  }

  /** Writes a znode as the user. */
  writeZnode(path: string, value: string | null): Promise<void> {
    return this.#observers.sessions.write(path, value);
  }

  /** Why the cluster is not ready: the failure of the last pass, pods and claims. */
  problems(): readonly string[] {
    return [...this.#failures(), ...this.#observers.watch.problems()];
  }

  /** The run is about to delete a pod: the journal says why it stopped. */
  announce(pod: string, reason: NodeStopped['reason']): void {
    this.#observers.watch.podEvents.announce(pod, reason);
  }

  /** The status has lost its state: what the log and the status show from now on begins anew. */
  stateRemoved(): void {
    this.#observers.watch.stateRemoved();
    this.#observers.operator.stateRemoved();
  }

  /** Another operator version has taken over, in this pod. */
  operatorReplaced(pod: Pod, version: string): void {
    this.#observers.operator.replaced();
    this.#operatorVersion = version;
    this.#followOperator(pod);
  }

  /** The operator's pod is gone, and another one of the same version has taken over. */
  async operatorRestarted(pod: Pod): Promise<void> {
    // The last lines of the old one come before the event.
    await this.#observers.operatorLogs.stopped();
    this.#options.journal.write({ type: 'operator-restarted' });
    this.operatorReplaced(pod, this.#operatorVersion);
  }

  /**
   * Waits until the phase of a state is reached. @throws UsageError when the operator will never apply the Kafka
   * resource.
   */
  async untilPhase(state: KafkaMetadataState): Promise<void> {
    const { watch, operator } = this.#observers;
    const missing = (): string | undefined => missingForPhase(state, watch.phase(operator, this.#topology));
    await this.until(
      () => `the state ${state} (${[missing() ?? 'reached', ...this.problems()].join('; ')})`,
      () => {
        this.#throwIfRefused();
        return missing() === undefined;
      },
    );
  }

  /**
   * Waits until something has been observed, at most until the run's deadline for a wait.
   * @param what as for `waitUntil`. @throws WaitTimedOut, WaitAborted.
   */
  async until(what: () => string, reached: () => boolean): Promise<void> {
    const { signal, stateTimeoutMs } = this.#options;
    const { watch, operator } = this.#observers;
    await waitUntil(
      { what, timeoutMs: stateTimeoutMs, signal },
      (wake) => {
        const unsubscribe = [watch.subscribe(wake), operator.subscribe(wake)];
        return () => {
          for (const one of unsubscribe) one();
        };
      },
      () => (reached() ? true : undefined),
    );
  }

  /** Resolves when everything that has happened until now is in the journal. */
  async settled(): Promise<void> {
    const { nodeLogs, operatorLogs, watch, witness } = this.#observers;
    await Promise.all([nodeLogs.caughtUp(), operatorLogs.caughtUp()]);
    await watch.podEvents.settled();
    await witness.settled();
  }

  /** Ends every log, watch, session and forward. @param options.hurry without diagnostics. */
  async close({ hurry }: { readonly hurry: boolean }): Promise<void> {
    this.#closed = true;
    if (!hurry) await this.#diagnose();
    const { access, end, files, nodeLogs, operatorLogs, sessions, watch, witness } = this.#observers;
    await sessions.close();
    await access.close();
    end.abort(new WaitAborted('the cluster is closed'));
    await Promise.all([nodeLogs.stopped(), operatorLogs.stopped(), watch.close()]);
    await witness.close();
    await files.close();
  }

  /** What the witness reads when ZooKeeper's audit log reports a change. */
  #readZnode(path: string): ReturnType<ZooKeeperSessions['contentOf']> {
    return this.#observers.sessions.contentOf(path, () => this.#closed || this.zookeeper() === undefined);
  }

  #followOperator(pod: Pod): void {
    const { operatorLogs, witness } = this.#observers;
    operatorLogs.follow(pod);
    const { podIP } = pod.status ?? {};
    if (podIP !== undefined) witness.registerAddress(podIP, 'operator');
  }

  async #diagnose(): Promise<void> {
    const { api, objects, workspace, failed } = this.#options;
    const zookeeper = this.zookeeper() === undefined ? undefined : this.#observers.sessions;
    try {
      await writeDiagnostics(
        { api, namespace: objects.namespace, zookeeper },
        join(workspace.results, 'diagnostics'),
        AbortSignal.timeout(DIAGNOSTICS_MS),
      );
    } catch (error) {
      // What the run has created in the cluster must still be removed.
      failed(new EnvironmentError(`The diagnostics cannot be written: ${messageOf(error)}`, { cause: error }));
    }
  }

  /** Why the operator's last pass failed: from the status, or from its log if the status does not show it. */
  #failures(): readonly string[] {
    const failure = this.#observers.watch.failure() ?? this.#observers.operator.lastFailure;
    return failure === undefined ? [] : [describeFailure(failure)];
  }

  #throwIfRefused(): void {
    const { lastFailure } = this.#observers.operator;
    if (!isRefusal(lastFailure)) return;
    throw new UsageError(
      `The operator ${this.#operatorVersion} does not accept the Kafka resource: ${describeFailure(lastFailure)}. ` +
        'Use a Kafka version that this operator supports (--kafka).',
    );
  }
}

/** Lines of ZooKeeper's pods are its audit log; those of the others report sessions and the migration's progress. */
function witnessLine(witness: Witness, cluster: string, pod: string, line: string): void {
  const [, role, id] = /^(zookeeper|broker|controller)-(\d+)$/.exec(pod.slice(cluster.length + 1)) ?? [];
  if (role === 'zookeeper') witness.zooKeeperLine(line);
  else if (role !== undefined) witness.nodeLine(pod, `${role} ${id}`, line);
}
