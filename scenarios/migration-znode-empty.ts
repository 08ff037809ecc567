/**
 * Like migration-znode-without-data, but /migration has empty data (length 0), not none: `set /migration ""`.
 *
 * Kafka 3.9.2 recreates /migration only if it has no data (KAFKA-19480); with empty data the migration never begins there,
 * either.
 */
import { migrate, scenario, step } from 'remigrate';

export default scenario({
  name: 'migration-znode-empty',
  title: '/migration exists with empty data before the first migration',

  expected: {
    survives: 'A /migration with empty data counts as none.',
    unless: {
      'empty-migration-znode':
        'The driver fails to read /migration and tries again for ever: the migration does not begin.',
    },
  },

  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('write empty data to /migration', async ({ cluster }) => {
      await cluster.writeZnode('/migration', '');
    }),
    step('migrate', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
