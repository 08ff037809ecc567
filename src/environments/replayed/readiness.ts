import type { NodeRole } from '../../strimzi/migration-state.js';

/**
 * The line of a node's log that shows its readiness. Strimzi's probes ask the agent for a broker's state (RUNNING) and
 * whether a controller listens on 9090 (docs/behaviour.md#container-start); these lines are logged at the same time.
 */
const READY: Readonly<Record<NodeRole, readonly RegExp[]>> = {
  zookeeper: [/Peer state changed: (leading|following) - broadcast/],
  broker: [/\[KafkaServer id=\d+\] started/, /\[KafkaRaftServer nodeId=\d+\] Kafka Server started/],
  controller: [/\[KafkaRaftServer nodeId=\d+\] Kafka Server started/],
};

export function reportsReady(role: NodeRole, line: string): boolean {
  return READY[role].some((pattern) => pattern.test(line));
}

/** A ZooKeeper node leads. */
export function reportsLeader(line: string): boolean {
  return line.includes('Peer state changed: leading - broadcast');
}

/**
 * A ZooKeeper-mode broker serves as the controller. It claims `/controller` some 100 ms earlier; between the two, its
 * own controlled shutdown finds no controller and keeps retrying.
 */
export function reportsController(line: string): boolean {
  return line.includes('Ready to serve as the new controller with epoch');
}
