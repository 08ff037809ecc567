import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheFolder } from '../../src/distribution/cache.js';
import { KindCluster } from '../../src/environments/kubernetes/api/kind.js';
import { messageOf, UsageError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { buildImages } from './stand-in/images/build-images.js';
import { strimziDefinitions } from './stand-in/install/crds.js';
import { writeRelease } from './stand-in/install/release.js';

/**
 * What the tests on Kubernetes run on: a kind cluster of their own with the stand-in's images on its node, and the
 * stand-in's manifests for each operator version. They find it by these variables:
 *
 * - `REMIGRATE_TEST_KUBECONFIG`, `REMIGRATE_TEST_CONTEXT`: the cluster;
 * - `REMIGRATE_TEST_MANIFESTS`: for `--operator-manifests`;
 * - `REMIGRATE_TEST_IMAGES`: the images, separated by commas, for `--load-image`;
 * - `REMIGRATE_TEST_KIND_IMAGE`, `REMIGRATE_TEST_KIND_CONFIG`: given by whoever has a node image of his own;
 * - `REMIGRATE_TEST_IMAGE`: the base image with a Java 17 runtime, `eclipse-temurin:17-jre` unless given.
 */
export const STAND_IN_VERSIONS = ['0.45.0', '0.45.1'] as const;
const KAFKA = '3.9.0';
const BASE = 'eclipse-temurin:17-jre';

/**
 * Builds images and makes the cluster; where there is no kind or no Docker, says so and makes nothing: the tests are skipped.
 * @returns removes what was made.
 */
export async function provideCluster(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const base = env.REMIGRATE_TEST_IMAGE ?? BASE;
  try {
    await KindCluster.check(env, new AbortController().signal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    progress(`SKIPPED: the tests on Kubernetes: ${messageOf(error)}`);
    return async () => undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'test-kubernetes-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    const images = await buildImages({
      base,
      kafkaVersions: [KAFKA],
      operatorVersions: STAND_IN_VERSIONS,
      progress,
    });
    const all = [...Object.values(images.kafka), ...Object.values(images.operator)];
    const { files: definitions } = await strimziDefinitions(await CacheFolder.open(env), progress);
    for (const version of STAND_IN_VERSIONS) {
      writeRelease(join(folder, 'manifests', version), {
        version,
        operatorImage: images.operator[version] ?? '',
        kafkaImages: images.kafka,
        definitions,
      });
    }
    const cluster = await KindCluster.create({
      name: `remigrate-test-${randomBytes(3).toString('hex')}`,
      kubeconfig,
      configFile: env.REMIGRATE_TEST_KIND_CONFIG ?? join(packageRoot(), 'fixtures/kind/cluster.yaml'),
      ...(env.REMIGRATE_TEST_KIND_IMAGE === undefined ? {} : { image: env.REMIGRATE_TEST_KIND_IMAGE }),
      loadImages: [...all, base],
      env,
      signal: new AbortController().signal,
      progress,
    });
    env.REMIGRATE_TEST_KUBECONFIG = kubeconfig;
    env.REMIGRATE_TEST_CONTEXT = cluster.context;
    env.REMIGRATE_TEST_MANIFESTS = join(folder, 'manifests', '{version}');
    env.REMIGRATE_TEST_IMAGES = all.join(',');
    env.REMIGRATE_TEST_IMAGE = base;
    env.REMIGRATE_TEST_KIND = '1';
    return async () => {
      await cluster.delete();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
