/** A migration without a rollback: all the way to KRaft, until ZooKeeper is deleted. */
import { finalize, migrate, scenario, step } from 'remigrate';

export default scenario({
  name: 'migrate-and-finalize',
  title: 'deploy, migrate, finalise: every topic and record in KRaft, ZooKeeper gone',

  expected: {
    survives: 'Nothing is rolled back: the controllers copy everything once, and KRaft keeps it.',
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

    step('finalise', async ({ cluster, topics }) => {
      await finalize(cluster);
      await topics.create('in-kraft');
    }),
  ],
});
