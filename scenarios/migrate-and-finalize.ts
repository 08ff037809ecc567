/** The migration that goes well: all the way to KRaft, with ZooKeeper gone. */
import { finalize, migrate, scenario, step } from 'remigrate';

export default scenario({
  name: 'migrate-and-finalize',
  title: 'deploy, migrate, finalise: every topic and record in KRaft, ZooKeeper gone',

  expected: {
    survives: 'Nothing was ever rolled back: the controllers copy everything once, and KRaft goes on with it.',
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
