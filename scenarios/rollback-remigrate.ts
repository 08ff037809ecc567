/**
 * The five steps of strimzi-kafka-operator#11262.
 *
 * A user migrates to KRaft, rolls back, deletes the controllers' volumes as the documentation requires, and later
 * migrates again. Nothing that was ever created may be missing afterwards.
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'rollback-remigrate',
  title: "deploy, migrate, roll back, delete the controllers' volumes, migrate again",

  expected: {
    survives:
      'The rollback deletes /controller and /migration, so the new controllers copy everything from ZooKeeper again.',
    unless: {
      'strimzi-kafka-operator#11262':
        'The rollback leaves /migration behind. The new, empty controllers read there that the copy has been done, ' +
        'skip it, and "sync" their empty metadata to ZooKeeper. With three controllers this waits until the epoch of ' +
        "the new quorum has reached the old one's, which depends on elections. If it does not, the migration is stuck " +
        'until the next election, which wipes ZooKeeper. The first is a loss, the second an outage; either is expected.',
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),

    step('migrate', async ({ cluster, topics }) => {
      await migrate(cluster, { deleteClaim: true });
      // Still dual-write: the KRaft controller also writes what is created now to ZooKeeper.
      await topics.create('during');
      await topics.delete('short-lived');
    }),

    step('roll back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step("delete the controllers' volumes", async ({ cluster, topics }) => {
      // deleteClaim: the volumes are deleted with the pool. The operator itself must clean up in ZooKeeper.
      await cluster.deleteControllerPool();
      await disable(cluster);
      await topics.create('after-rollback');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
