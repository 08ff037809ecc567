import { setTimeout as after } from 'node:timers/promises';
import { WaitAborted } from '../errors.js';
import { Listeners } from '../waiting/listeners.js';
import { waitUntil } from '../waiting/wait.js';
import type { KubeObject, Selection } from './kube-object.js';
import type { KubeReads } from './kube-reads.js';
import { linesOf } from './lines.js';
import type { ObjectList } from './objects.js';
import { RequestFailed } from './request-failed.js';
import { type BackOff, exponential } from './retries.js';

export interface Change<T extends KubeObject> {
  readonly change: 'added' | 'modified' | 'deleted';
  /** After the change; for a deleted object, its last known version. */
  readonly object: T;
}

export interface WatchedOptions<T extends KubeObject> {
  /** Ends the watch, as `close()` does. */
  readonly signal: AbortSignal;
  /** Called for each change, in order; for the objects of the first list, with `added`, before `start` resolves. */
  readonly listener?: (change: Change<T>) => void;
  /**
   * Called once when the watch cannot continue (no rights, unknown kind, the listener threw). Waits fail with the same.
   */
  readonly onFailure?: (failure: unknown) => void;
  /**
   * Called with the reason when the watch is interrupted, once while the reason stays the same. The watch is resumed.
   */
  readonly onInterruption?: (why: string) => void;
  /** The delay between attempts to resume. From 0.1 to 5 s if omitted. */
  readonly backOff?: BackOff;
}

/** The server ends each watch after this time, and the next one continues, so that a dead server is noticed. */
const WATCH_SECONDS = 240;
/** If the server does not end a watch within this time after that, the connection is considered dead. */
const GRACE_MS = 20_000;
/** A watch that ends sooner was rejected by the server or by a proxy. */
const SHORT_MS = 1_000;

/** The server ended a watch with an error event: the watch may not be resumable from the last resourceVersion. */
class WatchFailed extends RequestFailed {}

/** The events of a watch (API machinery v1, WatchEvent). */
interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/**
 * The objects of one kind, kept up to date by list and watch. A watch that ends or breaks is resumed from the last
 * resourceVersion, so that no change is missed. If the server no longer has that version (410), the objects are listed
 * again and the difference is reported. While the server cannot be reached, it is retried, and waits end with their own
 * deadlines.
 */
export class Watched<T extends KubeObject> {
  readonly #api: KubeReads;
  readonly #selection: Selection;
  readonly #options: WatchedOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #listeners = new Listeners();
  readonly #end = new AbortController();
  readonly #release: () => void;
  #resourceVersion = '';
  #interruption: string | undefined;
  #failure: { readonly error: unknown } | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(api: KubeReads, selection: Selection, options: WatchedOptions<T>) {
    this.#api = api;
    this.#selection = selection;
    this.#options = options;
    const abort = (): void => this.#end.abort(options.signal.reason);
    options.signal.addEventListener('abort', abort, { once: true });
    this.#release = () => options.signal.removeEventListener('abort', abort);
    if (options.signal.aborted) abort();
  }

  /**
   * Resolves when the first list has been reported.
   * @throws RequestFailed, UnknownKind if the objects cannot be listed. @throws WaitAborted when the signal is aborted.
   */
  static async start<T extends KubeObject>(
    api: KubeReads,
    selection: Selection,
    options: WatchedOptions<T>,
  ): Promise<Watched<T>> {
    const watched = new Watched<T>(api, selection, options);
    try {
      watched.#replace(await api.list<T>(selection, { signal: watched.#end.signal }));
    } catch (error) {
      watched.#release();
      throw error;
    }
    watched.#running = watched.#run();
    return watched;
  }

  /** The objects, by name; by `namespace/name` if the selection has no namespace. */
  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  /**
   * Waits until `probe` returns something other than undefined.
   * @param what completes "timed out after 30 s waiting for ...".
   * @throws WaitTimedOut after `timeoutMs`. @throws WaitAborted when `signal` is aborted or the watch is closed.
   * @throws what made the watch fail, and what `probe` throws.
   */
  waitFor<R>(
    what: string | (() => string),
    probe: (objects: ReadonlyMap<string, T>) => R | undefined,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<R> {
    return waitUntil(
      { what, timeoutMs, signal },
      (wake) => this.#listeners.add(wake),
      () => {
        const answer = probe(this.#objects);
        if (answer !== undefined) return answer;
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#end.signal.aborted) {
          throw new WaitAborted(`no longer watching ${this.#selection.kind}`, { cause: this.#end.signal.reason });
        }
        return undefined;
      },
    );
  }

  /** Resolves when the watch has ended; no listener is called after that. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    /** How many watches in a row were short: the next one is delayed. */
    let shortWatches = 0;
    let listAgain = false;
    while (!signal.aborted) {
      const began = performance.now();
      let retryAfterMs = 0;
      try {
        if (listAgain) this.#replace(await this.#api.list<T>(this.#selection, { signal }));
        listAgain = (await this.#watch()) === 'expired';
        if (listAgain) this.#interrupted('the server no longer has the changes since the last one received');
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof RequestFailed && error.transient)) {
          this.#fail(error);
          break;
        }
        this.#interrupted(error.message);
        listAgain ||= error instanceof WatchFailed;
        retryAfterMs = error.retryAfterMs ?? 0;
      }
      shortWatches = performance.now() - began < SHORT_MS ? shortWatches + 1 : 0;
      const delay = shortWatches > 1 ? (this.#options.backOff ?? exponential)(shortWatches - 2) : 0;
      if (delay > 0 || retryAfterMs > 0) {
        await after(Math.max(retryAfterMs, delay), undefined, { signal }).catch(() => undefined);
      }
    }
    this.#release();
    this.#listeners.notify();
  }

  /** One watch, until it ends. */
  async #watch(): Promise<'ended' | 'expired'> {
    const { signal } = this.#end;
    const connection = new AbortController();
    const abort = (): void => connection.abort();
    signal.addEventListener('abort', abort, { once: true });
    const dead = setTimeout(abort, WATCH_SECONDS * 1000 + GRACE_MS);
    try {
      const response = await this.#api.watch(
        this.#selection,
        { resourceVersion: this.#resourceVersion, timeoutSeconds: WATCH_SECONDS },
        { signal: connection.signal },
      );
      this.#interruption = undefined;
      const lines = linesOf(response);
      for (;;) {
        const next = await lines.next().catch((error: unknown) => watchBroke(this.#selection.kind, error));
        if (next.done === true || !next.value.whole) return 'ended';
        if (signal.aborted) return 'ended';
        if (this.#event(parsed<T>(next.value.text)) === 'expired') return 'expired';
      }
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 410) return 'expired';
      // Closing a silent connection is not a failure: the next watch shows what is wrong.
      if (error instanceof WaitAborted && !signal.aborted) return 'ended';
      throw error;
    } finally {
      clearTimeout(dead);
      signal.removeEventListener('abort', abort);
      connection.abort();
    }
  }

  #event({ type, object }: WatchEvent<T>): 'reported' | 'expired' {
    if (type === 'ERROR') {
      const { code, message } = object as unknown as { readonly code?: number; readonly message?: string };
      if (code === 410) return 'expired';
      const failure = `the watch of ${this.#selection.kind} ended with ${code ?? 'an error'}: ${message ?? 'no reason given'}`;
      throw new WatchFailed(failure, { transient: true, mayHaveSucceeded: false });
    }
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (type === 'DELETED') this.#remove(object);
    else if (type !== 'BOOKMARK') this.#put(object);
    return 'reported';
  }

  /**
   * Replaces the objects with those of a list, and reports the differences: deletions first, because they came before
   * the additions.
   */
  #replace({ items, resourceVersion }: ObjectList<T>): void {
    const present = new Set(items.map((item) => this.#key(item)));
    for (const [key, object] of [...this.#objects]) if (!present.has(key)) this.#remove(object);
    for (const item of items) this.#put(item);
    this.#resourceVersion = resourceVersion;
  }

  #put(object: T): void {
    const key = this.#key(object);
    const before = this.#objects.get(key);
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) this.#remove(before);
    else if (before?.metadata.resourceVersion === object.metadata.resourceVersion && before !== undefined) return;
    const isNew = !this.#objects.has(key);
    this.#objects.set(key, object);
    this.#report({ change: isNew ? 'added' : 'modified', object });
  }

  #remove(object: T): void {
    if (this.#objects.delete(this.#key(object))) this.#report({ change: 'deleted', object });
  }

  #report(change: Change<T>): void {
    this.#options.listener?.(change);
    this.#listeners.notify();
  }

  #interrupted(why: string): void {
    if (why === this.#interruption) return;
    this.#interruption = why;
    this.#options.onInterruption?.(why);
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#options.onFailure?.(error);
  }

  #key({ metadata: { namespace, name } }: T): string {
    return this.#selection.namespace === undefined && namespace !== undefined ? `${namespace}/${name}` : name;
  }
}

function parsed<T>(line: string): WatchEvent<T> {
  return JSON.parse(line) as WatchEvent<T>;
}

function watchBroke(kind: string, error: unknown): never {
  throw new RequestFailed(`the watch of ${kind} broke`, { transient: true, mayHaveSucceeded: false, cause: error });
}
