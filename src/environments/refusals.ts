import { EnvironmentError } from '../errors.js';
import type { NodeRole } from '../strimzi/migration-state.js';

/** Gestures that cannot be made: the same errors in every environment. */

const NODE_NAMES: Readonly<Record<NodeRole, string>> = {
  zookeeper: 'ZooKeeper node',
  broker: 'Broker',
  controller: 'Controller',
};

/** @param done what cannot be done without the node: `restarted`. */
export function noSuchNode(role: NodeRole, id: number, done: string): EnvironmentError {
  return new EnvironmentError(`${NODE_NAMES[role]} ${id} does not exist and cannot be ${done}.`);
}

/**
 * @param before how many brokers the pool has.
 * @throws EnvironmentError for fewer: Strimzi refuses to remove brokers that have partitions.
 */
export function refuseFewerBrokers(before: number, replicas: number): void {
  if (Number.isSafeInteger(replicas) && replicas >= before) return;
  throw new EnvironmentError(
    `The broker pool has ${before} brokers and cannot be scaled to ${replicas}: it can only be scaled up.`,
  );
}

/** @param whose `my-cluster-broker-0` or `broker 0`. */
export function volumeOutOfReach(whose: string, environment: string): EnvironmentError {
  return new EnvironmentError(
    `The volume of ${whose} cannot be written in the environment ${environment}. Use --env local.`,
  );
}
