/**
 * A way back from broker-volume-replaced-then-rolled-back: the volume is replaced once more after `disabled`, when the
 * broker ends at every start and the controllers are gone.
 *
 * The broker starts on an empty volume in ZooKeeper mode. With three replicas of every partition nothing is lost.
 */
import { migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'broker-volume-replaced-again-after-disabled',
  title: 'a broker that does not start after the rollback gets another volume: with three replicas nothing is lost',
  topology: { brokers: 3 },

  expected: {
    survives: 'On an empty volume the broker starts in ZooKeeper mode, and the other replicas have every record.',
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

    step('roll back', async ({ cluster, topics }) => {
      await rollBackBrokers(cluster);
      await cluster.deleteControllerPool();
      await cluster.annotate('disabled');
      await cluster.crashed('broker-2');
      await cluster.replaceBrokerVolume(2);
      await cluster.waitForState('ZooKeeper');
      await topics.create('after-rollback');
    }),
  ],
});
