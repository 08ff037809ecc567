/**
 * The five steps of strimzi-kafka-operator#11262.
 *
 * Somebody migrates to KRaft, rolls back, gives the controllers' volumes away as the documentation asks, and later
 * migrates for good. Nothing that was ever created may be missing afterwards.
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'rollback-remigrate',
  title: "deploy, migrate, roll back, delete the controllers' volumes, migrate again",

  expected: {
    survives:
      'The rollback deletes /controller and /migration, so the fresh controllers copy everything from ZooKeeper once more.',
    unless: {
      'strimzi-kafka-operator#11262':
        'The rollback leaves /migration behind. It tells the fresh, empty controllers that the first copy is done; they ' +
        'skip it and "sync" their emptiness to ZooKeeper. With three controllers the wipe waits until the new quorum has ' +
        "reached the old one's epoch, which elections decide: where it does not come, the migration is stuck instead, and " +
        'the next election wipes. Either is the loss that is expected here.',
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),

    step('migrate', async ({ cluster, topics }) => {
      await migrate(cluster, { deleteClaim: true });
      // Still dual-write: the KRaft controller writes what is made now to ZooKeeper, too.
      await topics.create('during');
      await topics.delete('short-lived');
    }),

    step('roll back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step("delete the controllers' volumes", async ({ cluster, topics }) => {
      // deleteClaim: the volumes go with the pool. The operator must clean up in ZooKeeper by itself.
      await cluster.deleteControllerPool();
      await disable(cluster);
      await topics.create('after-rollback');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
