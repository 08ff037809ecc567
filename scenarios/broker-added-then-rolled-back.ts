/**
 * A broker is added after the migration, and the user rolls back.
 *
 * Like a replaced volume (broker-volume-replaced-then-rolled-back), the volume of a broker that first starts in KRaft mode
 * has meta.properties of version 1, which a broker in ZooKeeper mode does not accept (KAFKA-20762).
 */
import { migrate, rollback, scenario, step } from 'remigrate';

export default scenario({
  name: 'broker-added-then-rolled-back',
  title: 'a broker is added after the migration, then the user rolls back: it does not start any more',

  expected: {
    survives: 'A broker that was added in KRaft mode runs in ZooKeeper mode after the rollback.',
    unless: {
      'KAFKA-20762':
        "The new broker's meta.properties has version 1, and a broker in ZooKeeper mode ends at every start.",
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
      await rollback(cluster);
    }),
  ],
});
