import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import { CacheFolder } from '../../../../src/distribution/cache.js';
import { FAST_TIMINGS, SIZES } from '../../../../src/environments/replayed/overlay.js';
import { EnvironmentError } from '../../../../src/errors.js';
import { packageRoot } from '../../../../src/package-root.js';
import { BASE_IMAGE, buildImage, buildKafkaImage, inScratch } from '../../../images/kafka-image.js';
import { kafkaTools } from './kafka-tools.js';

/** The images of the stand-in. Every name shows that it is not Strimzi's. */
export interface StandInImages {
  /** Kafka and ZooKeeper, by Kafka version. */
  readonly kafka: Readonly<Record<string, string>>;
  /** The operator, by the Strimzi version whose profile it follows. */
  readonly operator: Readonly<Record<string, string>>;
}

export interface BuildOptions {
  /** An image with a Java 17 runtime, bash, grep, sed and awk, and glibc with libstdc++, which Node.js needs. */
  readonly base: string;
  readonly kafkaVersions: readonly string[];
  /** Profiles under `fixtures/operators/`. */
  readonly operatorVersions: readonly string[];
  readonly progress: (text: string) => void;
}

const REPOSITORY = 'localhost/remigrate-stand-in';
const HERE = dirname(fileURLToPath(import.meta.url));
/** Settings that only pods need, besides the timings of the local environment, with the reason. */
const POD_TIMINGS = {
  'socket.connection.setup.timeout.ms': {
    value: '1000',
    reason: 'the old address of a rolled pod does not answer: by default, a shutdown waits ten seconds for it',
  },
  'socket.connection.setup.timeout.max.ms': { value: '2000', reason: 'as above, after several attempts' },
} as const;
/** The packages that the operator's code imports; their dependencies are added. */
const PACKAGES = ['@kubernetes/client-node', '@platformatic/kafka', 'fastest-levenshtein', 'yaml', 'zod', 'zookeeper'];

export function standInImage(version: string): string {
  return `${REPOSITORY}/kafka:${version}`;
}

export function operatorImage(version: string): string {
  return `${REPOSITORY}/operator:${version}`;
}

/**
 * Builds the images with the local Docker engine; existing layers are reused.
 * @throws EnvironmentError with the end of Docker's output, UsageError if Kafka cannot be downloaded.
 */
export async function buildImages(options: BuildOptions): Promise<StandInImages> {
  const kafka: Record<string, string> = {};
  for (const version of options.kafkaVersions) {
    const image = await buildKafkaImage({ ...options, kafkaVersion: version });
    kafka[version] = standInImage(version);
    const tools = await kafkaTools(version, await CacheFolder.open(process.env), options.progress);
    inScratch((context) => {
      prepareKafka(context, tools);
      buildImage(context, standInImage(version), { KAFKA: image }, options.progress);
    });
  }
  const operator: Record<string, string> = {};
  inScratch((context) => {
    prepareOperator(context);
    for (const version of options.operatorVersions) {
      operator[version] = operatorImage(version);
      buildImage(context, operatorImage(version), { BASE: options.base, PROFILE: version }, options.progress);
    }
  });
  return { kafka, operator };
}

/** @param tools the jar of Kafka's command line tools, if it is there. */
function prepareKafka(context: string, tools: string | undefined): void {
  cpSync(join(HERE, 'kafka', 'Dockerfile'), join(context, 'Dockerfile'));
  mkdirSync(join(context, 'scripts'));
  mkdirSync(join(context, 'libs'));
  // Docker reuses the layer only if the time is the same, too.
  if (tools !== undefined) cpSync(tools, join(context, 'libs', basename(tools)), { preserveTimestamps: true });
  for (const script of readdirSync(join(HERE, 'kafka')).filter((name) => name.endsWith('.sh'))) {
    cpSync(join(HERE, 'kafka', script), join(context, 'scripts', script));
  }
  const timings = Object.entries({ ...SIZES, ...FAST_TIMINGS, ...POD_TIMINGS }).map(
    ([key, { value }]) => `${key}=${value}\n`,
  );
  const why = "# remigrate's own timings and sizes (src/environments/replayed/overlay.ts), not Strimzi's.\n";
  writeFileSync(join(context, 'scripts', 'stand-in.properties'), `\n${why}${timings.join('')}`);
}

function prepareOperator(context: string): void {
  const root = packageRoot();
  const app = join(context, 'app');
  mkdirSync(app);
  cpSync(join(HERE, 'operator', 'Dockerfile'), join(context, 'Dockerfile'));
  cpSync(process.execPath, join(context, 'node'));
  cpSync(join(root, 'package.json'), join(app, 'package.json'));
  cpSync(join(root, 'fixtures', 'operators'), join(app, 'fixtures', 'operators'), { recursive: true });
  for (const folder of ['src', 'test/kubernetes/stand-in/operator']) transpile(root, join(root, folder), app);
  for (const folder of closure(root, PACKAGES)) {
    cpSync(folder, join(app, relative(root, folder)), {
      recursive: true,
      filter: (from) => !/\/zookeeper\/(deps|examples|tests)$|\/obj\.target$/.test(from),
    });
  }
}

/** Strips the types file by file and keeps the imports: no bundler is needed. */
function transpile(root: string, folder: string, app: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      filename: file,
      sourceMaps: 'inline',
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
      swcrc: false,
    });
    const to = join(app, relative(root, file).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, code);
  }
}

/** The folders of packages and of all their dependencies, in npm's layout. */
function closure(root: string, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string, from: string, optional: boolean): void => {
    for (let folder = from; ; folder = dirname(folder)) {
      const candidate = join(folder, 'node_modules', name);
      if (existsSync(join(candidate, 'package.json'))) {
        if (found.has(candidate)) return;
        found.add(candidate);
        const manifest = JSON.parse(readFileSync(join(candidate, 'package.json'), 'utf8')) as {
          readonly dependencies?: Record<string, string>;
          readonly optionalDependencies?: Record<string, string>;
        };
        for (const next of Object.keys(manifest.dependencies ?? {})) visit(next, candidate, false);
        for (const next of Object.keys(manifest.optionalDependencies ?? {})) visit(next, candidate, true);
        return;
      }
      if (folder === root) break;
    }
    if (!optional) throw new EnvironmentError(`the package ${name} is not installed: run npm ci`);
  };
  for (const name of names) visit(name, root, false);
  return found;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [base = BASE_IMAGE, kafka = '3.9.0', operators = '0.45.0,0.45.1'] = process.argv.slice(2);
  const images = await buildImages({
    base,
    kafkaVersions: kafka.split(','),
    operatorVersions: operators.split(','),
    progress: (text) => console.error(text),
  });
  console.log(JSON.stringify(images, null, 2));
}
