import type { Cluster } from './cluster.js';
import type { ControllerPoolOptions } from './controller-pool.js';

/**
 * The documented procedures, each written once, as gestures and waits.
 * Source: Strimzi 0.45.1 `documentation/modules/deploying/proc-deploy-migrate-kraft.adoc:53-334`.
 */

/** Creates the controller pool, sets `migration`, and waits for KRaftPostMigration: the last state with a way back. */
export async function migrate(cluster: Cluster, controllerPool: ControllerPoolOptions): Promise<void> {
  await cluster.createControllerPool(controllerPool);
  await cluster.annotate('migration');
  await cluster.waitForState('KRaftPostMigration');
}

/** A whole rollback from KRaftPostMigration: the brokers leave KRaft mode, and the controllers are deleted. */
export async function rollback(cluster: Cluster): Promise<void> {
  await rollBackBrokers(cluster);
  await cluster.deleteControllerPool();
  await disable(cluster);
}

/** The first half of a rollback: sets `rollback`, and waits until the brokers run in ZooKeeper mode again. */
export async function rollBackBrokers(cluster: Cluster): Promise<void> {
  await cluster.annotate('rollback');
  await cluster.waitForState('KRaftDualWriting');
}

/** The second half, after the controller pool was deleted: sets `disabled`, and waits for state ZooKeeper. */
export async function disable(cluster: Cluster): Promise<void> {
  await cluster.annotate('disabled');
  await cluster.waitForState('ZooKeeper');
}

/** Sets `enabled`, and waits until the state goes from KRaftPostMigration to KRaft. This cannot be rolled back. */
export async function finalize(cluster: Cluster): Promise<void> {
  await cluster.annotate('enabled');
  await cluster.waitForState('KRaft');
}
