import type { Parts } from '../journal/events.js';
import type { Journal } from '../journal/journal.js';
import type { Topology } from '../strimzi/topology.js';
import type { Cluster } from './cluster.js';

/** The folder of a run. It is removed when the run is over, however the run ends. */
export interface RunWorkspace {
  /** An absolute path. It contains the volumes and configurations. */
  readonly folder: string;
  /** A folder in it with what is worth keeping: logs, diagnostics. */
  readonly results: string;
  /** A text on the command line of each of the run's processes: processes that have it are killed when the run ends. */
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

/** The names of a cluster as they appear in the configurations of its nodes. */
export interface ClusterNames {
  /** The name of the Kafka resource. */
  readonly name: string;
  readonly namespace: string;
  readonly clusterDomain: string;
}

/** Where clusters come from: `local`, `containers`, `kubernetes`. */
export interface Environment {
  readonly parts: Parts;
  /**
   * Whether several clusters may run at the same time. On one machine they may; in one small Kubernetes cluster they
   * would starve each other.
   */
  readonly sideBySide: boolean;
  /** The names that appear in the configurations of a run's cluster. */
  namesOf(workspace: Pick<RunWorkspace, 'mark'>): ClusterNames;
  create(options: ClusterOptions): Promise<Cluster>;
  /** Releases what the clusters shared. */
  close(): Promise<void>;
}
