import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { messageOf, UsageError } from '../../errors.js';
import type { KubeObject } from '../../kubernetes/kube-object.js';

/** Strimzi's published installation manifests: a release's `install/cluster-operator`. */
export interface OperatorRelease {
  /** The file, folder or URL. */
  readonly source: string;
  /** SHA-256 of everything that was read, for the journal. */
  readonly checksum: string;
  readonly objects: readonly KubeObject[];
}

export interface ReadReleaseOptions {
  /** Replaces `{version}` in the source. */
  readonly version: string;
  /** Aborts a download. */
  readonly signal: AbortSignal;
}

const OPERATOR = 'strimzi-cluster-operator';

/**
 * Reads the manifests of an operator version.
 * @param source a YAML file, a folder of YAML files, or a URL; `{version}` in it is replaced by the version.
 * @throws UsageError when it cannot be read, or does not install the Cluster Operator.
 */
export async function readRelease(source: string, options: ReadReleaseOptions): Promise<OperatorRelease> {
  const place = placeOf(source, options.version);
  const texts = /^https?:\/\//.test(place) ? [await download(place, options.signal)] : readFiles(place);
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  const objects = texts.flatMap((text) => parseObjects(place, text));
  if (!objects.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === OPERATOR)) {
    throw new UsageError(
      `${place} has no Deployment ${OPERATOR}: use the folder install/cluster-operator of a Strimzi release, or its strimzi-cluster-operator-VERSION.yaml.`,
    );
  }
  return { source: place, checksum: hash.digest('hex'), objects };
}

/** The releases that a command needs, each read once. */
export class OperatorReleases {
  readonly #source: string;
  readonly #read = new Map<string, OperatorRelease>();

  /** @param source as for {@link readRelease}. */
  constructor(source: string) {
    this.#source = source;
  }

  /** The file, folder or URL of the manifests of a version. */
  placeOf(version: string): string {
    return placeOf(this.#source, version);
  }

  /** @throws as {@link readRelease} does. */
  async get(version: string, signal: AbortSignal): Promise<OperatorRelease> {
    const known = this.#read.get(version);
    if (known !== undefined) return known;
    const release = await readRelease(this.#source, { version, signal });
    this.#read.set(version, release);
    return release;
  }
}

function placeOf(source: string, version: string): string {
  return source.replaceAll('{version}', version);
}

function readFiles(place: string): readonly string[] {
  if (!existsSync(place)) {
    throw new UsageError(
      `There are no operator manifests at ${place}. Set --operator-manifests to a file, a folder or a URL; {version} in it is replaced by the version.`,
    );
  }
  try {
    return filesAt(place).map((file) => readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`The operator manifests cannot be read from ${place}: ${messageOf(error)}`, { cause: error });
  }
}

function filesAt(place: string): readonly string[] {
  return statSync(place).isDirectory()
    ? readdirSync(place)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(place, name))
    : [place];
}

async function download(url: string, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, { signal });
    if (response.ok) return await response.text();
    throw new Error(`the server answered ${response.status} ${response.statusText}`);
  } catch (error) {
    signal.throwIfAborted();
    throw new UsageError(`The operator manifests cannot be read from ${url}: ${messageOf(error)}`, { cause: error });
  }
}

function parseObjects(place: string, text: string): readonly KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new UsageError(`${place} is not valid YAML: ${messageOf(error)}`);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) return [];
    if (!isObject(value)) throw new UsageError(`${place} contains something that is not a Kubernetes object.`);
    return [value];
  });
}

function isObject(value: unknown): value is KubeObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<Record<keyof KubeObject, unknown>>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && isNamed(metadata);
}

function isNamed(metadata: unknown): boolean {
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata && typeof metadata.name === 'string';
}
