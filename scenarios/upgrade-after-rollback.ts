/**
 * A rollback with an operator that leaves /migration behind, then an upgrade to one that does not.
 *
 * The upgrade does not clean up: the only moment at which an operator deletes the znode is the rollback itself.
 */
import { disable, migrate, olderThan, rollBackBrokers, scenario, step } from 'remigrate';

/** The first version whose rollback deletes /migration. */
const FIXED = '0.45.1';

export default scenario({
  name: 'upgrade-after-rollback',
  title: 'roll back, upgrade the operator to 0.45.1, migrate again: a leftover /migration is still there',

  expected: {
    survives: 'A version whose own rollback deletes /migration leaves nothing that an upgrade would have to clean up.',
    unless: {
      'strimzi-kafka-operator#11262':
        'The leftover of 0.45.0 survives the upgrade, and the second migration wipes ZooKeeper under 0.45.1, too.',
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

    step('upgrade the operator', async ({ cluster }) => {
      if (olderThan(cluster.operatorVersion(), FIXED)) await cluster.upgradeOperator(FIXED);
      await cluster.waitForState('ZooKeeper');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
