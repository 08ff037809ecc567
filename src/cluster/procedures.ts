import type { Cluster } from './cluster.js';

/**
 * The documented procedures, written once, over gestures.
 * Source: Strimzi 0.45.1 `documentation/modules/deploying/proc-deploy-migrate-kraft.adoc:53-334`.
 */

/** Creates the controller pool, sets `migration`, and waits for KRaftPostMigration: the last point with a way back. */
export async function migrate(cluster: Cluster, controllerPool: { readonly deleteClaim: boolean }): Promise<void> {
  await cluster.createControllerPool(controllerPool);
  await cluster.annotate('migration');
  await cluster.waitForState('KRaftPostMigration');
}

/** All the way back from KRaftPostMigration: brokers out of KRaft mode, controllers away, brokers to plain ZooKeeper. */
export async function rollback(cluster: Cluster): Promise<void> {
  await rollBackBrokers(cluster);
  await cluster.deleteControllerPool();
  await disable(cluster);
}

/** The first half of a rollback: `rollback`, until the brokers run in ZooKeeper mode again, beside the controllers. */
export async function rollBackBrokers(cluster: Cluster): Promise<void> {
  await cluster.annotate('rollback');
  await cluster.waitForState('KRaftDualWriting');
}

/** The second half of a rollback, after the controller pool was deleted: `disabled`, until state ZooKeeper. */
export async function disable(cluster: Cluster): Promise<void> {
  await cluster.annotate('disabled');
  await cluster.waitForState('ZooKeeper');
}

/** From KRaftPostMigration to KRaft, without a way back. */
export async function finalize(cluster: Cluster): Promise<void> {
  await cluster.annotate('enabled');
  await cluster.waitForState('KRaft');
}
