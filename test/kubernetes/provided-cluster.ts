import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { CacheFolder } from '../../src/distribution/cache.js';
import { KindCluster } from '../../src/environments/kubernetes/kind-cluster.js';
import { messageOf, UsageError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';
import { BASE_IMAGE } from '../images/kafka-image.js';
import { buildImages } from './stand-in/images/build-images.js';
import { strimziDefinitions } from './stand-in/install/crds.js';
import { writeRelease } from './stand-in/install/release.js';

/**
 * Provides what the tests on Kubernetes need: a cluster with the stand-in's images on its nodes, and the stand-in's
 * manifests for each operator version. The tests use these variables:
 *
 * - `REMIGRATE_TEST_KUBECONFIG`, `REMIGRATE_TEST_CONTEXT`: the cluster; if not set, the tests create a kind cluster;
 * - `REMIGRATE_TEST_CLUSTERS`: how many test files run at a time, each on its own kind cluster; 1 by default;
 * - `REMIGRATE_TEST_MANIFESTS`: for `--operator-manifests`; if it is set, the cluster's nodes must have the images;
 * - `REMIGRATE_TEST_IMAGES`: the images, separated by commas, for `--load-image`;
 * - `REMIGRATE_TEST_KIND`: `1` if kind is available, whichever cluster is used;
 * - `REMIGRATE_TEST_KIND_IMAGE`, `REMIGRATE_TEST_KIND_CONFIG`: another node image and its configuration;
 * - `REMIGRATE_TEST_IMAGE`: the base image with a Java 17 runtime, `eclipse-temurin:17-jre` by default.
 */
export const STAND_IN_VERSIONS = ['0.45.0', '0.45.1'] as const;
const KAFKA = '3.9.0';
/** Set by this file for worker-cluster.mjs: the contexts of the created clusters, one per jest worker. */
const CONTEXTS = 'REMIGRATE_TEST_CONTEXTS';
/** kind's names of contexts. */
const KIND_CONTEXT = /^kind-(.+)$/;

/**
 * Builds images and creates the cluster, or uses the given one, which it does not delete. If none is given and kind or
 * Docker is missing, it says so and creates nothing: the tests are skipped.
 * @returns removes what was created.
 */
export async function provideCluster(env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const given = givenCluster(env);
  const missing = await missingForKind(env);
  if (given === undefined && missing !== undefined) {
    progress(`SKIPPED: the tests on Kubernetes: ${missing}`);
    return async () => undefined;
  }
  env.REMIGRATE_TEST_IMAGE ??= BASE_IMAGE;
  if (missing === undefined) env.REMIGRATE_TEST_KIND = '1';
  else progress(`SKIPPED: the tests of --kind: ${missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'test-kubernetes-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const prepared = env.REMIGRATE_TEST_MANIFESTS !== undefined;
    if (!prepared) await provideStandIn(folder, env);
    if (given !== undefined) {
      if (!prepared) await provideImages(given, env);
      return remove;
    }
    const clusters = await createClusters(join(folder, 'kubeconfig'), env);
    return async () => {
      for (const cluster of clusters) await cluster.delete();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The context of a given cluster. @throws UsageError when only one of its two variables is set. */
function givenCluster(env: NodeJS.ProcessEnv): string | undefined {
  const { REMIGRATE_TEST_KUBECONFIG: kubeconfig, REMIGRATE_TEST_CONTEXT: context } = env;
  if ((kubeconfig === undefined) === (context === undefined)) {
    if (context === undefined || clustersWanted(env) === 1) return context;
    throw new UsageError(
      'Set either REMIGRATE_TEST_CLUSTERS or a cluster, not both: two test files cannot share one cluster.',
    );
  }
  throw new UsageError('Set both REMIGRATE_TEST_KUBECONFIG and REMIGRATE_TEST_CONTEXT, or neither.');
}

/** @returns why no cluster can be created here; undefined: one can. */
async function missingForKind(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await KindCluster.check(env, new AbortController().signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return messageOf(error);
  }
}

/** The stand-in's images in the local Docker, and its manifests. */
async function provideStandIn(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const images = await buildImages({
    base: env.REMIGRATE_TEST_IMAGE ?? BASE_IMAGE,
    kafkaVersions: [KAFKA],
    operatorVersions: STAND_IN_VERSIONS,
    progress,
  });
  const { files: definitions } = await strimziDefinitions(await CacheFolder.open(env), progress);
  for (const version of STAND_IN_VERSIONS) {
    writeRelease(join(folder, 'manifests', version), {
      version,
      operatorImage: images.operator[version] ?? '',
      kafkaImages: images.kafka,
      definitions,
    });
  }
  env.REMIGRATE_TEST_MANIFESTS = join(folder, 'manifests', '{version}');
  env.REMIGRATE_TEST_IMAGES = [...Object.values(images.kafka), ...Object.values(images.operator)].join(',');
}

/**
 * The images that the nodes of the tests' cluster need: the stand-in's images, and the base image for the tests' pods.
 */
function imagesOfNodes(env: NodeJS.ProcessEnv): readonly string[] {
  const ofStandIn = (env.REMIGRATE_TEST_IMAGES ?? '').split(',').filter((image) => image !== '');
  return [...ofStandIn, env.REMIGRATE_TEST_IMAGE ?? BASE_IMAGE];
}

async function provideImages(context: string, env: NodeJS.ProcessEnv): Promise<void> {
  const images = imagesOfNodes(env);
  const [, name] = KIND_CONTEXT.exec(context) ?? [];
  if (name === undefined) {
    progress(`${context} is not a kind cluster: its nodes must have, or be able to pull, ${images.join(', ')}`);
    return;
  }
  progress(`Loading ${images.join(', ')} onto the nodes of ${name}`);
  await execa('kind', ['load', 'docker-image', ...images, '--name', name], { env });
}

function clustersWanted({ REMIGRATE_TEST_CLUSTERS = '1' }: NodeJS.ProcessEnv): number {
  return Number(REMIGRATE_TEST_CLUSTERS);
}

/** Creates them one after another, to limit the load. If one cannot be created, the others are deleted. */
async function createClusters(kubeconfig: string, env: NodeJS.ProcessEnv): Promise<readonly KindCluster[]> {
  const clusters: KindCluster[] = [];
  try {
    for (let left = clustersWanted(env); left > 0; left -= 1) clusters.push(await createCluster(kubeconfig, env));
  } catch (error) {
    for (const cluster of clusters) await cluster.delete();
    throw error;
  }
  env.REMIGRATE_TEST_KUBECONFIG = kubeconfig;
  env[CONTEXTS] = clusters.map(({ context }) => context).join(',');
  return clusters;
}

function createCluster(kubeconfig: string, env: NodeJS.ProcessEnv): Promise<KindCluster> {
  return KindCluster.create({
    name: `remigrate-test-${randomBytes(3).toString('hex')}`,
    kubeconfig,
    configFile: env.REMIGRATE_TEST_KIND_CONFIG ?? join(packageRoot(), 'fixtures/kind/cluster.yaml'),
    ...(env.REMIGRATE_TEST_KIND_IMAGE === undefined ? {} : { image: env.REMIGRATE_TEST_KIND_IMAGE }),
    loadImages: imagesOfNodes(env),
    env,
    signal: new AbortController().signal,
    progress,
  });
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
