/**
 * /migration exists without data when the migration begins: as zookeeper-security-migration.sh leaves it.
 *
 * Kafka 3.9.0 cannot read it, and the migration never begins (KAFKA-19480). Kafka 3.9.2 can.
 */
import { migrate, scenario, step } from 'remigrate';

export default scenario({
  name: 'migration-znode-without-data',
  title: '/migration exists without data before the first migration',

  expected: {
    survives: 'An empty /migration counts as none.',
    unless: {
      'KAFKA-19480': 'The driver fails to read /migration and tries again for ever: the migration does not begin.',
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('write /migration without data', async ({ cluster }) => {
      await cluster.writeZnode('/migration', null);
    }),
    step('migrate', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
