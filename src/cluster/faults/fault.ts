/** A node of a cluster as scenarios name it: `broker-0`, `controller-1`. */
export type NodeName = `${'zookeeper' | 'broker' | 'controller'}-${number}`;

/** What a fault concerns: a node, or the operator. */
export type FaultTarget = NodeName | 'operator';

/** What an environment can do to the nodes of a cluster and to its operator from outside. Faults are made of it. */
export interface NodeControl {
  /** Ends the node at once, without a shutdown; whatever restarts nodes in the environment restarts it. */
  kill(pod: string): Promise<void>;
  /** Stops the node's processes without ending them: its connections stay open, and nothing answers. */
  freeze(pod: string): Promise<void>;
  /** Ends the operator's process, and waits until another one has taken over. */
  killOperator(): Promise<void>;
  /** Undoes `freeze`. Does nothing if the node is not frozen, or no longer runs. */
  thaw(pod: string): Promise<void>;
}

/** Something that happens to a node of a cluster or to its operator, and that nobody asked for. */
export interface Fault {
  readonly name: string;
  /** What happens, in one sentence. */
  readonly title: string;
  /** What it concerns; absent: a node. */
  readonly target?: 'node' | 'operator';
  /** Environments that can inject it (`Parts.environment`). */
  readonly environments: readonly string[];
  /** Why the others cannot; absent if all can. */
  readonly elsewhere?: string;
  /** @param pod of the node; empty if it concerns the operator. @throws EnvironmentError when the node does not run. */
  inject(nodes: NodeControl, pod: string): Promise<void>;
  /** undefined: it is over when it has happened. Undoing twice does no harm. */
  readonly undo?: (nodes: NodeControl, pod: string) => Promise<void>;
}
