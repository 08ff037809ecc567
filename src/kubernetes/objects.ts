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
import { type Action, RequestFailed } from './request-failed.js';
import type { RequestOptions, Requests } from './requests.js';
import type { Call } from './transport.js';

export interface ApplyOptions extends RequestOptions {
  /** The owner of the fields; `remigrate` if omitted. */
  readonly fieldManager?: string;
  /** Takes over fields that another manager has set; without it they are a RequestFailed with status 409. */
  readonly force?: boolean;
}

export interface PatchOptions extends RequestOptions {
  /** `status`: only the object's status, which a patch of the object itself does not change. */
  readonly subresource?: 'status';
}

export interface DeleteOptions extends RequestOptions {
  /** What happens to the objects that it owns. The kind's default if omitted. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  /** Delete only the object with this uid; another of the same name is a RequestFailed with status 409. */
  readonly uid?: string;
  /** Delete the object only if it has not changed since this version; otherwise it is a RequestFailed, status 409. */
  readonly resourceVersion?: string;
  /** For pods: 0 removes the pod's object immediately, even if the pod still runs. */
  readonly gracePeriodSeconds?: number;
}

/** The set of objects at one moment. */
export interface ObjectList<T extends KubeObject> {
  readonly items: readonly T[];
  /** Where a watch continues. */
  readonly resourceVersion: string;
}

const MANAGER = 'remigrate';
/** Lists are requested in pages of this many objects, so that no request takes long. */
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
      requests.json({ method: 'GET', path, action: { verb: 'get', resource: path } }, { signal }),
    );
  }

  /** Whether the cluster serves this kind. */
  async serves(kind: KindReference, options: RequestOptions): Promise<boolean> {
    const { found } = await this.#find(kind, options);
    return found !== undefined;
  }

  /** @returns undefined if the object does not exist. */
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
          action: actionOn('list', resource, selection),
        },
        options,
      )) as { items?: readonly T[]; metadata: { resourceVersion: string; continue?: string } };
      // The server omits apiVersion and kind from the objects in a list of a core kind.
      for (const item of page.items ?? []) items.push({ ...item, apiVersion, kind });
      next = page.metadata.continue;
      if (next === undefined || next === '') return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /** @throws RequestFailed with status 409 and reason `AlreadyExists` if an object of that name exists. */
  async create<T extends KubeObject>(object: T, options: RequestOptions): Promise<T> {
    const resource = await this.#resource(object, options);
    const reference = objectReference(object);
    // This mark identifies our own object if the answer to the request that created it is lost.
    const manager = `${MANAGER}-${randomBytes(4).toString('hex')}`;
    let mayExist = false;
    const call: Call = {
      method: 'POST',
      path: collectionOf(resource, reference),
      query: { fieldManager: manager },
      body: object,
      action: actionOn('create', resource, reference),
    };
    try {
      return (await this.#requests.json(call, options, (failure) => {
        mayExist ||= failure.mayHaveSucceeded;
      })) as T;
    } catch (error) {
      if (!mayExist || !(error instanceof RequestFailed) || error.reason !== 'AlreadyExists') throw error;
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

  /** Server-side apply: creates the object, or sets those of its fields that are in `object`. */
  async apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<T> {
    const call = await this.#callOn('patch', 'PATCH', objectReference(object), options);
    const query = { fieldManager: options.fieldManager ?? MANAGER, force: options.force };
    return (await this.#requests.json(
      { ...call, query, body: object, contentType: 'application/apply-patch+yaml' },
      options,
    )) as T;
  }

  /** Resolves when the server has accepted the deletion: finalizers and grace periods may keep the object for a while.
   * @returns whether the object existed. */
  async delete(reference: ObjectReference, options: DeleteOptions): Promise<boolean> {
    const call = await this.#callOn('delete', 'DELETE', reference, options);
    const { uid, resourceVersion } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
      ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions: { uid, resourceVersion } }),
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
   * The answer to a watch, one JSON document per line, until the server or the signal ends it. It is not retried: the
   * caller knows where to continue (watched.ts). `timeoutMs` is for the beginning of the answer.
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
        action: actionOn('watch', resource, selection),
      },
      options,
    );
  }

  /** A container's log, not retried. `timeoutMs` is for the beginning of the answer. */
  async podLog(
    pod: { readonly namespace: string; readonly name: string },
    query: {
      readonly container: string;
      readonly follow?: boolean;
      readonly previous?: boolean;
      readonly timestamps?: boolean;
      /** RFC 3339; the server truncates it to seconds. */
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
        action: { verb: 'get', resource: 'pods/log', namespace: pod.namespace, name: pod.name },
      },
      options,
    );
  }

  async #find(kind: KindReference, options: RequestOptions): Promise<{ readonly found: Resource | undefined }> {
    return this.#requests.withDeadline(`discover ${kind.kind} of ${kind.apiVersion}`, options, async (signal) => ({
      found: await this.#discovery.find(kind, signal),
    }));
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
      path: `${collectionOf(resource, reference)}/${encodeURIComponent(reference.name)}`,
      action: actionOn(verb, resource, reference),
    };
  }
}

function collection(resource: Resource, namespace: string | undefined): string {
  const inside = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${resource.root}${inside}/${resource.plural}`;
}

/** The collection of one object. Without its namespace the path would be valid, but no object is ever there. */
function collectionOf(resource: Resource, { kind, namespace, name }: ObjectReference): string {
  if (resource.namespaced && namespace === undefined) throw new TypeError(`${kind} ${name} needs a namespace`);
  return collection(resource, namespace);
}

function actionOn(
  verb: string,
  resource: Resource,
  { namespace, name }: { readonly namespace?: string; readonly name?: string },
): Action {
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

/** The cluster does not serve this kind: usually its CustomResourceDefinition is not installed. */
export class UnknownKind extends EnvironmentError {}
