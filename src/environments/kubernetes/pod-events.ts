import { asError } from '../../errors.js';
import type { NodeStopped } from '../../journal/events.js';
import type { Journal } from '../../journal/journal.js';
import { type Claim, hasEnded, isBeingDeleted, isDisrupted, isReady, type Pod } from '../../kubernetes/core-objects.js';
import { configurationStateOf, containerStart } from '../../operator/container-start.js';
import type { ConfigurationState } from '../../strimzi/migration-state.js';
import { dataVolume, type PodIdentity, podIdentity, podOfClaim } from '../../strimzi/resources.js';
import { parseServerConfig } from '../../strimzi/server-config.js';
import { Listeners } from '../../waiting/listeners.js';

/** Facts about the cluster's nodes that are read from its objects. */
export interface NodeFacts {
  /** The data of the node's ConfigMap as it is now. */
  configMap(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The uid of the claim of the pod's first volume; undefined: the claim does not exist, or is being deleted. */
  claimUid(pod: string): Promise<string | undefined>;
  /** The line of the log of the pod's previous container that says why it ended; undefined: there is none. */
  fatalLine(pod: string): Promise<string | undefined>;
  /** Called when a fact could not be read, so that the journal lacks an event. */
  failed(error: Error): void;
}

interface KnownPod extends PodIdentity {
  readonly uid: string;
  /** The configuration that it started with; null for ZooKeeper, undefined if it could not be read. */
  readonly configurationState: ConfigurationState | null | undefined;
  ready: boolean;
  /** Its data ends with the pod. */
  readonly ephemeral: boolean;
  /** The uid of its claim; undefined: it has none, or that could not be read. */
  readonly claim: string | undefined;
  /** Whether that claim is gone: the deletion of the pod has not been seen yet. */
  wiped: boolean;
  /** Whether its container has been ready since it was started. */
  hasBeenReady: boolean;
  deleting: boolean;
  stopped: boolean;
  restarts: number;
}

/** Reports one change. @returns a promise if it must read facts first; undefined: the change has been reported. */
type Report = () => Promise<void> | undefined;

/** The present state of a node. */
export interface NodeStatus {
  readonly pod: string;
  readonly uid: string;
  readonly role: 'zookeeper' | 'broker' | 'controller';
  readonly nodeId: number;
  readonly configurationState: ConfigurationState | null | undefined;
  readonly ready: boolean;
  /** Whether its container has been ready since it was started: only then does it answer on its listeners. */
  readonly hasBeenReady: boolean;
  readonly deleting: boolean;
}

/**
 * The keys of a node's ConfigMap that its start script reads, besides `server.config` (Strimzi 0.45.1
 * `kafka_run.sh:67-109`).
 */
const READ_BY_START = ['metadata.state', 'metadata.version', 'cluster.id'] as const;

/**
 * Converts changes of pods and claims to journal events: started, ready, stopping, stopped, gone, wiped. The recordings
 * follow the same rules (fixtures/recordings/README.md). Whatever it returns has already been journalled, so that no
 * consequence of a change is journalled before the change.
 */
export class PodEvents {
  readonly #journal: Journal;
  readonly #facts: NodeFacts;
  readonly #pods = new Map<string, KnownPod>();
  /** Pods that cannot start yet, because their claim is missing or is being deleted: the scheduler waits for it. */
  readonly #waiting = new Map<string, Pod>();
  /** The names of the claims that exist. */
  readonly #claims = new Set<string>();
  /** Uids of claims that a pod has started with. */
  readonly #usedClaims = new Set<string>();
  readonly #reasons = new Map<string, NodeStopped['reason']>();
  readonly #listeners = new Listeners();
  /** Changes that arrived while the facts of a start were read. */
  readonly #queue: Report[] = [];
  #reading: Promise<void> | undefined;

  constructor(journal: Journal, facts: NodeFacts) {
    this.#journal = journal;
    this.#facts = facts;
  }

  /** The operator has logged that it restarts a pod, or the user is about to delete it. */
  announce(pod: string, reason: NodeStopped['reason']): void {
    this.#inOrder(() => {
      // A pod that is terminating already keeps the reason of the deletion that has begun.
      if (this.#pods.get(pod)?.deleting !== true || !this.#reasons.has(pod)) this.#reasons.set(pod, reason);
      return undefined;
    });
  }

  /**
   * The pods that exist; one whose containers have terminated stays, not ready, until its object is deleted. A pod that
   * waits for its claim is not among them.
   */
  nodes(): readonly NodeStatus[] {
    return [...this.#pods].map(([pod, { uid, role, nodeId, configurationState, ready, hasBeenReady, deleting }]) => {
      return { pod, uid, role, nodeId, configurationState, ready, hasBeenReady, deleting };
    });
  }

  /** Whether the pod's claim exists. */
  hasClaimOf(pod: string): boolean {
    return this.podsWithClaims().includes(pod);
  }

  /** The names of the pods to which the existing claims belong, whether the pods exist or not. */
  podsWithClaims(): readonly string[] {
    return [...this.#claims].map(podOfClaim);
  }

  /** Calls back after every change. @returns removes the callback. */
  subscribe(changed: () => void): () => void {
    return this.#listeners.add(changed);
  }

  /** Resolves when every change so far is in the journal. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  /**
   * Kubernetes protects a claim until its pod is gone (`pvc-protection`), but the two deletions may be seen in any
   * order: that of the claim is journalled last.
   */
  claim(change: 'added' | 'modified' | 'deleted', { metadata: { name, uid } }: Claim): void {
    this.#inOrder(() => {
      const pod = podOfClaim(name);
      if (change === 'deleted') {
        this.#claims.delete(name);
        const known = this.#pods.get(pod);
        if (known?.claim !== undefined && known.claim === uid) known.wiped = true;
        else this.#journal.write({ type: 'volume-wiped', pod });
      } else this.#claims.add(name);
      this.#listeners.notify();
      const waiting = this.#waiting.get(pod);
      const identity = waiting === undefined ? undefined : podIdentity(waiting);
      return waiting === undefined || identity === undefined ? undefined : this.#started(waiting, identity);
    });
  }

  pod(change: 'added' | 'modified' | 'deleted', pod: Pod): void {
    const identity = podIdentity(pod);
    if (identity !== undefined) this.#inOrder(() => this.#podChanged(change, pod, identity));
  }

  #podChanged(change: 'added' | 'modified' | 'deleted', pod: Pod, identity: PodIdentity): Promise<void> | undefined {
    const { name, uid = '' } = pod.metadata;
    const known = this.#pods.get(name);
    if (known?.uid !== uid) {
      if (change === 'deleted') {
        // Otherwise it is a late event of a previous pod.
        if (this.#waiting.get(name)?.metadata.uid === uid) this.#waiting.delete(name);
        return undefined;
      }
      if (known !== undefined) this.#ended(name, known, 'replaced');
      return this.#started(pod, identity);
    }
    if (restartsOf(pod) === known.restarts || !endedByItself(pod)) {
      this.#knownPodChanged(change, pod, known, undefined);
      return undefined;
    }
    return this.#fatalLine(name).then((error) => this.#knownPodChanged(change, pod, known, error));
  }

  /** @param error why the container ended, if it was restarted since. */
  #knownPodChanged(
    change: 'added' | 'modified' | 'deleted',
    pod: Pod,
    known: KnownPod,
    error: string | undefined,
  ): void {
    const { name } = pod.metadata;
    this.#update(name, known, pod, error);
    if (change === 'deleted') this.#ended(name, known, 'deleted');
    this.#listeners.notify();
  }

  /** The pod's object is gone. `replaced`: its successor was seen first. */
  #ended(name: string, known: KnownPod, how: 'replaced' | 'deleted'): void {
    const reason = this.#stopped(name, known);
    this.#pods.delete(name);
    if (how === 'deleted' && reason === 'deleted') this.#journal.write({ type: 'node-gone', pod: name });
    if (known.ephemeral || known.wiped) this.#journal.write({ type: 'volume-wiped', pod: name });
  }

  async #fatalLine(name: string): Promise<string | undefined> {
    try {
      return await this.#facts.fatalLine(name);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  async #started(pod: Pod, identity: PodIdentity): Promise<void> {
    const { name, uid = '' } = pod.metadata;
    // The announced reason was for the previous pod.
    if (this.#waiting.get(name)?.metadata.uid !== uid) this.#reasons.delete(name);
    this.#waiting.delete(name);
    let configurationState: KnownPod['configurationState'];
    let claim: string | undefined;
    try {
      claim = dataVolume(pod) === 'ephemeral' ? undefined : await this.#facts.claimUid(name);
      if (claim === undefined && dataVolume(pod) === 'claim' && pod.spec?.nodeName === undefined) {
        this.#waiting.set(name, pod);
        this.#listeners.notify();
        return;
      }
      configurationState = await this.#reportStart(pod, identity, claim);
    } catch (error) {
      this.#failed(error);
    }
    const known: KnownPod = {
      uid,
      ...identity,
      configurationState,
      ephemeral: dataVolume(pod) === 'ephemeral',
      claim,
      wiped: false,
      ready: false,
      hasBeenReady: false,
      deleting: false,
      stopped: false,
      restarts: restartsOf(pod),
    };
    this.#pods.set(name, known);
    this.#update(name, known, pod);
    this.#listeners.notify();
  }

  /**
   * @param claim the uid of its claim.
   * @returns the configuration that the pod started with; undefined if the pod was deleted before that could be read.
   */
  async #reportStart(
    pod: Pod,
    identity: PodIdentity,
    claim: string | undefined,
  ): Promise<KnownPod['configurationState']> {
    const { name } = pod.metadata;
    const data = identity.role === 'zookeeper' ? {} : await this.#facts.configMap(name);
    const volume = this.#volumeOf(pod, claim);
    if (claim !== undefined) this.#usedClaims.add(claim);
    if (data === undefined) return undefined;
    const configMap = Object.fromEntries(READ_BY_START.flatMap((key) => (key in data ? [[key, data[key] ?? '']] : [])));
    const configurationState = identity.role === 'zookeeper' ? null : configurationStateOf(configMap['metadata.state']);
    this.#journal.write({
      type: 'node-started',
      ...identity,
      pod: name,
      configurationState,
      mode: identity.role === 'zookeeper' ? 'zookeeper' : containerStart(identity.role, configMap).mode,
      configuration: parseServerConfig(data['server.config'] ?? ''),
      configMap,
      ...(volume === undefined ? {} : { volume }),
    });
    return configurationState;
  }

  /** undefined: it cannot be seen. */
  #volumeOf(pod: Pod, claim: string | undefined): 'used' | 'empty' | undefined {
    if (dataVolume(pod) === 'ephemeral') return 'empty';
    if (claim === undefined) return undefined;
    return this.#usedClaims.has(claim) ? 'used' : 'empty';
  }

  #update(name: string, known: KnownPod, pod: Pod, error?: string): void {
    const restarts = restartsOf(pod);
    if (restarts > known.restarts) {
      this.#journal.write({
        type: 'container-restarted',
        pod: name,
        how: lastEnd(pod),
        backOff: 0,
        ...(error === undefined ? {} : { error }),
      });
      known.restarts = restarts;
      known.hasBeenReady = false;
    }
    const ready = isReady(pod) && !isBeingDeleted(pod) && !hasEnded(pod);
    if (ready && !known.ready) this.#journal.write({ type: 'node-ready', pod: name });
    known.ready = ready;
    known.hasBeenReady ||= ready;
    if (isBeingDeleted(pod) && !known.deleting) {
      known.deleting = true;
      this.#journal.write({ type: 'node-stopping', pod: name });
      // The node was not removed: its StrimziPodSet creates another pod.
      if (isDisrupted(pod)) this.#unlessAnnounced(name, 'died');
    }
    if (!hasEnded(pod)) return;
    if (!known.deleting) this.#unlessAnnounced(name, 'died');
    this.#stopped(name, known);
  }

  #unlessAnnounced(name: string, reason: NodeStopped['reason']): void {
    if (!this.#reasons.has(name)) this.#reasons.set(name, reason);
  }

  /** Reports once that the pod has stopped. */
  #stopped(name: string, known: KnownPod): NodeStopped['reason'] {
    const reason = this.#reasons.get(name) ?? 'deleted';
    if (known.stopped) return reason;
    known.stopped = true;
    known.ready = false;
    this.#journal.write({ type: 'node-stopped', pod: name, reason });
    return reason;
  }

  #inOrder(report: Report): void {
    this.#queue.push(report);
    if (this.#reading === undefined) this.#drain();
  }

  /** Reports the queued changes, up to a start whose facts must be read first. */
  #drain(): void {
    for (let report = this.#queue.shift(); report !== undefined; report = this.#queue.shift()) {
      let reading: Promise<void> | undefined;
      try {
        reading = report();
      } catch (error) {
        this.#failed(error);
      }
      if (reading === undefined) continue;
      this.#reading = reading
        .catch((error: unknown) => this.#failed(error))
        .then(() => {
          this.#reading = undefined;
          this.#drain();
          return this.#reading;
        });
      return;
    }
  }

  #failed(error: unknown): void {
    this.#facts.failed(asError(error));
  }
}

function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Whether the container's last run ended by itself: after a signal the exit code is 128 plus its number. */
function endedByItself(pod: Pod): boolean {
  const { exitCode } = lastTermination(pod);
  return exitCode !== undefined && exitCode <= 128;
}

function lastTermination(pod: Pod): { readonly exitCode?: number; readonly reason?: string } {
  const ended = pod.status?.containerStatuses?.find(({ lastState }) => lastState?.terminated !== undefined);
  return ended?.lastState?.terminated ?? {};
}

/** How the container's last run ended, `exit code 1`. */
function lastEnd(pod: Pod): string {
  const { exitCode, reason } = lastTermination(pod);
  return exitCode === undefined ? 'unknown' : `exit code ${exitCode}${reason === undefined ? '' : ` (${reason})`}`;
}
