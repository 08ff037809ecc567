/**
 * The five steps, then finalise: after the second migration ZooKeeper is deleted, and the topics that were created at any
 * point, and their records, must be in KRaft.
 */
import { disable, finalize, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'remigrate-and-finalize',
  title: 'the five steps, then finalise: topics of every epoch in KRaft, ZooKeeper gone',

  expected: {
    survives: 'The rollback deletes /controller and /migration, so the second migration copies everything again.',
    unless: {
      'strimzi-kafka-operator#11262':
        'The second migration wipes ZooKeeper or is stuck, as in rollback-remigrate: it is never finalised.',
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),

    step('migrate', async ({ cluster, topics }) => {
      await migrate(cluster, { deleteClaim: true });
      await topics.create('during');
      await topics.delete('short-lived');
    }),

    step('roll back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step("delete the controllers' volumes", async ({ cluster, topics }) => {
      await cluster.deleteControllerPool();
      await disable(cluster);
      await topics.create('after-rollback');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),

    step('finalise', async ({ cluster, topics }) => {
      await finalize(cluster);
      await topics.create('in-kraft');
    }),
  ],
});
