/**
 * The same five steps, but the controllers' volumes stay, as with `deleteClaim: false` and the documentation of 0.45.0.
 *
 * The controllers of the second migration bind the volumes of the first again and wake up in the past: what was made
 * since the rollback is in ZooKeeper alone. Every version loses it, for two different reasons.
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'rollback-remigrate-volumes-kept',
  title: "the five steps with the controllers' volumes kept: what was made since the rollback is lost",

  expected: {
    survives: 'A version that refuses, or cleans, the controllers’ old volumes keeps what was made since the rollback.',
    unless: {
      'strimzi-kafka-operator#11262':
        '/migration is still there and agrees with the old metadata log: the controllers take the migration for one in ' +
        'progress, wait for no broker, and sync the past to ZooKeeper at once. The new topic is deleted there.',
      'stale-controller-volumes':
        '/migration is gone, the old metadata log says MIGRATION: the driver refuses ("KRaft controller indicates an ' +
        'active migration, but the ZK state does not") and stays inactive, but the value that the operator reads says ' +
        'done. It goes on to KRaft brokers, who know the past only: the new topic is missing there, without a warning.',
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
