/**
 * The user pauses the reconciliation while the rollback waits in KRaftDualWriting, finishes the rollback, and ends the
 * pause: a GitOps tool or a maintenance window is enough.
 *
 * A pause removes the state from the status (Strimzi 0.45.1 AbstractOperator.java:227-243). The operator then begins with
 * the state ZooKeeper, where it deletes neither /controller nor /migration (docs/findings).
 */
import { migrate, rollBackBrokers, scenario, step } from 'remigrate';

export default scenario({
  name: 'paused-in-dual-write',
  title: 'the reconciliation is paused while the rollback is finished: both znodes stay',

  expected: {
    survives: 'The operator still knows after a pause that a rollback is in progress.',
    unless: {
      'pause-removes-state':
        'The status has no state after the pause: both znodes stay, and no broker is the controller.',
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

    step('roll the brokers back', async ({ cluster }) => {
      await rollBackBrokers(cluster);
    }),

    step('finish the rollback during a pause', async ({ cluster }) => {
      await cluster.pauseReconciliation();
      await cluster.deleteControllerPool();
      await cluster.annotate('disabled');
      await cluster.resumeReconciliation();
      await cluster.waitForState('ZooKeeper');
    }),
  ],
});
