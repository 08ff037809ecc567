import type { Parts } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import type { Topology } from '../strimzi/topology.js';
import type { Cluster } from './cluster.js';

/** A folder of a run, removed when the run is over, whatever ends it. */
export interface RunWorkspace {
  /** Absolute. Volumes and configurations go below it. */
  readonly folder: string;
  /** A folder in it whose content is worth keeping: logs, diagnostics. */
  readonly results: string;
  /** A text for the command line of each of the run's processes: a process that has it is ended with the run. */
  readonly mark: string;
}

/** What a run needs from its environment. */
export interface ClusterOptions {
  readonly run: string;
  readonly workspace: RunWorkspace;
  readonly operatorVersion: string;
  readonly kafkaVersion: string;
  readonly topology: Topology;
  readonly journal: Journal;
  /** Aborted when a loss was seen or the run is being stopped: every wait of the cluster ends. */
  readonly signal: AbortSignal;
  /** Deadline of a single wait for a state, in milliseconds. */
  readonly stateTimeoutMs: number;
  /** Called when the cluster cannot go on, for example because a node died: the run is inconclusive. */
  readonly failed: (error: Error) => void;
}

/** Of a cluster, as they stand in its nodes' configurations. */
export interface ClusterNames {
  /** The Kafka resource's. */
  readonly name: string;
  readonly namespace: string;
  readonly clusterDomain: string;
}

/** Where clusters come from: `local`, `containers`, `kubernetes`. */
export interface Environment {
  readonly parts: Parts;
  /** Whether several clusters may run at the same time: on one machine they may, in one small Kubernetes cluster they would starve each other. */
  readonly sideBySide: boolean;
  /** Names that stand in the configurations of a run's cluster. */
  namesOf(workspace: Pick<RunWorkspace, 'mark'>): ClusterNames;
  create(options: ClusterOptions): Promise<Cluster>;
  /** Frees what the clusters shared. */
  close(): Promise<void>;
}
