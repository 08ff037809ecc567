import { setTimeout as pause } from 'node:timers/promises';
import {
  ApiException,
  CustomObjectsApi,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node';
import type { Stored } from './resources.js';

const FIELD_MANAGER = 'strimzi-cluster-operator';
const STATUS_ATTEMPTS = 5;
const BUSY_ATTEMPTS = 10;
/** The delay if the server sends no Retry-After. */
const BUSY_MS = 1_000;

export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

/** An object to apply: only its names are typed. */
export interface Applied extends KubernetesObject {
  metadata: NonNullable<KubernetesObject['metadata']> & { name: string; namespace: string };
}

/** The requests that the operator makes: apply, read, list, delete, status. */
export class ClusterApi {
  readonly config: KubeConfig;
  readonly #objects: KubernetesObjectApi;
  readonly #custom: CustomObjectsApi;

  constructor(config: KubeConfig) {
    this.config = config;
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#custom = config.makeApiClient(CustomObjectsApi);
  }

  /** Creates the object, or sets the given fields. */
  async apply<T extends KubernetesObject>(object: Applied): Promise<T> {
    const applied = await this.#objects.patch(
      object,
      undefined,
      undefined,
      FIELD_MANAGER,
      true,
      PatchStrategy.ServerSideApply,
    );
    return applied as KubernetesObject as T;
  }

  /** `exists`: an object of that name already exists. */
  async create(object: Applied): Promise<'created' | 'exists'> {
    try {
      await this.#objects.create(object);
      return 'created';
    } catch (error) {
      if (codeOf(error) === 409) return 'exists';
      throw error;
    }
  }

  async get<T extends Stored>(kind: Kind, namespace: string, name: string): Promise<T | undefined> {
    try {
      const header = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace } };
      return (await this.#objects.read(header)) as KubernetesObject as T;
    } catch (error) {
      if (codeOf(error) === 404) return undefined;
      throw error;
    }
  }

  async list<T extends Stored>(kind: Kind, namespace: string | undefined, labels?: string): Promise<readonly T[]> {
    const { items } = await this.listed<T>(kind, namespace, labels);
    return items;
  }

  /** The objects, and the resourceVersion to watch from. */
  async listed<T extends Stored>(
    kind: Kind,
    namespace: string | undefined,
    labels?: string,
  ): Promise<{ readonly items: readonly T[]; readonly resourceVersion: string }> {
    const list = await retryWhileBusy(() =>
      this.#objects.list(kind.apiVersion, kind.kind, namespace, undefined, undefined, undefined, undefined, labels),
    );
    return { items: list.items as KubernetesObject[] as T[], resourceVersion: list.metadata?.resourceVersion ?? '' };
  }

  /** Does nothing if the object does not exist or has another uid. */
  async delete(kind: Kind, namespace: string, name: string, uid?: string): Promise<void> {
    try {
      await this.#objects.delete(
        { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace } },
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        { propagationPolicy: 'Background', ...(uid === undefined ? {} : { preconditions: { uid } }) },
      );
    } catch (error) {
      const code = codeOf(error);
      if (code !== 404 && code !== 409) throw error;
    }
  }

  /**
   * Replaces the status of the present object, and retries after a conflict.
   * @returns whether the status was written. It is not if it is the same, or if the object is gone.
   */
  async writeStatus<T extends Stored & { readonly status?: object }>(
    kind: Kind,
    namespace: string,
    name: string,
    next: (object: T) => T['status'] | undefined,
  ): Promise<boolean> {
    const [group = '', version = ''] = kind.apiVersion.split('/');
    for (let attempt = 1; ; attempt += 1) {
      const object = await this.get<T>(kind, namespace, name);
      const status = object === undefined ? undefined : next(object);
      if (status === undefined) return false;
      try {
        const body = { ...object, status };
        await this.#custom.replaceNamespacedCustomObjectStatus({
          group,
          version,
          namespace,
          plural: kind.plural,
          name,
          body,
        });
        return true;
      } catch (error) {
        const code = codeOf(error);
        if (code === 404) return false;
        if (code !== 409 || attempt === STATUS_ATTEMPTS) throw error;
      }
    }
  }
}

/** Requests for a kind that was just defined get 429 for a moment ("storage is (re)initializing", measured). */
async function retryWhileBusy<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof ApiException) || error.code !== 429 || attempt === BUSY_ATTEMPTS) throw error;
      const { 'retry-after': seconds } = error.headers;
      await pause(seconds === undefined ? BUSY_MS : Number(seconds) * 1000);
    }
  }
}

/** The HTTP status of a failed request; undefined: it is another error. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof ApiException ? error.code : undefined;
}
