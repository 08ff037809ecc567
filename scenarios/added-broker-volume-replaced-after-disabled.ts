/**
 * The same way back with one replica of every partition: a broker that was added after the migration does not start
 * after the rollback, and gets a new volume. What only its old volume held is lost.
 */
import { migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'added-broker-volume-replaced-after-disabled',
  title: 'an added broker that does not start after the rollback gets another volume: its only replicas are lost',

  expected: {
    survives: 'Every partition has a replica on another broker.',
    unless: {
      'replicas-only-on-replaced-volume':
        'The new volume is empty, and no other broker has a replica of the partitions on the old one.',
    },
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

    step('roll back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
      await cluster.deleteControllerPool();
      await cluster.annotate('disabled');
      await cluster.crashed('broker-2');
      await cluster.replaceBrokerVolume(2);
      await cluster.waitForState('ZooKeeper');
    }),
  ],
});
