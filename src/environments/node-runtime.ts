import type { ContainerStart } from '../operator/container-start.js';
import type { NodeRole } from '../strimzi/migration-state.js';

/** Who a node is: the pod's name stands for it in logs, journal and folders. */
export interface NodeIdentity {
  readonly role: NodeRole;
  readonly nodeId: number;
  /** `my-cluster-broker-0`. */
  readonly pod: string;
}

/** What the node's volume holds, as far as a container start looks at it. */
export interface VolumeContent {
  /** Whether a `meta.properties` is there: the log folder has been formatted or used. */
  readonly formatted: boolean;
  /** Whether `__cluster_metadata-0` is there. */
  readonly metadataLog: boolean;
}

export interface NodeLaunch {
  readonly node: NodeIdentity;
  /** The operator's configuration, `server.config` key by key; for ZooKeeper the addresses are the runtime's own. */
  readonly serverConfig: Readonly<Record<string, string>>;
  readonly start: ContainerStart;
}

/** How a stop ended. */
export interface Stopped {
  /** `SIGKILL` when the grace period was not enough. */
  readonly signal: 'SIGTERM' | 'SIGKILL';
}

/** Starts, stops and wipes nodes: as processes or as containers. */
export interface NodeRuntime {
  /** `host:port` at which clients on this machine reach the node: ZooKeeper's client port, a broker's plain listener. */
  clientAddress(pod: string): string;
  volume(pod: string): Promise<VolumeContent>;
  /** Carries out what the container's start script does, then starts the node. Returns when the process runs. */
  start(launch: NodeLaunch): Promise<void>;
  /** SIGTERM, and SIGKILL after the grace period, as the deletion of a pod does. Does nothing when it does not run. */
  stop(pod: string, graceMs: number): Promise<Stopped | undefined>;
  /** Deletes the node's volume. It must not run. */
  wipe(pod: string): Promise<void>;
  isRunning(pod: string): boolean;
  /** The end of the node's log, for error messages. */
  lastLogLines(pod: string, count: number): readonly string[];
  /** Ends every node at once; what lies in the run's workspace goes with that. `graceful`: there is time for what a next run profits from. */
  close(options: { readonly graceful: boolean }): Promise<void>;
}

/** What a runtime tells while nodes run. */
export interface RuntimeListener {
  line(pod: string, line: string): void;
  /** A node ended that nobody stopped. */
  died(pod: string, how: string): void;
}
