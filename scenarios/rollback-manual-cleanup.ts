/**
 * The five steps, but before the second migration the user checks for /migration and deletes it by hand, as Strimzi's
 * documentation has required since 0.45.1.
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'rollback-manual-cleanup',
  title: 'the five steps with /migration deleted by hand before migrating again',

  expected: {
    survives: 'Without /migration the new controllers copy everything from ZooKeeper again, no matter who deleted it.',
    unless: {
      'strimzi-kafka-operator#11262':
        'Nothing is lost: the rollback leaves /migration behind, and the user deletes it.',
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

    step('delete /migration by hand', async ({ cluster }) => {
      await cluster.deleteZnode('/migration');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
