import type { Cluster } from '../cluster/cluster.js';
import { type Fault, type FaultName, type FaultTarget, faultNamed, type NodeName } from '../cluster/faults/index.js';
import { UsageError, WaitAborted } from '../errors.js';
import { podsWithActiveFault } from '../journal/active-faults.js';
import type { Journal } from '../journal/journal.js';
import { podName } from '../strimzi/nodes.js';
import type { Topology } from '../strimzi/topology.js';
import type { Faults } from './scenario.js';

export interface RunFaultsOptions {
  readonly cluster: Pick<Cluster, 'nodeControl' | 'nodes' | 'topology'>;
  /** The name of the Kafka resource, with which the names of its pods begin. */
  readonly clusterName: string;
  readonly scenario: { readonly name: string; readonly faults?: readonly FaultName[] };
  readonly journal: Journal;
  /** Aborted when the run is over: nothing is injected any more. */
  readonly signal: AbortSignal;
}

interface Injected {
  readonly fault: Fault;
  readonly pod: string;
}

/** The faults of a run: injects what the scenario declares, and undoes at the end what the scenario has not undone. */
export class RunFaults implements Faults {
  readonly #options: RunFaultsOptions;
  readonly #lasting: Injected[] = [];
  /** The nodes that the cluster has at first, with the controllers that it will have. */
  readonly #planned: readonly NodeName[];

  constructor(options: RunFaultsOptions) {
    this.#options = options;
    this.#planned = nodesOf(options.cluster.topology);
  }

  async inject(name: FaultName, target: FaultTarget): Promise<void> {
    const fault = this.#declared(name);
    const pod = this.#pod(fault, target);
    const { cluster, journal, signal } = this.#options;
    if (signal.aborted) throw new WaitAborted('the run is over', { cause: signal.reason });
    const before = this.#lastingOn(fault, pod);
    if (before !== undefined && podsWithActiveFault(journal.events()).has(pod)) {
      throw new UsageError(`${this.#where()}: ${name} lasts on ${target} already. Undo it first.`);
    }
    // Otherwise the node was started again since, which ended it.
    if (before === undefined && fault.undo !== undefined) this.#lasting.push({ fault, pod });
    // Before its consequences.
    journal.write({ type: 'fault', fault: fault.name, action: 'inject', ...(pod === '' ? {} : { pod }) });
    await fault.inject(cluster.nodeControl(), pod);
  }

  async undo(name: FaultName, node: NodeName): Promise<void> {
    const fault = this.#declared(name);
    const pod = this.#pod(fault, node);
    if (fault.undo === undefined) {
      throw new UsageError(`${this.#where()}: ${name} cannot be undone: it is over when it has happened.`);
    }
    const injected = this.#lastingOn(fault, pod);
    if (injected === undefined) {
      throw new UsageError(`${this.#where()}: ${name} is undone on ${node}, where it was not injected.`);
    }
    await this.#undo(injected);
  }

  /** At the end of the run. Undoes as many as possible. @throws the first failure. */
  async undoAll(): Promise<void> {
    const undone = await Promise.allSettled([...this.#lasting].map((injected) => this.#undo(injected)));
    for (const one of undone) if (one.status === 'rejected') throw one.reason;
  }

  async #undo(injected: Injected): Promise<void> {
    const { fault, pod } = injected;
    const { cluster, journal } = this.#options;
    this.#lasting.splice(this.#lasting.indexOf(injected), 1);
    journal.write({ type: 'fault', fault: fault.name, action: 'undo', pod });
    await fault.undo?.(cluster.nodeControl(), pod);
  }

  #lastingOn(fault: Fault, pod: string): Injected | undefined {
    return this.#lasting.find((injected) => injected.fault === fault && injected.pod === pod);
  }

  /** An environment that cannot inject a fault refuses the run before it starts, so faults are declared. */
  #declared(name: FaultName): Fault {
    const fault = faultNamed(name, this.#where());
    if (this.#options.scenario.faults?.includes(name) === true) return fault;
    throw new UsageError(
      `${this.#where()} injects ${name} without declaring it. Add it to the scenario: faults: ['${name}'].`,
    );
  }

  /** The pod that a fault concerns; empty if it concerns the operator. */
  #pod(fault: Fault, target: FaultTarget): string {
    const { cluster, clusterName } = this.#options;
    const ofOperator = fault.target === 'operator';
    if (ofOperator !== (target === 'operator')) {
      const right = ofOperator
        ? "the operator: inject it with 'operator'"
        : "a node: inject it with 'broker-0', for example";
      throw new UsageError(`${this.#where()}: ${fault.name} concerns ${right}.`);
    }
    if (target === 'operator') return '';
    // Nodes that were added have ids that do not follow from the topology.
    const nodes = [...new Set([...this.#planned, ...cluster.nodes()])];
    if (!nodes.includes(target)) {
      throw new UsageError(`${this.#where()}: there is no node "${target}". The nodes are ${nodes.join(', ')}.`);
    }
    const [role = '', id] = target.split('-');
    return podName(clusterName, role, Number(id));
  }

  #where(): string {
    return `scenario ${this.#options.scenario.name}`;
  }
}

/** Strimzi gives a controller pool the lowest ids that no broker has (0.45.1 `NodeIdAssignor.java:149-201`). */
function nodesOf({ zookeepers, brokers, controllers }: Topology): readonly NodeName[] {
  const ids = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, index) => from + index);
  return [
    ...ids(zookeepers).map((id) => `zookeeper-${id}` as const),
    ...ids(brokers).map((id) => `broker-${id}` as const),
    ...ids(controllers, brokers).map((id) => `controller-${id}` as const),
  ];
}
