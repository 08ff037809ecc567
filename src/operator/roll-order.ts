/** A node that is about to be rolled. */
export interface RollCandidate {
  readonly nodeId: number;
  readonly ready: boolean;
}

/**
 * The order in which Strimzi restarts the nodes of one role.
 *
 * Unready nodes come first, each put in front of those before it, so that the last unready one leads (Strimzi 0.45.1
 * `KafkaRoller.java:249-260`). The node that the cluster reports as its controller is deferred until it is the only one
 * left (`:946-956`). With a KRaft controller, brokers report the id of a random broker instead.
 *
 * @param controllerId undefined: the cluster reports no controller, or one that is not among the nodes
 */
export function rollOrder(nodes: readonly RollCandidate[], controllerId: number | undefined): readonly number[] {
  const byReadiness = [...nodes.filter((node) => !node.ready).toReversed(), ...nodes.filter((node) => node.ready)];
  const ids = byReadiness.map((node) => node.nodeId);
  return [...ids.filter((id) => id !== controllerId), ...ids.filter((id) => id === controllerId)];
}

/**
 * The order in which Strimzi restarts ZooKeeper nodes: unready ones first, the leader last (Strimzi 0.45.1
 * `ZooKeeperRoller.java:112-141,183-210`).
 *
 * @param leaderId undefined: no leader is known
 */
export function zooKeeperRollOrder(nodes: readonly RollCandidate[], leaderId: number | undefined): readonly number[] {
  const ids = [...nodes.filter((node) => !node.ready), ...nodes.filter((node) => node.ready)].map(
    ({ nodeId }) => nodeId,
  );
  return [...ids.filter((id) => id !== leaderId), ...ids.filter((id) => id === leaderId)];
}
