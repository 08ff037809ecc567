/**
 * The documented workaround for quorum-epoch-above-zookeepers: the user compares the epochs, and writes a higher one to
 * /controller_epoch when the controllers are gone and before one of the brokers becomes the controller (Kafka 3.9's
 * migration page, apache/kafka-site#860).
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'quorum-epoch-raised-in-zookeeper',
  title: "the quorum's epoch is above ZooKeeper's, and the user raises /controller_epoch before the rollback ends",
  topology: { brokers: 3, controllers: 3 },
  faults: ['freeze-node'],

  expected: {
    survives: 'With /controller_epoch above the epoch of every partition, the ZooKeeper controller can elect leaders.',
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('migrate', async ({ cluster, topics }) => {
      await migrate(cluster, { deleteClaim: true });
      await topics.create('during');
    }),

    step('roll the brokers back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step('a majority of the controllers is away', async ({ cluster, faults }) => {
      await faults.inject('freeze-node', 'controller-3');
      await faults.inject('freeze-node', 'controller-4');
      await cluster.reachedEpoch(45);
      await faults.undo('freeze-node', 'controller-3');
      await faults.undo('freeze-node', 'controller-4');
    }),

    step('restart a broker', async ({ cluster }) => {
      await cluster.restartBroker(0);
      await cluster.waitForState('KRaftDualWriting');
    }),

    step('raise /controller_epoch and finish the rollback', async ({ cluster }) => {
      await cluster.deleteControllerPool();
      await cluster.writeZnode('/controller_epoch', '1000');
      await disable(cluster);
    }),

    step('restart the brokers', async ({ cluster }) => {
      for (const id of [0, 1, 2]) await cluster.restartBroker(id);
    }),
  ],
});
