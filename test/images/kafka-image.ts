import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CacheFolder } from '../../src/distribution/cache.js';
import { resolveKafka } from '../../src/distribution/kafka.js';
import { EnvironmentError } from '../../src/errors.js';
import { packageRoot } from '../../src/package-root.js';

export interface KafkaImageOptions {
  /** An image with a Java 17 runtime, bash and grep. */
  readonly base: string;
  readonly kafkaVersion: string;
  readonly progress: (text: string) => void;
}

/** The default base image, the same as in fixtures/images/Dockerfile. */
export const BASE_IMAGE = 'eclipse-temurin:17-jre';

/** The name of the image of fixtures/images for a Kafka version, or, with `{kafka}`, for any. */
export function kafkaImage(version: string): string {
  return `localhost/remigrate/kafka:${version}`;
}

/**
 * Builds the image of fixtures/images with the local Docker engine, which reuses existing layers.
 * @returns its name.
 * @throws EnvironmentError with the end of Docker's output, UsageError if Kafka is not available.
 */
export async function buildKafkaImage({ base, kafkaVersion, progress }: KafkaImageOptions): Promise<string> {
  const { classpath } = await resolveKafka({
    version: kafkaVersion,
    env: process.env,
    cache: await CacheFolder.open(process.env),
    progress,
  });
  const tag = kafkaImage(kafkaVersion);
  inScratch((context) => {
    cpSync(join(packageRoot(), 'fixtures', 'images'), context, { recursive: true });
    mkdirSync(join(context, 'libs'));
    for (const jar of classpath) cpSync(jar, join(context, 'libs', basename(jar)), { preserveTimestamps: true });
    buildImage(context, tag, { BASE: base }, progress);
  });
  return tag;
}

/** Does `work` with a folder that is deleted afterwards. */
export function inScratch(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'remigrate-image-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `docker build` of a folder with a Dockerfile. @throws EnvironmentError with the end of Docker's output. */
export function buildImage(
  context: string,
  tag: string,
  args: Readonly<Record<string, string>>,
  progress: (text: string) => void,
): void {
  progress(`Building ${tag}`);
  const buildArguments = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const result = spawnSync('docker', ['build', '-t', tag, ...buildArguments, context], {
    encoding: 'utf8',
    // The classic builder: it does not query a registry if the base image is local.
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return;
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd().split('\n').slice(-15).join('\n');
  throw new EnvironmentError(`docker build of ${tag} failed (${result.error?.message ?? result.status}):\n${output}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [kafkaVersion = '3.9.0', base = process.env.REMIGRATE_TEST_IMAGE ?? BASE_IMAGE] = process.argv.slice(2);
  console.log(await buildKafkaImage({ base, kafkaVersion, progress: (text) => console.error(text) }));
}
