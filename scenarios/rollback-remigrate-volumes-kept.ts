/**
 * The same five steps, but the controllers' volumes are kept, as with `deleteClaim: false` and in the documentation of
 * 0.45.0.
 *
 * The controllers of the second migration bind the volumes of the first one again and start with its old metadata. What
 * was created since the rollback is only in ZooKeeper. Every version loses it, for two different reasons.
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'rollback-remigrate-volumes-kept',
  title: "the five steps with the controllers' volumes kept: what was made since the rollback is lost",

  expected: {
    survives:
      'A version that rejects or cleans the controllers’ old volumes keeps what was created after the rollback.',
    unless: {
      'strimzi-kafka-operator#11262':
        '/migration still exists and agrees with the old metadata log: the controllers assume a migration in progress, ' +
        'wait for no broker, and immediately sync the old metadata to ZooKeeper. This deletes the new topic there.',
      'stale-controller-volumes':
        '/migration is gone, but the old metadata log says MIGRATION. The driver refuses ("KRaft controller indicates ' +
        'an active migration, but the ZK state does not") and stays inactive, but the value that the operator reads ' +
        'says that the copy is done. The operator goes on to KRaft brokers, which have only the old metadata: the new ' +
        'topic is missing there, without a warning.',
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),

    step('migrate', async ({ cluster, topics }) => {
      await migrate(cluster, { deleteClaim: false });
      await topics.create('during');
      await topics.delete('short-lived');
    }),

    step('roll back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step("keep the controllers' volumes", async ({ cluster, topics }) => {
      await cluster.deleteControllerPool();
      await disable(cluster);
      await topics.create('after-rollback');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: false });
    }),
  ],
});
