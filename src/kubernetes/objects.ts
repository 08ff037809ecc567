import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EnvironmentError } from '../errors.js';
import { Discovery, type Resource } from './discovery.js';
import {
  type KindReference,
  type KubeObject,
  type ObjectReference,
  objectReference,
  type Selection,
} from './kube-object.js';
import { type Asked, RequestFailed } from './request-failed.js';
import type { RequestOptions, Requests } from './requests.js';
import type { Call } from './transport.js';

export interface ApplyOptions extends RequestOptions {
  /** Whose fields they are; `remigrate` if left out. */
  readonly fieldManager?: string;
  /** Takes fields over that somebody else has set; otherwise they are a RequestFailed with status 409. */
  readonly force?: boolean;
}

export interface PatchOptions extends RequestOptions {
  /** `status`: the object's status alone, which the object's own path leaves as it is. */
  readonly subresource?: 'status';
}

export interface DeleteOptions extends RequestOptions {
  /** What becomes of the objects that it owns. The kind's default if left out. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Delete this very object; one of the same name that took its place is a RequestFailed with status 409. */
  readonly uid?: string;
  /** For pods: 0 forgets the pod at once, whether or not it still runs. */
  readonly gracePeriodSeconds?: number;
}

/** The set of objects at one moment. */
export interface ObjectList<T extends KubeObject> {
  readonly items: readonly T[];
  /** From where a watch goes on. */
  readonly resourceVersion: string;
}

const MANAGER = 'remigrate';
/** A list comes in pieces of this many, so that none takes long. */
const PAGE = 500;

/**
 * The objects of one API server. They are generic (kube-object.ts): core kinds and custom resources are the same to it.
 *
 * @throws RequestFailed from every method, when the server refuses or does not answer: `status` and `reason` say why.
 * @throws UnknownKind for a kind that the cluster does not serve. @throws WaitAborted when the signal is aborted.
 */
export class Objects {
  readonly #requests: Requests;
  readonly #discovery: Discovery;

  constructor(requests: Requests) {
    this.#requests = requests;
    this.#discovery = new Discovery((path, signal) =>
      requests.json({ method: 'GET', path, asked: { verb: 'get', resource: path } }, { signal }),
    );
  }

  /** Whether the cluster serves this kind. */
  async serves(kind: KindReference, options: RequestOptions): Promise<boolean> {
    const { found } = await this.#find(kind, options);
    return found !== undefined;
  }

  /** @returns undefined if there is none of that name. */
  async get<T extends KubeObject>(reference: ObjectReference, options: RequestOptions): Promise<T | undefined> {
    const call = await this.#callOn('get', 'GET', reference, options);
    try {
      return (await this.#requests.json(call, options)) as T;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** All objects of the selection; it takes more than one request if there are many. */
  async list<T extends KubeObject>(selection: Selection, options: RequestOptions): Promise<ObjectList<T>> {
    const { apiVersion, kind, labelSelector, fieldSelector } = selection;
    const resource = await this.#resource(selection, options);
    const items: T[] = [];
    let next: string | undefined;
    for (;;) {
      const page = (await this.#requests.json(
        {
          method: 'GET',
          path: collection(resource, selection.namespace),
          query: { labelSelector, fieldSelector, limit: PAGE, continue: next },
          asked: asked('list', resource, selection),
        },
        options,
      )) as { items?: readonly T[]; metadata: { resourceVersion: string; continue?: string } };
      // The server leaves apiVersion and kind out of the objects in a list of a core kind.
      for (const item of page.items ?? []) items.push({ ...item, apiVersion, kind });
      next = page.metadata.continue;
      if (next === undefined || next === '') return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /** @throws RequestFailed with status 409 and reason `AlreadyExists` if there is one of that name. */
  async create<T extends KubeObject>(object: T, options: RequestOptions): Promise<T> {
    const resource = await this.#resource(object, options);
    const reference = objectReference(object);
    // By this mark we know our own object again, should the answer to the request that created it be lost.
    const manager = `${MANAGER}-${randomBytes(4).toString('hex')}`;
    let unclear = false;
    const call: Call = {
      method: 'POST',
      path: home(resource, reference),
      query: { fieldManager: manager },
      body: object,
      asked: asked('create', resource, reference),
    };
    try {
      return (await this.#requests.json(call, options, (failure) => {
        unclear ||= failure.unclear;
      })) as T;
    } catch (error) {
      if (!unclear || !(error instanceof RequestFailed) || error.reason !== 'AlreadyExists') throw error;
      const present = await this.get<T>(reference, options);
      if (present?.metadata.managedFields?.some((fields) => fields.manager === manager) === true) return present;
      throw error;
    }
  }

  /** Sets the fields of the patch, removes those that are null in it, and leaves all others (RFC 7386). */
  async mergePatch<T extends KubeObject>(reference: ObjectReference, patch: object, options: PatchOptions): Promise<T> {
    const call = await this.#callOn('patch', 'PATCH', reference, options);
    const path = options.subresource === undefined ? call.path : `${call.path}/${options.subresource}`;
    const contentType = 'application/merge-patch+json';
    return (await this.#requests.json({ ...call, path, body: patch, contentType }, options)) as T;
  }

  /** Server-side apply: creates the object, or makes the fields that it sets what they are in it. */
  async apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<T> {
    const call = await this.#callOn('patch', 'PATCH', objectReference(object), options);
    const query = { fieldManager: options.fieldManager ?? MANAGER, force: options.force };
    return (await this.#requests.json(
      { ...call, query, body: object, contentType: 'application/apply-patch+yaml' },
      options,
    )) as T;
  }

  /** Resolves when the server has accepted the deletion: finalizers and grace periods may keep the object for a while.
   * @returns whether there was an object of that name. */
  async delete(reference: ObjectReference, options: DeleteOptions): Promise<boolean> {
    const call = await this.#callOn('delete', 'DELETE', reference, options);
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    };
    try {
      await this.#requests.json({ ...call, body }, options);
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  /**
   * The answer to a watch, one JSON document a line, until the server or the signal ends it. Asked once: what watches
   * knows from where to go on (watched.ts). `timeoutMs` is for the beginning of the answer.
   */
  async watch(
    selection: Selection,
    from: { readonly resourceVersion: string; readonly timeoutSeconds: number },
    options: RequestOptions,
  ): Promise<IncomingMessage> {
    const { labelSelector, fieldSelector } = selection;
    const resource = await this.#resource(selection, options);
    return this.#requests.open(
      {
        method: 'GET',
        path: collection(resource, selection.namespace),
        query: { ...from, labelSelector, fieldSelector, watch: true, allowWatchBookmarks: true },
        asked: asked('watch', resource, selection),
      },
      options,
    );
  }

  /** A container's log, as the server has it; asked once. `timeoutMs` is for the beginning of the answer. */
  async podLog(
    pod: { readonly namespace: string; readonly name: string },
    query: {
      readonly container: string;
      readonly follow?: boolean;
      readonly previous?: boolean;
      readonly timestamps?: boolean;
      /** RFC 3339; the server drops what is below a second. */
      readonly sinceTime?: string;
      readonly tailLines?: number;
    },
    options: RequestOptions,
  ): Promise<IncomingMessage> {
    return this.#requests.open(
      {
        method: 'GET',
        path: `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`,
        query,
        asked: { verb: 'get', resource: 'pods/log', namespace: pod.namespace, name: pod.name },
      },
      options,
    );
  }

  async #find(kind: KindReference, options: RequestOptions): Promise<{ readonly found: Resource | undefined }> {
    return this.#requests.withDeadline(
      `learn how ${kind.kind} of ${kind.apiVersion} is served`,
      options,
      async (signal) => ({ found: await this.#discovery.find(kind, signal) }),
    );
  }

  async #resource(kind: KindReference, options: RequestOptions): Promise<Resource> {
    const { found } = await this.#find(kind, options);
    if (found !== undefined) return found;
    const { server, context } = this.#requests.server;
    throw new UnknownKind(
      `the API server ${server} (context ${context}) does not serve ${kind.kind} of ` +
        `${kind.apiVersion}: is its CustomResourceDefinition installed, in that version?`,
    );
  }

  async #callOn(
    verb: string,
    method: Call['method'],
    reference: ObjectReference,
    options: RequestOptions,
  ): Promise<Call> {
    const resource = await this.#resource(reference, options);
    return {
      method,
      path: `${home(resource, reference)}/${encodeURIComponent(reference.name)}`,
      asked: asked(verb, resource, reference),
    };
  }
}

function collection(resource: Resource, namespace: string | undefined): string {
  const inside = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${resource.root}${inside}/${resource.plural}`;
}

/** Where one object is kept. Without its namespace the path would be a valid one at which nothing ever is. */
function home(resource: Resource, { kind, namespace, name }: ObjectReference): string {
  if (resource.namespaced && namespace === undefined) throw new TypeError(`${kind} ${name} needs a namespace`);
  return collection(resource, namespace);
}

function asked(
  verb: string,
  resource: Resource,
  { namespace, name }: { readonly namespace?: string; readonly name?: string },
): Asked {
  return {
    verb,
    resource: resource.qualified,
    ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

function isAbsent(error: unknown): boolean {
  return error instanceof RequestFailed && error.status === 404;
}

/** The cluster does not serve this kind: most often its CustomResourceDefinition is not installed. */
export class UnknownKind extends EnvironmentError {}
