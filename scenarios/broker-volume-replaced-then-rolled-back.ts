/**
 * A broker loses its volume after the migration, gets a new one, and the user rolls back.
 *
 * In KRaftPostMigration a new volume is formatted by kafka-storage.sh, which writes version 1 into meta.properties. A
 * broker in ZooKeeper mode accepts only version 0 (KAFKA-20762), so the broker does not start any more once the rollback
 * has ended, and the controllers, the only way back, are deleted by then.
 */
import { migrate, rollback, scenario, step } from 'remigrate';

const BROKER = 2;

export default scenario({
  name: 'broker-volume-replaced-then-rolled-back',
  title: 'a broker gets a new volume after the migration, then the user rolls back: it does not start any more',
  topology: { brokers: 3 },

  expected: {
    survives: 'A broker whose volume was replaced in KRaft mode runs in ZooKeeper mode after the rollback.',
    unless: {
      'KAFKA-20762':
        'meta.properties on the new volume has version 1, and a broker in ZooKeeper mode ends at every start.',
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

    step(`replace the volume of broker ${BROKER}`, async ({ cluster, topics }) => {
      await cluster.replaceBrokerVolume(BROKER);
      await topics.create('during');
    }),

    step('roll back', async ({ cluster }) => {
      await rollback(cluster);
    }),
  ],
});
