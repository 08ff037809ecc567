import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { EnvironmentError } from '../errors.js';
import { withinDeadline } from '../waiting/within-deadline.js';
import { Discovery, type Resource } from './discovery.js';
import {
  type KindReference,
  type KubeObject,
  type ObjectReference,
  objectReference,
  type Selection,
} from './kube-object.js';
import { type ApiServer, type ContextChoice, loadContext } from './kubeconfig.js';
import { type Asked, inWords, RequestFailed } from './request-failed.js';
import { type BackOff, delayBeforeRetry, exponential } from './retries.js';
import { type Call, Transport } from './transport.js';

/** Every request ends with its signal, and when its time is up; that includes what is tried again. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  /** In ms, 30 s if left out. */
  readonly timeoutMs?: number;
}

export interface ConnectOptions extends ContextChoice, RequestOptions {
  /** Between attempts. From 0.1 to 5 s if left out. */
  readonly backOff?: BackOff;
}

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

/** What /version answers. */
export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** `v1.33.13` */
  readonly gitVersion: string;
}

/** Something a user may or may not do, as RBAC has it. */
export interface Right {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** The plural; a subresource after a slash: `pods/portforward`. */
  readonly resource: string;
  /** Left out: in all namespaces, or a cluster-wide resource. */
  readonly namespace?: string;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** An API server that does not answer at all is told of sooner. */
const CONNECT_TIMEOUT_MS = 15_000;
const MANAGER = 'remigrate';
/** A list comes in pieces of this many, so that none takes long. */
const PAGE = 500;
/** As many questions about rights at once: an API server limits each client's requests. */
const QUESTIONS_AT_ONCE = 8;

/**
 * One API server, with the rights of one context's user. Objects are generic (kube-object.ts): core kinds and custom
 * resources are the same to it.
 *
 * What fails in passing (429, 5xx, a connection that was refused or broke) is tried again until the deadline.
 * @throws RequestFailed from every method, when the server refuses or does not answer: `status` and `reason` say why.
 * @throws UnknownKind for a kind that the cluster does not serve. @throws WaitAborted when the signal is aborted.
 */
export class KubeApi {
  readonly server: ApiServer;
  /** For what needs a connection of its own kind, port-forwards. */
  readonly config: KubeConfig;
  readonly #transport: Transport;
  readonly #backOff: BackOff;
  readonly #discovery: Discovery;

  private constructor(config: KubeConfig, backOff: BackOff) {
    this.config = config;
    this.#transport = new Transport(config);
    this.#backOff = backOff;
    this.server = this.#transport.server;
    this.#discovery = new Discovery((path, signal) =>
      this.#json({ method: 'GET', path, asked: { verb: 'get', resource: path } }, { signal }),
    );
  }

  /**
   * Asks the server for its version, once, so that one which cannot be reached is told of here.
   * @throws UsageError for a kubeconfig that cannot be read and a context that is not in it.
   */
  static async connect(options: ConnectOptions): Promise<KubeApi> {
    const api = new KubeApi(loadContext(options), options.backOff ?? exponential);
    try {
      await api.#once(VERSION, options, CONNECT_TIMEOUT_MS);
    } catch (error) {
      api.close();
      throw error;
    }
    return api;
  }

  /** Ends idle connections. Requests and watches end with their signals. */
  close(): void {
    this.#transport.close();
  }

  async serverVersion(options: RequestOptions): Promise<ServerVersion> {
    const version = (await this.#json(VERSION, options)) as { major: string; minor: string; gitVersion: string };
    // Some distributions write the minor version as "33+".
    return {
      major: Number.parseInt(version.major, 10),
      minor: Number.parseInt(version.minor, 10),
      gitVersion: version.gitVersion,
    };
  }

  /** @returns those of the rights that the user does not have. */
  async missingRights(rights: readonly Right[], options: RequestOptions): Promise<readonly Right[]> {
    const allowed = new Map<Right, boolean>();
    for (let from = 0; from < rights.length; from += QUESTIONS_AT_ONCE) {
      const some = rights.slice(from, from + QUESTIONS_AT_ONCE);
      await Promise.all(some.map(async (right) => allowed.set(right, await this.#mayI(right, options))));
    }
    return rights.filter((right) => allowed.get(right) !== true);
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
      return (await this.#json(call, options)) as T;
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
      const page = (await this.#json(
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
      return (await this.#json(call, options, (failure) => {
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
    return (await this.#json({ ...call, path, body: patch, contentType }, options)) as T;
  }

  /** Server-side apply: creates the object, or makes the fields that it sets what they are in it. */
  async apply<T extends KubeObject>(object: T, options: ApplyOptions): Promise<T> {
    const call = await this.#callOn('patch', 'PATCH', objectReference(object), options);
    const query = { fieldManager: options.fieldManager ?? MANAGER, force: options.force };
    return (await this.#json(
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
      await this.#json({ ...call, body }, options);
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
    return this.#open(
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
    return this.#open(
      {
        method: 'GET',
        path: `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`,
        query,
        asked: { verb: 'get', resource: 'pods/log', namespace: pod.namespace, name: pod.name },
      },
      options,
    );
  }

  async #mayI(right: Right, options: RequestOptions): Promise<boolean> {
    const [resource, subresource] = right.resource.split('/');
    const { verb, group, namespace } = right;
    const answer = (await this.#json(
      {
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: { verb, group, resource, subresource, namespace } },
        },
        asked: { verb: 'create', resource: 'selfsubjectaccessreviews.authorization.k8s.io' },
      },
      options,
    )) as { status?: { allowed?: boolean } };
    return answer.status?.allowed === true;
  }

  async #find(kind: KindReference, options: RequestOptions): Promise<{ readonly found: Resource | undefined }> {
    return withinDeadline(
      `learn how ${kind.kind} of ${kind.apiVersion} is served`,
      options.signal,
      options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      async (signal) => ({ found: await this.#discovery.find(kind, signal) }),
      (failure) => lateBy(this.server, `learn how ${kind.kind} of ${kind.apiVersion} is served`, options, failure),
    );
  }

  async #resource(kind: KindReference, options: RequestOptions): Promise<Resource> {
    const { found } = await this.#find(kind, options);
    if (found !== undefined) return found;
    throw new UnknownKind(
      `the API server ${this.server.server} (context ${this.server.context}) does not serve ${kind.kind} of ` +
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

  /** A request and its answer, tried again until the deadline. */
  async #json(call: Call, options: RequestOptions, failed?: (failure: RequestFailed) => void): Promise<unknown> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const end = performance.now() + timeoutMs;
    const seen: { last: RequestFailed | undefined } = { last: undefined };
    return withinDeadline(
      inWords(call.asked),
      options.signal,
      timeoutMs,
      async (signal) => {
        for (let attempt = 0; ; attempt++) {
          try {
            return JSON.parse(await this.#transport.send(call, signal)) as unknown;
          } catch (error) {
            if (!(error instanceof RequestFailed) || signal.aborted) throw error;
            seen.last = error;
            failed?.(error);
            const delay = delayBeforeRetry(error, attempt, end - performance.now(), this.#backOff);
            if (delay === undefined) throw error;
            await after(delay, undefined, { signal });
          }
        }
      },
      (failure) => seen.last ?? lateBy(this.server, inWords(call.asked), options, failure),
    );
  }

  #once(call: Call, options: RequestOptions, defaultMs: number): Promise<string> {
    const timed = { ...options, timeoutMs: options.timeoutMs ?? defaultMs };
    return withinDeadline(
      inWords(call.asked),
      options.signal,
      timed.timeoutMs,
      (signal) => this.#transport.send(call, signal),
      (failure) => lateBy(this.server, inWords(call.asked), timed, failure),
    );
  }

  /** The deadline is for the beginning of the answer; what follows ends with the caller's signal. */
  async #open(call: Call, options: RequestOptions): Promise<IncomingMessage> {
    const body = new AbortController();
    const response = await withinDeadline(
      inWords(call.asked),
      options.signal,
      options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      async (signal) => {
        const abort = (): void => body.abort(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
        try {
          return await this.#transport.open(call, body.signal);
        } finally {
          signal.removeEventListener('abort', abort);
        }
      },
      (failure) => lateBy(this.server, inWords(call.asked), options, failure),
    );
    const abort = (): void => body.abort(options.signal.reason);
    options.signal.addEventListener('abort', abort, { once: true });
    response.once('close', () => options.signal.removeEventListener('abort', abort));
    if (options.signal.aborted) abort();
    return response;
  }
}

const VERSION: Call = { method: 'GET', path: '/version', asked: { verb: 'get', resource: '/version' } };

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

function lateBy(to: ApiServer, what: string, { timeoutMs }: RequestOptions, failure: unknown): RequestFailed {
  const seconds = (timeoutMs ?? DEFAULT_TIMEOUT_MS) / 1000;
  return new RequestFailed(
    `the API server ${to.server} (context ${to.context}) did not answer within ${seconds} s when asked to ${what}: ` +
      'is it overloaded, or a VPN or a proxy needed?',
    { passing: true, unclear: true, cause: failure },
  );
}

/** The cluster does not serve this kind: most often its CustomResourceDefinition is not installed. */
export class UnknownKind extends EnvironmentError {}
