/**
 * A majority of the controllers is away for a while during the rollback, so that the quorum's epoch rises far above
 * ZooKeeper's /controller_epoch.
 *
 * In dual-write the KRaft controller writes its own epoch to the state of every partition that it changes. After the rollback the ZooKeeper controller
 * has the epoch of /controller_epoch, which is lower: its elections for these partitions are refused (KAFKA-20488).
 */
import { disable, migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'quorum-epoch-above-zookeepers',
  title: "two of three controllers are away during the rollback: the quorum's epoch rises above ZooKeeper's",
  topology: { brokers: 3, controllers: 3 },
  faults: ['freeze-node'],

  expected: {
    survives: "The ZooKeeper controller's epoch is above every epoch that KRaft has written.",
    unless: {
      'KAFKA-20488': '/controller_epoch is below the epoch in the state of partitions: elections for them are refused.',
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

    step('finish the rollback', async ({ cluster }) => {
      await cluster.deleteControllerPool();
      await disable(cluster);
    }),

    step('restart the brokers', async ({ cluster }) => {
      for (const id of [0, 1, 2]) await cluster.restartBroker(id);
    }),
  ],
});
