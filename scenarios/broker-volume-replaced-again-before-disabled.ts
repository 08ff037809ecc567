/**
 * A way back from broker-volume-replaced-then-rolled-back: the volume is replaced once more while the rollback waits in
 * KRaftDualWriting, before the controllers are deleted.
 *
 * The brokers run in ZooKeeper mode by then, so that the broker itself writes meta.properties, with version 0. With three
 * replicas of every partition nothing is lost.
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'broker-volume-replaced-again-before-disabled',
  title: 'a broker gets a new volume after the migration, and another one in KRaftDualWriting: the rollback succeeds',
  topology: { brokers: 3 },

  expected: {
    survives:
      'In KRaftDualWriting the broker makes its volume in ZooKeeper mode, and the other replicas have every record.',
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('migrate', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
    step('replace the volume of broker 2', async ({ cluster, topics }) => {
      await cluster.replaceBrokerVolume(2);
      await topics.create('during');
    }),

    step('roll the brokers back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step('replace the volume of broker 2 again', async ({ cluster }) => {
      await cluster.replaceBrokerVolume(2);
      await cluster.waitForState('KRaftDualWriting');
    }),

    step('finish the rollback', async ({ cluster, topics }) => {
      await cluster.deleteControllerPool();
      await disable(cluster);
      await topics.create('after-rollback');
    }),
  ],
});
