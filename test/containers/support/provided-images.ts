import { lookUpDocker } from '../../../src/distribution/docker.js';
import { KAFKA_VERSIONS } from '../../../src/distribution/kafka-versions.js';
import { BASE_IMAGE, buildKafkaImage } from '../../images/kafka-image.js';

/**
 * What the tests in containers run on: images of fixtures/images in the local Docker. They find it by these variables:
 *
 * - `REMIGRATE_TEST_DOCKER`: `1` where there is a Docker engine;
 * - `REMIGRATE_TEST_IMAGE`: the base image with a Java 17 runtime, `eclipse-temurin:17-jre` unless given;
 * - `REMIGRATE_TESTS`: where it is not set, the images of Kafka 3.9.0 are enough (test/tiers.js).
 *
 * Where there is no Docker it says so and makes nothing: the tests are skipped.
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
