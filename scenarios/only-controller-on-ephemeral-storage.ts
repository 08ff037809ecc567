/**
 * The only controller has ephemeral storage, and its pod is replaced after the migration: a drain or an eviction is enough.
 *
 * Its metadata log ends with the pod. The documentation says that a single ephemeral controller does not work
 * (Strimzi 0.45.1 proc-deploy-migrate-kraft.adoc:43-45); strimzi#10187 is what follows: the broker's metadata log is ahead
 * of the new one, the broker ends, and the controllers do not register it again.
 */
import { migrate, scenario, step } from 'remigrate';

export default scenario({
  name: 'only-controller-on-ephemeral-storage',
  title: 'the only controller has ephemeral storage and its pod is replaced after the migration',

  expected: {
    survives: "The controllers' metadata log outlives their pods.",
    unless: {
      'strimzi-kafka-operator#10187':
        "The controller's log is empty after the restart, and the brokers' logs are ahead of it.",
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('migrate', async ({ cluster, topics }) => {
      await migrate(cluster, { storage: 'ephemeral' });
      await topics.create('during');
    }),

    step('restart the controller', async ({ cluster }) => {
      await cluster.restartController(1);
      await cluster.crashed('broker-0');
      await cluster.restartBroker(0);
    }),
  ],
});
