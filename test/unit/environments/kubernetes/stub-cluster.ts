import type { ServerResponse } from 'node:http';
import type { KubeApi } from '../../../../src/kubernetes/kube-api.js';
import type { KubeObject, ObjectMeta } from '../../../../src/kubernetes/kube-object.js';
import { json, type Received, StubApiServer, status } from '../../kubernetes/stub-api-server.js';

/** An object as the store keeps it: everything else is the test's. */
type Stored = KubeObject & { readonly metadata: ObjectMeta & { readonly resourceVersion: string } };

interface Watcher {
  readonly collection: RegExp;
  readonly response: ServerResponse;
}

/**
 * A stub API server that keeps objects: they can be listed (by label, too), read, created, applied, patched and deleted.
 * Each change gives an object another resourceVersion. Deleting a namespace deletes what is in it.
 */
export class StubCluster {
  readonly server: StubApiServer;
  /** Called before a request is answered, for what happens at the same time. */
  before: (request: Received) => void = () => undefined;
  /** The Date header of every response; undefined: the machine's time. */
  time: number | undefined;
  readonly #objects = new Map<string, Stored>();
  readonly #watchers = new Set<Watcher>();
  #version = 0;

  private constructor(server: StubApiServer) {
    this.server = server;
    server.answer = (request, response) => {
      this.before(request);
      this.#date(response);
      this.#answer(request, response);
    };
    server.version = (_request, response) => {
      this.#date(response);
      json(response, 200, { major: '1', minor: '33', gitVersion: 'v1.33.13' });
    };
  }

  static async start(): Promise<StubCluster> {
    return new StubCluster(await StubApiServer.start());
  }

  connect(): Promise<KubeApi> {
    return this.server.connect();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** @param path `/api/v1/namespaces/demo`. */
  put(path: string, object: object): Stored {
    const before = this.#objects.get(path);
    const { metadata = {}, ...rest } = object as { readonly metadata?: object };
    const name = lastPart(path);
    const stored = {
      ...rest,
      metadata: { name, uid: `uid-of-${name}`, ...metadata, resourceVersion: String(++this.#version) },
    } as Stored;
    this.#objects.set(path, stored);
    this.#report(before === undefined ? 'ADDED' : 'MODIFIED', path, stored);
    return stored;
  }

  get<T extends KubeObject>(path: string): T | undefined {
    return this.#objects.get(path) as T | undefined;
  }

  delete(path: string): void {
    const object = this.#objects.get(path);
    if (object === undefined) return;
    this.#objects.delete(path);
    for (const inside of this.paths().filter((one) => one.startsWith(`${path}/`) || one.includes(inNamespace(path)))) {
      this.delete(inside);
    }
    this.#report('DELETED', path, object);
  }

  /** The paths of all objects, in order. */
  paths(): readonly string[] {
    return [...this.#objects.keys()].sort();
  }

  #answer(request: Received, response: ServerResponse): void {
    const { method, url } = request;
    if (method === 'GET' && url.searchParams.has('watch')) {
      this.#watchers.add({ collection: collectionOf(url.pathname), response });
      response.writeHead(200).flushHeaders();
      return;
    }
    const answer = method === 'GET' ? this.#read(url) : this.#change(request);
    if (typeof answer === 'string') status(response, answer === 'NotFound' ? 404 : 409, answer);
    else json(response, 200, answer);
  }

  /** @returns the object, or the reason of a refusal. */
  #change({ method, url, headers, body }: Received): Stored | string {
    const present = this.#objects.get(url.pathname);
    if (method === 'POST') {
      const path = `${url.pathname}/${(body as KubeObject).metadata.name}`;
      return this.#objects.has(path) ? 'AlreadyExists' : this.put(path, body as object);
    }
    if (method === 'PATCH') {
      const isApply = headers['content-type'] === 'application/apply-patch+yaml';
      if (present === undefined && !isApply) return 'NotFound';
      return this.put(url.pathname, merged(present ?? {}, body as object));
    }
    if (present === undefined) return 'NotFound';
    const { preconditions = {} } = (body ?? {}) as { readonly preconditions?: Readonly<Record<string, string>> };
    const { uid = present.metadata.uid, resourceVersion = present.metadata.resourceVersion } = preconditions;
    if (uid !== present.metadata.uid || resourceVersion !== present.metadata.resourceVersion) return 'Conflict';
    this.delete(url.pathname);
    return present;
  }

  #read(url: URL): object | string {
    const object = this.#objects.get(url.pathname);
    if (object !== undefined) return object;
    if (!COLLECTIONS.has(lastPart(url.pathname))) return 'NotFound';
    const collection = collectionOf(url.pathname);
    const selector = url.searchParams.get('labelSelector') ?? '';
    const labels = selector === '' ? [] : selector.split(',').map((one) => one.split('='));
    const field = /^metadata\.name=(.*)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
    const items = this.paths().flatMap((path) => {
      const found = collection.test(path) ? this.#objects.get(path) : undefined;
      if (found === undefined || (field !== undefined && found.metadata.name !== field)) return [];
      const selected = labels.every(([label = '', value]) => {
        const has = found.metadata.labels?.[label];
        return has !== undefined && (value === undefined || has === value);
      });
      return selected ? [found] : [];
    });
    return { metadata: { resourceVersion: String(this.#version) }, items };
  }

  #report(type: string, path: string, object: Stored): void {
    for (const { collection, response } of this.#watchers) {
      if (collection.test(path)) response.write(`${JSON.stringify({ type, object })}\n`);
    }
  }

  #date(response: ServerResponse): void {
    if (this.time !== undefined) response.setHeader('Date', new Date(this.time).toUTCString());
  }
}

const COLLECTIONS: ReadonlySet<string> = new Set([
  'namespaces',
  'pods',
  'events',
  'leases',
  'clusterroles',
  'clusterrolebindings',
  'customresourcedefinitions',
  'persistentvolumes',
  'persistentvolumeclaims',
  'kafkas',
]);

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The paths of a collection's objects; without a namespace in its path, of those in all namespaces. */
function collectionOf(path: string): RegExp {
  const plural = lastPart(path);
  const root = path.slice(0, -plural.length - 1).replaceAll('.', '\\.');
  return new RegExp(`^${root}(/namespaces/[^/]+)?/${plural}/[^/]+$`);
}

function inNamespace(path: string): string {
  return path.startsWith('/api/v1/namespaces/') ? `${path.slice('/api/v1'.length)}/` : '\n';
}

/** RFC 7386, without the removal of fields. */
function merged(present: object, patch: object): object {
  const result: Record<string, unknown> = { ...present };
  for (const [key, value] of Object.entries(patch)) {
    const old = result[key];
    const both = [old, value].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
    result[key] = both ? merged(old as object, value as object) : value;
  }
  return result;
}
