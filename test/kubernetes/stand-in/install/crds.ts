import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { CacheFolder } from '../../../../src/distribution/cache.js';

/** Definitions, by the name of their file in Strimzi's release. */
export type DefinitionFiles = Readonly<Record<string, string>>;

export interface Definitions {
  readonly files: DefinitionFiles;
  /** `generated` from Strimzi's own classes, or `minimal` ones of this file, which validate nothing. */
  readonly origin: 'generated' | 'minimal';
}

/**
 * The newest 0.45 whose `api` and `crd-generator` are on Maven Central; 0.45.1's definitions differ in descriptions.
 */
const STRIMZI_VERSION = '0.45.0';
const HERE = dirname(fileURLToPath(import.meta.url));
const GENERATED = {
  '040-Crd-kafka.yaml': 'io.strimzi.api.kafka.model.kafka.Kafka',
  '042-Crd-strimzipodset.yaml': 'io.strimzi.api.kafka.model.podset.StrimziPodSet',
  '04A-Crd-kafkanodepool.yaml': 'io.strimzi.api.kafka.model.nodepool.KafkaNodePool',
} as const;
const GIVE_UP_AFTER_MS = 10 * 60_000;

/**
 * Strimzi's definitions of Kafka, StrimziPodSet and KafkaNodePool: generated once by `mvn` and `java` into the cache,
 * from Strimzi's published artifacts; if that is not possible, minimal ones that accept anything.
 */
export async function strimziDefinitions(cache: CacheFolder, progress: (text: string) => void): Promise<Definitions> {
  const folder = cache.join('stand-in', `crds-${STRIMZI_VERSION}`);
  try {
    await cache.withLock('stand-in-crds', (lost) => generate(folder, lost, progress), {
      progress,
      signal: AbortSignal.timeout(GIVE_UP_AFTER_MS),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    progress(`Strimzi's definitions cannot be generated (${why}): minimal ones without a schema are used instead.`);
    return { files: minimal(), origin: 'minimal' };
  }
  const files = Object.keys(GENERATED).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
  return { files: Object.fromEntries(files), origin: 'generated' };
}

async function generate(folder: string, signal: AbortSignal, progress: (text: string) => void): Promise<void> {
  if (existsSync(folder)) return;
  progress(`Generating the CustomResourceDefinitions of Strimzi ${STRIMZI_VERSION} with mvn and java`);
  const scratch = `${folder}.partial`;
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(join(scratch, 'out'), { recursive: true });
  const run = { cancelSignal: signal, timeout: GIVE_UP_AFTER_MS, stdin: 'ignore' } as const;
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies';
  const libs = join(scratch, 'libs');
  const pom = ['-B', '-f', join(HERE, 'pom.xml'), `-Dstrimzi.version=${STRIMZI_VERSION}`, `-DoutputDirectory=${libs}`];
  await execa('mvn', [...pom, goal], run);
  await execa(
    'java',
    [
      '-cp',
      join(libs, '*'),
      'io.strimzi.crdgenerator.CrdGenerator',
      // Like Strimzi's own build for install/cluster-operator (0.45.0 api/pom.xml).
      ...['--yaml', '--target-kube', '1.16+', '--api-versions', 'v1beta2', '--storage-version', 'v1beta2'],
      ...['--label', 'app:strimzi', '--label', 'strimzi.io/crd-install:true'],
      ...Object.entries(GENERATED).map(([file, model]) => `${model}=${join(scratch, 'out', file)}`),
    ],
    run,
  );
  renameSync(join(scratch, 'out'), folder);
  rmSync(scratch, { recursive: true, force: true });
}

/** Definitions with a status and no schema: the API server accepts anything. */
function minimal(): DefinitionFiles {
  const one = (group: string, kind: string, plural: string): string =>
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: `${plural}.${group}`,
        labels: { app: 'strimzi', 'strimzi.io/crd-install': 'true' },
      },
      spec: {
        group,
        names: { kind, listKind: `${kind}List`, singular: kind.toLowerCase(), plural, categories: ['strimzi'] },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1beta2',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
            },
          },
        ],
      },
    });
  return {
    '040-Crd-kafka.yaml': one('kafka.strimzi.io', 'Kafka', 'kafkas'),
    '042-Crd-strimzipodset.yaml': one('core.strimzi.io', 'StrimziPodSet', 'strimzipodsets'),
    '04A-Crd-kafkanodepool.yaml': one('kafka.strimzi.io', 'KafkaNodePool', 'kafkanodepools'),
  };
}
