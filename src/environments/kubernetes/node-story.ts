import type { ConfigurationState } from '../../cluster/migration-state.js';
import type { NodeStopped } from '../../journal/events.js';
import type { Journal } from '../../journal/journal.js';
import { configurationStateOf, containerStart } from '../../operator/container-start.js';
import { parseServerConfig } from './server-config.js';
import { type Claim, hasEnded, isBeingDeleted, isReady, type Pod, podIdentity, podOfClaim } from './strimzi-objects.js';

/** What the cluster's objects and the operator's log tell of its nodes. */
export interface NodeFacts {
  /** The data of the node's ConfigMap as it is now. */
  configMap(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** The uid of the claim of the pod's first volume; undefined: there is none. */
  claimUid(pod: string): Promise<string | undefined>;
  /** Called when a fact could not be read: the journal lacks an event. */
  failed(error: Error): void;
}

interface KnownPod {
  readonly uid: string;
  /** What its start read; null for ZooKeeper, undefined until it has been read. */
  configurationState: ConfigurationState | null | undefined;
  ready: boolean;
  deleting: boolean;
  stopped: boolean;
  restarts: number;
}

/** A node as it is now. */
export interface NodeNow {
  readonly pod: string;
  readonly uid: string;
  readonly role: 'zookeeper' | 'broker' | 'controller';
  readonly nodeId: number;
  readonly configurationState: ConfigurationState | null | undefined;
  readonly ready: boolean;
  readonly deleting: boolean;
}

/** The keys of a node's ConfigMap that its start reads, beside `server.config` (Strimzi 0.45.1 `kafka_run.sh:67-109`). */
const READ_BY_START = ['metadata.state', 'metadata.version', 'cluster.id'] as const;

/**
 * Turns what happens to pods and claims into the journal's events: started, ready, stopping, stopped, gone, wiped. The
 * same rules made the recordings (fixtures/recordings/README.md).
 */
export class NodeStory {
  readonly #journal: Journal;
  readonly #facts: NodeFacts;
  readonly #pods = new Map<string, KnownPod>();
  readonly #identities = new Map<string, { readonly role: NodeNow['role']; readonly nodeId: number }>();
  /** Names. */
  readonly #claims = new Set<string>();
  /** Uids of claims with which a pod has started. */
  readonly #usedClaims = new Set<string>();
  readonly #reasons = new Map<string, NodeStopped['reason']>();
  readonly #listeners = new Set<() => void>();
  #reading: Promise<void> = Promise.resolve();

  constructor(journal: Journal, facts: NodeFacts) {
    this.#journal = journal;
    this.#facts = facts;
  }

  /** The operator says that it restarts a pod, or the user is about to delete it. */
  announce(pod: string, reason: NodeStopped['reason']): void {
    this.#reasons.set(pod, reason);
  }

  /** The pods that there are; one whose containers have ended is there, and not ready, until its object goes. */
  nodes(): readonly NodeNow[] {
    return [...this.#pods].flatMap(([pod, { uid, configurationState, ready, deleting }]) => {
      const identity = this.#identities.get(pod);
      return identity === undefined ? [] : [{ pod, uid, ...identity, configurationState, ready, deleting }];
    });
  }

  /** Whether the claim is there. */
  hasClaimOf(pod: string): boolean {
    return [...this.#claims].some((claim) => podOfClaim(claim) === pod);
  }

  /** Calls back after every change. @returns takes the callback back. */
  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Resolves when all that was told so far stands in the journal. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  claim(change: 'added' | 'modified' | 'deleted', { metadata }: Claim): void {
    const { name } = metadata;
    if (change === 'deleted') {
      this.#claims.delete(name);
      this.#inOrder(async () => {
        this.#journal.write({ type: 'volume-wiped', pod: podOfClaim(name) });
      });
    } else this.#claims.add(name);
    this.#changed();
  }

  pod(change: 'added' | 'modified' | 'deleted', pod: Pod): void {
    const identity = podIdentity(pod);
    const { name, uid = '' } = pod.metadata;
    if (identity === undefined) return;
    this.#identities.set(name, identity);
    let known = this.#pods.get(name);
    if (known?.uid !== uid) {
      // A late word of a predecessor.
      if (change === 'deleted') return;
      if (known !== undefined) this.#stopped(name, known);
      known = { uid, configurationState: undefined, ready: false, deleting: false, stopped: false, restarts: 0 };
      this.#pods.set(name, known);
      this.#started(name, known, pod);
    }
    this.#followed(name, known, pod);
    if (change === 'deleted') {
      const reason = this.#stopped(name, known);
      this.#pods.delete(name);
      if (reason === 'deleted') {
        this.#inOrder(async () => {
          this.#journal.write({ type: 'node-gone', pod: name });
        });
      }
    }
    this.#changed();
  }

  #started(name: string, known: KnownPod, pod: Pod): void {
    const identity = this.#identities.get(name);
    if (identity === undefined) return;
    // What was said of its predecessor has had its effect.
    this.#reasons.delete(name);
    this.#inOrder(async () => {
      const data = identity.role === 'zookeeper' ? {} : await this.#facts.configMap(name);
      const claim = await this.#facts.claimUid(name);
      // The pod went before its configuration could be read.
      if (data === undefined) return;
      const configMap = Object.fromEntries(
        READ_BY_START.flatMap((key) => (key in data ? [[key, data[key] ?? '']] : [])),
      );
      const zookeeper = identity.role === 'zookeeper';
      known.configurationState = zookeeper ? null : configurationStateOf(configMap['metadata.state']);
      this.#journal.write({
        type: 'node-started',
        ...identity,
        pod: name,
        configurationState: known.configurationState,
        mode: identity.role === 'zookeeper' ? 'zookeeper' : containerStart(identity.role, configMap).mode,
        configuration: parseServerConfig(data['server.config'] ?? ''),
        configMap,
        ...(claim === undefined ? {} : { volume: this.#usedClaims.has(claim) ? 'used' : 'empty' }),
      });
      if (claim !== undefined) this.#usedClaims.add(claim);
      this.#changed();
    });
    known.restarts = restartsOf(pod);
  }

  #followed(name: string, known: KnownPod, pod: Pod): void {
    const restarts = restartsOf(pod);
    if (restarts > known.restarts) {
      const how = lastEnd(pod);
      this.#inOrder(async () => {
        this.#journal.write({ type: 'container-restarted', pod: name, how, backOff: 0 });
      });
      known.restarts = restarts;
    }
    const ready = isReady(pod) && !isBeingDeleted(pod);
    if (ready && !known.ready) {
      this.#inOrder(async () => {
        this.#journal.write({ type: 'node-ready', pod: name });
      });
    }
    known.ready = ready;
    if (isBeingDeleted(pod) && !known.deleting) {
      known.deleting = true;
      this.#inOrder(async () => {
        this.#journal.write({ type: 'node-stopping', pod: name });
      });
    }
    if (!hasEnded(pod)) return;
    if (!known.deleting && !this.#reasons.has(name)) this.#reasons.set(name, 'died');
    this.#stopped(name, known);
  }

  /** Tells once that the pod has stopped. */
  #stopped(name: string, known: KnownPod): NodeStopped['reason'] {
    const reason = this.#reasons.get(name) ?? 'deleted';
    if (known.stopped) return reason;
    known.stopped = true;
    known.ready = false;
    this.#inOrder(async () => {
      this.#journal.write({ type: 'node-stopped', pod: name, reason });
    });
    return reason;
  }

  /** Events wait for the ConfigMap of a start that came before them. */
  #inOrder(write: () => Promise<void>): void {
    this.#reading = this.#reading.then(write).catch((error: unknown) => {
      this.#facts.failed(error instanceof Error ? error : new Error(String(error)));
    });
  }

  #changed(): void {
    for (const wake of this.#listeners) wake();
  }
}

function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** How the container's last run ended, `exit code 1`. */
function lastEnd(pod: Pod): string {
  const ended = pod.status?.containerStatuses?.find(({ lastState }) => lastState?.terminated !== undefined);
  const { exitCode, reason } = ended?.lastState?.terminated ?? {};
  return exitCode === undefined ? 'unknown' : `exit code ${exitCode}${reason === undefined ? '' : ` (${reason})`}`;
}
