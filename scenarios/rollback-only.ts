/**
 * A user migrates, rolls back, and stays on ZooKeeper for a while.
 *
 * Afterwards it must be a full ZooKeeper cluster again: topics can be created, altered and deleted, and a broker can be
 * restarted. What the rollback leaves behind is reported, even though it does no harm yet.
 */
import { migrate, rollback, scenario, step } from 'remigrate';

export default scenario({
  name: 'rollback-only',
  title: 'deploy, migrate, roll back: a full ZooKeeper cluster again',

  expected: {
    survives: 'The brokers are back in ZooKeeper mode, one of them is the controller, and ZooKeeper has every topic.',
    unless: {
      'strimzi-kafka-operator#11262':
        'Nothing is lost here, but /migration remains: the next migration will assume that the copy has been done.',
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
      await rollback(cluster);
    }),

    step('create, alter and delete topics', async ({ topics }) => {
      await topics.create('after-rollback');
      await topics.alter('before-1', { 'retention.ms': '864000001' });
      await topics.delete('during-compacted');
    }),

    step('restart a broker', async ({ cluster }) => {
      await cluster.restartBroker(0);
    }),
  ],
});
