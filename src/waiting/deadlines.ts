/** The wait for a state, on one machine, for which the other deadlines are meant, in milliseconds. */
const STATE_MS = 180_000;

/** What else a run waits for, and how long at least, in milliseconds. */
const AT_LEAST = {
  /** One action of a client: topics are created and known to every broker, records are acknowledged. */
  clientMs: 60_000,
  /** One snapshot of the metadata, or one read-back of all records. */
  readMs: 30_000,
  /** A session with ZooKeeper. */
  zookeeperConnectMs: 15_000,
  /** The response to one request to ZooKeeper, also while it restarts because the operator was upgraded. */
  zookeeperOperationMs: 30_000,
  /** The KRaft controller's next write to ZooKeeper. What is missing there after that counts as lost. */
  dualWriteMs: 10_000,
  /** The end of a full sync that deletes topics: what is missing by then is reported. */
  syncEndMs: 5_000,
  /**
   * Leaders of all partitions, after a step: a broker that was killed is named as a leader until its session ends (18 s
   * in ZooKeeper mode), and may be started again only after that.
   */
  electMs: 60_000,
  /** Lines that the API server has already, over the followed log of a pod. */
  logLagMs: 10_000,
  /** How long a topic must be unknown, or a record absent, before it counts as missing. */
  absentMs: 2_000,
} as const;

/** How long a run waits for what, in milliseconds. */
export type Deadlines = { readonly stateMs: number } & Readonly<Record<keyof typeof AT_LEAST, number>>;

/**
 * All deadlines of a run, from the one that the user sets with `--timeout`: where a state may take longer than on one
 * machine, everything may, in proportion. With a shorter one the others stay: they do not depend on the operator.
 * @param stateTimeoutMs the deadline of one wait for a state.
 */
export function deadlinesOf(stateTimeoutMs: number): Deadlines {
  const factor = Math.max(1, stateTimeoutMs / STATE_MS);
  const scaled = (least: number): number => Math.ceil(least * factor);
  return {
    stateMs: stateTimeoutMs,
    clientMs: scaled(AT_LEAST.clientMs),
    readMs: scaled(AT_LEAST.readMs),
    zookeeperConnectMs: scaled(AT_LEAST.zookeeperConnectMs),
    zookeeperOperationMs: scaled(AT_LEAST.zookeeperOperationMs),
    dualWriteMs: scaled(AT_LEAST.dualWriteMs),
    syncEndMs: scaled(AT_LEAST.syncEndMs),
    electMs: scaled(AT_LEAST.electMs),
    logLagMs: scaled(AT_LEAST.logLagMs),
    absentMs: scaled(AT_LEAST.absentMs),
  };
}
