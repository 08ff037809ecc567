import { lookUpDocker } from '../../../src/distribution/docker.js';
import { KAFKA_VERSIONS } from '../../../src/distribution/kafka-versions.js';
import { BASE_IMAGE, buildKafkaImage } from '../../images/kafka-image.js';

/**
 * Provides what the tests in containers need: images of fixtures/images in the local Docker. These variables are used:
 *
 * - `REMIGRATE_TEST_DOCKER`: `1` if there is a Docker engine;
 * - `REMIGRATE_TEST_IMAGE`: the base image with a Java 17 runtime, `eclipse-temurin:17-jre` unless given;
 * - `REMIGRATE_TESTS`: if it is not set, only the image of Kafka 3.9.0 is built (test/tiers.js).
 *
 * Without Docker it says so and builds nothing: the tests are skipped.
 */
export async function provideImages(env: NodeJS.ProcessEnv): Promise<void> {
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const found = await lookUpDocker(env);
  if ('problem' in found) {
    progress(`SKIPPED: the tests in containers: ${found.problem} ${found.remedy}`);
    return;
  }
  env.REMIGRATE_TEST_IMAGE ??= BASE_IMAGE;
  const isDeep = env.REMIGRATE_TESTS !== undefined && env.REMIGRATE_TESTS !== '';
  const versions = isDeep ? KAFKA_VERSIONS.map(({ kafka }) => kafka) : ['3.9.0'];
  for (const kafkaVersion of versions)
    await buildKafkaImage({ base: env.REMIGRATE_TEST_IMAGE, kafkaVersion, progress });
  env.REMIGRATE_TEST_DOCKER = '1';
}
