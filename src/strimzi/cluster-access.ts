import { EnvironmentError } from '../errors.js';
import { PortForward } from '../kubernetes/forward.js';
import type { KubeReads } from '../kubernetes/kube-reads.js';
import type { KafkaAccess, ZooKeeperAccess } from '../metadata/access.js';

export interface AccessOptions {
  readonly namespace: string;
  readonly zookeepers: readonly string[];
  readonly brokers: readonly string[];
  /** Of the brokers' plain-text listener; if omitted, that of fixtures/kubernetes/kafka.yaml. */
  readonly listenerPort?: number;
  /** As in `ForwardOptions`, of all port-forwards. */
  readonly onConnectionError?: (why: string) => void;
  readonly signal: AbortSignal;
}

/**
 * ZooKeeper's plain-text port, bound to the loopback address of its pod: `zookeeper-shell.sh 127.0.0.1:12181` uses it
 * (Strimzi 0.45.1 `ZookeeperCluster.java`; reached through a port-forward with Strimzi 0.45.0 to 0.45.2,
 * docs/behaviour.md#real-clusters).
 */
export const ZOOKEEPER_PORT = 12181;
/** The plain listener of fixtures/kubernetes/kafka.yaml. */
const PLAIN_PORT = 9092;

type OpenForward = (pod: string, port: number) => Promise<readonly [string, PortForward]>;

/** Port-forwards from this machine to a cluster's ZooKeeper and brokers. They survive the roll of a pod. */
export class ClusterAccess {
  readonly #zookeepers: ReadonlyMap<string, PortForward>;
  readonly #brokers: Map<string, PortForward>;
  readonly #listenerPort: number;
  readonly #forward: OpenForward;
  /** Forwards to brokers that were added, some of which are still being opened. */
  readonly #added = new Map<string, Promise<void>>();
  #closed = false;

  private constructor(
    zookeepers: ReadonlyMap<string, PortForward>,
    brokers: Map<string, PortForward>,
    listenerPort: number,
    forward: OpenForward,
  ) {
    this.#zookeepers = zookeepers;
    this.#brokers = brokers;
    this.#listenerPort = listenerPort;
    this.#forward = forward;
  }

  /** Opens a port-forward to every pod of these; the pods need not exist yet. */
  static async open(api: KubeReads, options: AccessOptions): Promise<ClusterAccess> {
    const { namespace, zookeepers, brokers, listenerPort = PLAIN_PORT, onConnectionError, signal } = options;
    const forwardOptions = { signal, ...(onConnectionError === undefined ? {} : { onConnectionError }) };
    const forward: OpenForward = async (pod, port) => [
      pod,
      await PortForward.open(api, { namespace, pod, port }, forwardOptions),
    ];
    // If one is refused, wait for the others, which must be closed as well.
    const forwards = await Promise.allSettled([
      ...zookeepers.map((pod) => forward(pod, ZOOKEEPER_PORT)),
      ...brokers.map((pod) => forward(pod, listenerPort)),
    ]);
    const opened = forwards.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = forwards.find((one) => one.status === 'rejected');
    if (refused !== undefined) {
      await Promise.all(opened.map(([, one]) => one.close()));
      throw refused.reason;
    }
    const ofZooKeeper = new Map(opened.slice(0, zookeepers.length));
    return new ClusterAccess(ofZooKeeper, new Map(opened.slice(zookeepers.length)), listenerPort, forward);
  }

  /**
   * Resolves when there is a port-forward to a broker, which the cluster may not have had when this was opened. Clients
   * that are connected already reach the broker through it, too.
   */
  async addBroker(pod: string): Promise<void> {
    if (this.#brokers.has(pod) || this.#closed) return;
    const opening = this.#added.get(pod) ?? this.#open(pod);
    this.#added.set(pod, opening);
    await opening.finally(() => this.#added.delete(pod));
  }

  async #open(pod: string): Promise<void> {
    const [, forward] = await this.#forward(pod, this.#listenerPort);
    if (this.#closed) await forward.close();
    else this.#brokers.set(pod, forward);
  }

  zookeeper(): ZooKeeperAccess {
    return { connectString: [...this.#zookeepers.values()].map(({ localPort }) => `127.0.0.1:${localPort}`).join(',') };
  }

  kafka(): KafkaAccess {
    return {
      bootstrapServers: [...this.#brokers.values()].map(({ localPort }) => `127.0.0.1:${localPort}`),
      reach: (advertised) => this.#reach(advertised),
    };
  }

  /** `my-cluster-broker-0.my-cluster-kafka-brokers.NAMESPACE.svc:9092` names its pod first. */
  #reach(advertised: { readonly host: string; readonly port: number }): {
    readonly host: string;
    readonly port: number;
  } {
    // The port-forward's own address, which clients use first.
    if (advertised.host === '127.0.0.1') return advertised;
    const [pod = ''] = advertised.host.split('.');
    const forward = this.#brokers.get(pod);
    if (forward !== undefined && advertised.port === this.#listenerPort) {
      return { host: '127.0.0.1', port: forward.localPort };
    }
    throw new EnvironmentError(
      `A broker advertises ${advertised.host}:${advertised.port}, but no port-forward leads there (there are port-forwards to ${[...this.#brokers.keys()].join(', ')}).`,
    );
  }

  /** `host:port` at which this machine reaches a pod of ZooKeeper or a broker; undefined: there is no port-forward. */
  addressOf(pod: string): string | undefined {
    const forward = this.#zookeepers.get(pod) ?? this.#brokers.get(pod);
    return forward === undefined ? undefined : `127.0.0.1:${forward.localPort}`;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#added.values());
    await Promise.all([...this.#zookeepers.values(), ...this.#brokers.values()].map((one) => one.close()));
  }
}
