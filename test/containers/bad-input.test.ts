import { chmod } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { kafkaImage } from '../images/kafka-image.js';
import {
  expectNothingLeft,
  expectRefusal,
  makePlace,
  type Place,
  remigrate,
  removePlace,
} from '../integration/support/command.js';
import { atLine } from '../integration/support/moments.js';
import { describeInDocker, IN_CONTAINERS, labelOfCall, ofCall } from './support/in-docker.js';
import { TestImages } from './support/test-images.js';

const TEST_TIMEOUT_MS = 240_000;
const RUN = ['run', 'rollback-only', '--operator', '0.45.1', '--env', 'containers'] as const;

/** Root may use every socket, unless it drops that capability. */
const WITHOUT_PRIVILEGES =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-all'] : [];

describe('--env containers without a usable Docker engine', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  const refused = (host: string, sentences: readonly (string | RegExp)[], through: readonly string[] = []) =>
    expectRefusal(place, RUN, { exitCode: 2, sentences, env: { DOCKER_HOST: host }, through });

  /** Does the work while a server that is not a Docker engine listens. @param work is called with its socket. */
  async function besideServer(work: (socket: string) => Promise<void>): Promise<void> {
    const socket = join(place.folder, 'docker.sock');
    const server = createServer((_request, response) => response.end('no'));
    await new Promise<void>((resolve) => server.listen(socket, () => resolve()));
    try {
      await work(socket);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it(
    'is refused if no engine listens at the socket',
    async () => {
      const host = `unix://${place.folder}/docker.sock`;
      await refused(host, [`Docker does not respond at ${host}`, 'Start it']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is refused if the server is not a Docker engine',
    () => besideServer((socket) => refused(`unix://${socket}`, ['the server there is not a Docker engine'])),
    TEST_TIMEOUT_MS,
  );

  it(
    'is refused if this user may not use the socket',
    () =>
      besideServer(async (socket) => {
        await chmod(socket, 0);
        const denied = `Your user may not use Docker: permission denied for unix://${socket}.`;
        await refused(`unix://${socket}`, [denied, 'Add your user to the group docker'], WITHOUT_PRIVILEGES);
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'is refused if DOCKER_HOST is an ssh address',
    async () => {
      await refused('ssh://lab', ['DOCKER_HOST is ssh://lab', 'forward its socket']);
    },
    TEST_TIMEOUT_MS,
  );
});

describeInDocker('containers of an image', () => {
  let place: Place;
  const images = new TestImages();
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(async () => {
    await images.delete();
    await removePlace(place);
  });

  const refused = (name: string, sentences: readonly (string | RegExp)[], more: readonly string[] = []) =>
    expectRefusal(place, [...RUN, '--image', name, ...more], { exitCode: 2, sentences, env: {} });

  it(
    'that does not exist are refused, with the message of Docker',
    async () => {
      const name = 'localhost/remigrate-test/none:1';
      await refused(name, [
        `Pulling ${name}`,
        `The image ${name} is not available locally and cannot be pulled`,
        '--image',
      ]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'with a name that Docker does not accept are refused',
    async () => {
      await refused('Not An Image', [
        '"Not An Image" is not the name of an image: it contains invalid characters',
        '--image',
      ]);
      await refused('Upper:Case', ['"Upper:Case" is not the name of an image: ', '--image']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'without Kafka are refused',
    async () => {
      await refused(process.env.REMIGRATE_TEST_IMAGE ?? '', ['does not contain Kafka', '--image']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of Kafka 4, which has no ZooKeeper, are refused',
    async () => {
      const libs = '/opt/kafka/libs';
      const name = await images.build([
        `FROM ${process.env.REMIGRATE_TEST_IMAGE}`,
        `RUN mkdir -p ${libs} && touch ${libs}/kafka_2.13-4.0.0.jar ${libs}/kafka-clients-4.0.0.jar`,
      ]);
      await refused(name, ['holds Kafka 4.0.0 without ZooKeeper: there is nothing to migrate from', 'Kafka 3.9.0']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'of another Kafka version are refused',
    async () => {
      await refused(kafkaImage('3.9.0'), ['holds Kafka 3.9.0, but this run needs Kafka 3.8.1'], ['--kafka', '3.8.1']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'without a shell are refused',
    async () => {
      const name = await images.build(['FROM scratch', 'COPY Dockerfile /']);
      await refused(name, [`Nodes cannot be started in the image ${name}, because it has no shell`]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'whose node is killed from outside: inconclusive, exit 3, with the end of its log',
    async () => {
      const run = remigrate(place, ['run', 'rollback-remigrate', '--operator', '0.45.1', ...IN_CONTAINERS]);
      const result = await atLine(
        run,
        'state ZooKeeper -> KRaftMigration',
        async () => {
          // Only this run's: another run on this machine has a container of the same name.
          const ours = ofCall(await labelOfCall(place));
          const { stdout } = await execa(
            'docker',
            ['ps', '--quiet', ...ours, '--filter', 'name=my-cluster-controller-1$'],
            {
              lines: true,
            },
          );
          expect(stdout).toHaveLength(1);
          for (const id of stdout) await execa('docker', ['kill', id]);
        },
        150_000,
      );
      expect(result.all).toMatch(
        /my-cluster-controller-1 exited unexpectedly \(SIGKILL\)\. The run did not send this signal: .* Its last log line: \S/,
      );
      expect(result.exitCode).toBe(3);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
