/**
 * What users affected by strimzi-kafka-operator#11262 must do: they rolled back with 0.45.0 last month, with the
 * controllers' volumes kept, and have used ZooKeeper since.
 *
 * They upgrade the operator, delete the controllers' claims and /migration by hand, migrate and finalise.
 */
import { disable, finalize, migrate, olderThan, rollBackBrokers, scenario, step } from 'remigrate';

/** The first version whose rollback deletes /migration. */
const FIXED = '0.45.1';

export default scenario({
  name: 'upgrade-cleanup-finalize',
  title:
    "roll back, upgrade the operator, delete the controllers' volumes and /migration by hand, migrate and finalise",

  expected: {
    survives: 'With empty volumes and without /migration the controllers copy everything; KRaft then has every topic.',
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
      await migrate(cluster, { deleteClaim: false });
      await topics.create('during');
      await topics.delete('short-lived');
    }),

    step('roll back', async ({ cluster, topics }) => {
      await rollBackBrokers(cluster);
      await cluster.deleteControllerPool();
      await disable(cluster);
      await topics.create('after-rollback');
    }),

    step('upgrade the operator', async ({ cluster }) => {
      if (olderThan(cluster.operatorVersion(), FIXED)) await cluster.upgradeOperator(FIXED);
      await cluster.waitForState('ZooKeeper');
    }),

    step('clean up by hand', async ({ cluster }) => {
      await cluster.deleteControllerVolumes();
      await cluster.deleteZnode('/migration');
    }),

    step('migrate again', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: false });
    }),

    step('finalise', async ({ cluster, topics }) => {
      await finalize(cluster);
      await topics.create('in-kraft');
    }),
  ],
});
