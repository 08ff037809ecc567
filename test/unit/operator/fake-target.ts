import type { PodRevision, ReplayedNode, ReplayTarget } from '../../../src/operator/replay-target.js';
import type { ConfigurationState, NodeRole, ZkMigrationState } from '../../../src/strimzi/migration-state.js';

interface FakeNode {
  role: NodeRole;
  nodeId: number;
  configurationState: ConfigurationState | null;
  image: string;
  ready: boolean;
  updatedSinceStart: boolean;
}

/** The image of nodes that a test adds. */
export const IMAGE = 'strimzi/kafka:0.45.1-kafka-3.9.0';

/** A target that records what it is asked to do, and succeeds unless the test says otherwise. */
export class FakeTarget implements ReplayTarget {
  /** The calls, in order: `create broker 0 ZK`, `ready broker 0`. */
  readonly calls: string[] = [];
  /** Znodes that exist. */
  readonly znodes = new Set<string>();
  /** What the controllers report; undefined: none responds. */
  zkMigrationState: ZkMigrationState | undefined = 'MIGRATION';
  /** The current controller. */
  controllerId: () => number | undefined = () => undefined;
  /** The leader of the ZooKeeper nodes. */
  leaderId: number | undefined;
  /** Why a broker refuses a dynamic update; undefined: it accepts it. */
  refusal: (nodeId: number) => string | undefined = () => undefined;
  /** Called before each call is recorded: may wait, or throw. */
  before: (call: string) => Promise<void> | void = () => undefined;
  /** Called with the signal of each wait. */
  waited: (pass: AbortSignal | undefined) => void = () => undefined;
  readonly #nodes = new Map<string, FakeNode>();

  /** Adds nodes without recording a call. */
  has(role: NodeRole, configurationState: ConfigurationState | null, ...nodeIds: readonly number[]): this {
    for (const nodeId of nodeIds) this.#put(role, nodeId, { configurationState, image: IMAGE });
    return this;
  }

  unready(role: NodeRole, nodeId: number): this {
    this.#node(role, nodeId).ready = false;
    return this;
  }

  nodes(): readonly ReplayedNode[] {
    return [...this.#nodes.values()];
  }

  async create(role: NodeRole, nodeId: number, revision: PodRevision): Promise<void> {
    await this.#do(`create ${role} ${nodeId} ${revision.configurationState}`);
    this.#put(role, nodeId, revision).ready = false;
  }

  async restart(
    role: NodeRole,
    nodeId: number,
    revision: PodRevision,
    reason: 'rolled' | 'forced' | 'user',
    pass?: AbortSignal,
  ): Promise<void> {
    this.waited(pass);
    await this.#do(`restart ${role} ${nodeId} ${revision.configurationState}, ${reason}`);
    this.#put(role, nodeId, revision);
  }

  async remove(role: NodeRole, nodeId: number): Promise<void> {
    await this.#do(`remove ${role} ${nodeId}`);
    this.#nodes.delete(`${role} ${nodeId}`);
  }

  async wipe(role: NodeRole, nodeId: number, data: 'wiped' | 'kept'): Promise<void> {
    await this.#do(`wipe ${role} ${nodeId}, ${data}`);
  }

  async waitUntilReady(role: NodeRole, nodeId: number, pass?: AbortSignal): Promise<void> {
    this.waited(pass);
    await this.#do(`ready ${role} ${nodeId}`);
    this.#node(role, nodeId).ready = true;
  }

  async deleteZnode(path: string): Promise<'deleted' | 'absent'> {
    await this.#do(`delete ${path}`);
    return this.znodes.delete(path) ? 'deleted' : 'absent';
  }

  async waitForZooKeeperController(pass?: AbortSignal): Promise<void> {
    this.waited(pass);
    await this.#do('wait for a ZooKeeper controller');
  }

  async reportedController(): Promise<number | undefined> {
    return this.controllerId();
  }

  zooKeeperLeader(): number | undefined {
    return this.leaderId;
  }

  migrationState(controllerIds: readonly number[]): ZkMigrationState | undefined {
    this.calls.push(`read migration state of ${controllerIds.join(',')}`);
    return this.zkMigrationState;
  }

  async updateDynamically(nodeId: number, pass?: AbortSignal): Promise<'updated' | { readonly refused: string }> {
    this.waited(pass);
    await this.#do(`update broker ${nodeId}`);
    const refused = this.refusal(nodeId);
    if (refused !== undefined) return { refused };
    this.#node('broker', nodeId).updatedSinceStart = true;
    return 'updated';
  }

  async #do(call: string): Promise<void> {
    await this.before(call);
    this.calls.push(call);
  }

  #put(role: NodeRole, nodeId: number, revision: PodRevision): FakeNode {
    const node = { role, nodeId, ...revision, ready: true, updatedSinceStart: false };
    this.#nodes.set(`${role} ${nodeId}`, node);
    return node;
  }

  #node(role: NodeRole, nodeId: number): FakeNode {
    const node = this.#nodes.get(`${role} ${nodeId}`);
    if (node === undefined) throw new Error(`there is no ${role} ${nodeId}`);
    return node;
  }
}
