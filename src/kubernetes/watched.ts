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
  /** As it is after the change; of one that is deleted, the last that is known of it. */
  readonly object: T;
}

export interface WatchedOptions<T extends KubeObject> {
  /** Ends the watch, as `close()` does. */
  readonly signal: AbortSignal;
  /** Called for each change, in order; for what is there at the beginning, with `added`, before `start` resolves. */
  readonly listener?: (change: Change<T>) => void;
  /** Called once when the watch cannot go on (no rights, the kind is gone, the listener threw). Waits fail with the same. */
  readonly onFailure?: (failure: unknown) => void;
  /** Called when the watch is cut off, with why; once as long as that stays the same. It is taken up again. */
  readonly onInterruption?: (why: string) => void;
  /** Between attempts to go on. From 0.1 to 5 s if left out. */
  readonly backOff?: BackOff;
}

/** The server ends a watch after this time, and it goes on with the next: so that one whose server is gone is not for ever. */
const WATCH_SECONDS = 240;
/** How much later than that a connection is taken for dead. */
const GRACE_MS = 20_000;

/** A watch that ended sooner came to nothing: the server turned it away, or something between us and it did. */
const SHORT_MS = 1_000;

/** The server ended a watch with an error of its own: its state at the last resourceVersion may not be had again. */
class WatchFailed extends RequestFailed {}

/** The events of a watch (API machinery v1, WatchEvent). */
interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T;
}

/**
 * The objects of one kind, kept current by list and watch. A watch that ends or breaks goes on from the last
 * resourceVersion, so that no change is missed; where the server does not have that any more (410), it lists again and
 * tells the difference. While the server cannot be reached it keeps trying, and waits run into their own deadlines.
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
   * Resolves when the first list is in and told.
   * @throws RequestFailed, UnknownKind if the objects can't be listed. @throws WaitAborted when the signal is aborted.
   */
  static async start<T extends KubeObject>(
    api: KubeReads,
    selection: Selection,
    options: WatchedOptions<T>,
  ): Promise<Watched<T>> {
    const watched = new Watched<T>(api, selection, options);
    try {
      watched.#take(await api.list<T>(selection, { signal: watched.#end.signal }));
    } catch (error) {
      watched.#release();
      throw error;
    }
    watched.#running = watched.#run();
    return watched;
  }

  /** What there is, by name; by `namespace/name` if the selection has no namespace. */
  get objects(): ReadonlyMap<string, T> {
    return this.#objects;
  }

  /**
   * Waits until the objects are as `probe` wants them: until it answers something other than undefined.
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
    /** How often in a row a watch came to nothing: then the next attempt has time. */
    let inVain = 0;
    let listAgain = false;
    while (!signal.aborted) {
      const began = performance.now();
      let asksForMs = 0;
      try {
        if (listAgain) this.#take(await this.#api.list<T>(this.#selection, { signal }));
        listAgain = (await this.#watch()) === 'expired';
        if (listAgain) this.#interrupted('the server no longer has the changes since the last one seen');
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof RequestFailed && error.passing)) {
          this.#fail(error);
          break;
        }
        this.#interrupted(error.message);
        listAgain ||= error instanceof WatchFailed;
        asksForMs = error.retryAfterMs ?? 0;
      }
      inVain = performance.now() - began < SHORT_MS ? inVain + 1 : 0;
      const delay = inVain > 1 ? (this.#options.backOff ?? exponential)(inVain - 2) : 0;
      if (delay > 0 || asksForMs > 0) {
        await after(Math.max(asksForMs, delay), undefined, { signal }).catch(() => undefined);
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
        const next = await lines.next().catch((error: unknown) => brokenOff(this.#selection.kind, error));
        if (next.done === true || !next.value.whole) return 'ended';
        if (signal.aborted) return 'ended';
        if (this.#event(parsed<T>(next.value.text)) === 'expired') return 'expired';
      }
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 410) return 'expired';
      // Our own end of a silent connection is no failure: the next watch shows what is the matter.
      if (error instanceof WaitAborted && !signal.aborted) return 'ended';
      throw error;
    } finally {
      clearTimeout(dead);
      signal.removeEventListener('abort', abort);
      connection.abort();
    }
  }

  #event({ type, object }: WatchEvent<T>): 'told' | 'expired' {
    if (type === 'ERROR') {
      const { code, message } = object as unknown as { readonly code?: number; readonly message?: string };
      if (code === 410) return 'expired';
      const said = `the watch of ${this.#selection.kind} ended with ${code ?? 'an error'}: ${message ?? 'no reason given'}`;
      throw new WatchFailed(said, { passing: true, unclear: false });
    }
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (type === 'DELETED') this.#remove(object);
    else if (type !== 'BOOKMARK') this.#put(object);
    return 'told';
  }

  /** Makes the set what the list says, and tells what that changes: deletions first, as they came before additions. */
  #take({ items, resourceVersion }: ObjectList<T>): void {
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
    this.#tell({ change: isNew ? 'added' : 'modified', object });
  }

  #remove(object: T): void {
    if (this.#objects.delete(this.#key(object))) this.#tell({ change: 'deleted', object });
  }

  #tell(change: Change<T>): void {
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

function brokenOff(kind: string, error: unknown): never {
  throw new RequestFailed(`the watch of ${kind} broke off`, { passing: true, unclear: false, cause: error });
}
