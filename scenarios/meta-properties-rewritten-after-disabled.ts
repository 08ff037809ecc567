/**
 * A way back from broker-added-then-rolled-back without another volume: the user rewrites meta.properties on the volume of
 * the broker that does not start, with version 0, as a broker in ZooKeeper mode writes it.
 *
 * The broker starts with its own logs, so that nothing is lost, even with one replica of each partition.
 */
import { migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'meta-properties-rewritten-after-disabled',
  title: 'meta.properties of a broker that does not start after the rollback is rewritten by hand',

  environments: {
    names: ['local'],
    elsewhere:
      'the file is on the volume of a container that does not stay up, which only the local environment can write',
  },

  expected: {
    survives: 'With version 0 the broker starts in ZooKeeper mode, with all its records.',
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('migrate', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
    step('add a broker', async ({ cluster, topics }) => {
      await cluster.scaleBrokers(2);
      await topics.create('during');
    }),

    step('roll back', async ({ cluster, topics }) => {
      await rollBackBrokers(cluster);
      await cluster.deleteControllerPool();
      await cluster.annotate('disabled');
      await cluster.crashed('broker-2');
      await cluster.rewriteMetaProperties(2);
      await cluster.waitForState('ZooKeeper');
      await topics.create('after-rollback');
    }),
  ],
});
