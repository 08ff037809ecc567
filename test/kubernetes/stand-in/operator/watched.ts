import { setTimeout as pause } from 'node:timers/promises';
import { Watch } from '@kubernetes/client-node';
import type { ClusterApi, Kind } from './cluster-api.js';
import type { Stored } from './resources.js';

const AGAIN_AFTER_MS = 500;

export type ObjectChange = 'added' | 'modified' | 'deleted';

/** The present objects of one kind, and their changes. A watch that breaks starts again with a list. */
export class WatchedKind<T extends Stored> {
  readonly #api: ClusterApi;
  readonly #kind: Kind;
  readonly #namespace: string | undefined;
  readonly #signal: AbortSignal;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Set<(change: ObjectChange, object: T) => void>();

  /** @param namespace undefined: all namespaces. */
  constructor(api: ClusterApi, kind: Kind, namespace: string | undefined, signal: AbortSignal) {
    this.#api = api;
    this.#kind = kind;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  /** Resolves after the first list; the watch continues until the signal is aborted. */
  async start(broken: (error: unknown) => void): Promise<void> {
    let version = await this.#list();
    const follow = async (): Promise<void> => {
      while (!this.#signal.aborted) {
        try {
          await this.#watch(version);
          version = await this.#list();
        } catch (error) {
          if (this.#signal.aborted) return;
          broken(error);
          await pause(AGAIN_AFTER_MS, undefined, { signal: this.#signal });
        }
      }
    };
    follow().catch((error: unknown) => {
      if (!this.#signal.aborted) broken(error);
    });
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  subscribe(listener: (change: ObjectChange, object: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #list(): Promise<string> {
    const { items, resourceVersion } = await this.#api.listed<T>(this.#kind, this.#namespace);
    const present = new Set(items.map(keyOf));
    for (const [key, object] of [...this.#objects]) if (!present.has(key)) this.#report('deleted', object);
    for (const object of items) {
      const known = this.#objects.get(keyOf(object));
      if (known === undefined) this.#report('added', object);
      else if (known.metadata.resourceVersion !== object.metadata.resourceVersion) this.#report('modified', object);
    }
    return resourceVersion;
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { apiVersion, plural } = this.#kind;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const path =
      this.#namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${this.#namespace}/${plural}`;
    await new Promise<void>((resolve, reject) => {
      const end = (): void => request?.abort();
      let request: AbortController | undefined;
      new Watch(this.#api.config)
        .watch(
          path,
          { resourceVersion, allowWatchBookmarks: true },
          (phase, object: T) => {
            if (phase === 'ADDED') this.#report('added', object);
            else if (phase === 'MODIFIED') this.#report('modified', object);
            else if (phase === 'DELETED') this.#report('deleted', object);
          },
          () => {
            this.#signal.removeEventListener('abort', end);
            resolve();
          },
        )
        .then((started) => {
          request = started;
          this.#signal.addEventListener('abort', end);
          if (this.#signal.aborted) end();
        }, reject);
    });
  }

  #report(change: ObjectChange, object: T): void {
    if (change === 'deleted') this.#objects.delete(keyOf(object));
    else this.#objects.set(keyOf(object), object);
    for (const listener of [...this.#listeners]) listener(change, object);
  }
}

function keyOf({ metadata }: Stored): string {
  return `${metadata.namespace}/${metadata.name}`;
}
