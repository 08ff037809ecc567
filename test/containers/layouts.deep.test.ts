import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { kafkaImage } from '../images/kafka-image.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { expectExitCode } from '../scenarios/support.js';
import { describeInDocker, IN_CONTAINERS } from './support/in-docker.js';
import { TestImages } from './support/test-images.js';

const TEST_TIMEOUT_MS = 240_000;

/** Starts and formats every kind of node once, and a broker twice on the same volume. */
const MIGRATE_ONLY = `import { migrate, scenario, step } from 'remigrate';
export default scenario({
  name: 'migrate-only',
  title: 'deploy and migrate',
  expected: { survives: 'A first migration copies everything.' },
  steps: [
    step('deploy', async ({ cluster, topics }) => {
      await cluster.deploy();
      await topics.create('before');
    }),
    step('migrate', async ({ cluster }) => {
      await migrate(cluster, { deleteClaim: true });
    }),
  ],
});
`;

/**
 * Layouts of images that may not be available, on top of ours: users, owners of folders, variables, entry points and
 * volumes, as in the Dockerfiles of apache/kafka (docker/jvm) and strimzi-kafka-operator
 * (docker-images/kafka-based/kafka).
 */
const LAYOUTS = [
  [
    "Apache's",
    [
      'USER 0',
      'RUN rm -f /opt/kafka/*.jsa && useradd --uid 1000 --create-home appuser && mkdir -p /etc/kafka/secrets /mnt/shared/config /var/lib/kafka/data',
      'RUN chown -R appuser /opt/kafka /mnt/shared/config && chown -R appuser:root /var/lib/kafka /etc/kafka',
      'VOLUME ["/etc/kafka/secrets", "/var/lib/kafka/data", "/mnt/shared/config"]',
      'USER appuser',
      'ENTRYPOINT ["/__cacert_entrypoint.sh"]',
      'CMD ["/etc/kafka/docker/run"]',
    ],
  ],
  [
    "Strimzi's",
    [
      'USER 0',
      // Java only in JAVA_HOME.
      'RUN rm -f /opt/kafka/*.jsa && useradd -r -m --uid 1002 -g 0 kafka && ln -s "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")" /opt/jre && rm -f /usr/bin/java',
      'ENV KAFKA_HOME=/opt/kafka JAVA_HOME=/opt/jre PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'WORKDIR /opt/kafka',
      'USER 1002',
    ],
  ],
  ['one that runs as root', ['USER 0', 'RUN rm -f /opt/kafka/*.jsa']],
] as const;

describeInDocker('nodes in containers', () => {
  let place: Place;
  const images = new TestImages();
  beforeEach(async () => {
    place = await makePlace();
    await writeFile(join(place.folder, 'migrate-only.ts'), MIGRATE_ONLY);
  });
  afterEach(async () => {
    await images.delete();
    await removePlace(place);
  });

  const RUN = ['run', './migrate-only.ts', '--operator', '0.45.1'] as const;

  it.each(LAYOUTS)(
    'run in an image laid out like %s',
    async (_whose, lines) => {
      const image = await images.build([`FROM ${kafkaImage('3.9.0')}`, ...lines]);
      const before = await anonymousVolumes();
      const result = await remigrate(place, [...RUN, '--env', 'containers', '--image', image]);
      expect(result.all).toContain('SURVIVED as expected');
      expectExitCode(result, 0);
      // The volumes that the image declares have no name and no label.
      expect(await anonymousVolumes()).toEqual(before);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'leave their volumes with --keep, which shows how to delete them',
    async () => {
      const result = await remigrate(place, [...RUN, ...IN_CONTAINERS, '--keep']);
      expectExitCode(result, 0);
      const [, command = '', label = ''] =
        /To delete them: (docker volume rm \$\(docker volume ls --quiet --filter label=(\S+)\))$/m.exec(result.all) ??
        [];
      const kept = await volumes(`label=${label}`);
      expect(kept).toHaveLength(3);
      const { stdout } = await execa('docker', ['ps', '--all', '--quiet', '--filter', `label=${label}`]);
      expect(stdout).toBe('');
      await execa('sh', ['-c', command]);
      expect(await volumes(`label=${label}`)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  async function volumes(filter: string): Promise<readonly string[]> {
    const { stdout } = await execa('docker', ['volume', 'ls', '--quiet', '--filter', filter], { lines: true });
    return stdout.filter((line) => line !== '').toSorted();
  }

  /** Those without a container: another run on this machine may have some with a container. */
  async function anonymousVolumes(): Promise<readonly string[]> {
    return (await volumes('dangling=true')).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }
});
