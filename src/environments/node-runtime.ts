import type { ContainerStart } from '../operator/container-start.js';
import type { NodeRole } from '../strimzi/migration-state.js';

/** The identity of a node: logs, journal and folders use the name of its pod. */
export interface NodeIdentity {
  readonly role: NodeRole;
  readonly nodeId: number;
  /** `my-cluster-broker-0`. */
  readonly pod: string;
}

/** What the node's volume holds, as far as a container start checks it. */
export interface VolumeContent {
  /** Whether `meta.properties` exists: the log folder has been formatted or used. */
  readonly formatted: boolean;
  /** Whether `__cluster_metadata-0` exists. */
  readonly metadataLog: boolean;
}

export interface NodeLaunch {
  readonly node: NodeIdentity;
  /** The operator's configuration, `server.config` key by key; for ZooKeeper the runtime chooses the addresses. */
  readonly serverConfig: Readonly<Record<string, string>>;
  readonly start: ContainerStart;
}

/** How a node was stopped. */
export interface Stopped {
  /** `SIGKILL` after the grace period. */
  readonly signal: 'SIGTERM' | 'SIGKILL';
}

/** Starts, stops and wipes nodes: as processes or as containers. */
export interface NodeRuntime {
  /** Gives an address to a node that the cluster did not have when the runtime was created. */
  add(node: NodeIdentity): Promise<void>;
  /**
   * `host:port` at which clients on this machine reach the node: ZooKeeper's client port, a broker's plain listener.
   */
  clientAddress(pod: string): string;
  /** `host:port` at which this machine can ask a node of any role whether it responds. */
  questionAddress(pod: string): string;
  volume(pod: string): Promise<VolumeContent>;
  /** Carries out what the container's start script does, then starts the node. Returns once the process is running. */
  start(launch: NodeLaunch): Promise<void>;
  /** SIGTERM, and SIGKILL after the grace period, as in the deletion of a pod. Does nothing if it is not running. */
  stop(pod: string, graceMs: number): Promise<Stopped | undefined>;
  /** Deletes the node's volume. The node must not be running. */
  wipe(pod: string): Promise<void>;
  /** Writes `meta.properties` on the node's volume. @throws EnvironmentError where the volume cannot be reached. */
  writeMetaProperties(pod: string, content: string): Promise<void>;
  isRunning(pod: string): boolean;
  /** SIGKILL, as if something outside of the run had sent it: the listener is told that the node died. */
  kill(pod: string): Promise<void>;
  /** Stops the node's processes without ending them (SIGSTOP, `docker pause`). The node must be running. */
  freeze(pod: string): Promise<void>;
  /** Undoes `freeze`. Does nothing if it is not frozen. */
  thaw(pod: string): Promise<void>;
  /** What keeps a running node's process from running: "its process is stopped (state T)". undefined: nothing known. */
  stoppedState(pod: string): Promise<string | undefined>;
  /** The end of the node's log, for error messages. */
  lastLogLines(pod: string, count: number): readonly string[];
  /**
   * Stops every node immediately and removes what it has outside the workspace. `graceful`: there is time to keep what
   * the next run can use.
   */
  close(options: { readonly graceful: boolean }): Promise<void>;
}

/** What a runtime reports while nodes run. */
export interface RuntimeListener {
  line(pod: string, line: string): void;
  /** A node exited without being stopped. */
  died(pod: string, how: string): void;
}
