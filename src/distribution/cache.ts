import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { EnvironmentError, UsageError } from '../errors.js';
import { aborted, timedOut } from '../waiting/outcomes.js';

/** A holder that has not renewed its lock for so long is taken for dead. */
const STALE_AFTER_MS = 10_000;
const RENEW_EVERY_MS = 2_000;
/** How often a waiter looks whether the lock is free: a lock folder that goes away wakes nobody. */
const LOOK_EVERY_MS = 100;
/** The longest that a holder may take: a first download on a slow line. */
const GIVE_UP_AFTER_MS = 30 * 60_000;

export interface LockOptions {
  /** Told once if another process holds the lock. */
  readonly progress?: (text: string) => void;
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal;
  /** How long to wait for the lock, in milliseconds; half an hour unless given. */
  readonly deadline?: number;
}

/**
 * Where the cache folder is: `REMIGRATE_CACHE`, else `$XDG_CACHE_HOME/remigrate`, else `~/.cache/remigrate`.
 * A relative `XDG_CACHE_HOME` is ignored, as the XDG Base Directory Specification asks.
 */
export function locateCache(env: NodeJS.ProcessEnv): string {
  if (env.REMIGRATE_CACHE) return resolve(env.REMIGRATE_CACHE);
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache'), 'remigrate');
}

/** Why this cache folder can't be used, without making it; undefined if it can. */
export async function cacheProblem(path: string): Promise<string | undefined> {
  if (path.includes(delimiter)) return `its path holds a "${delimiter}", which separates entries of a Java class path`;
  let existing = path;
  for (;;) {
    try {
      await access(existing, constants.R_OK | constants.W_OK | constants.X_OK);
      // Also tells a file from a folder.
      await access(join(existing, '.'));
      return undefined;
    } catch (error) {
      const parent = dirname(existing);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === existing) return (error as Error).message;
      existing = parent;
    }
  }
}

/** The one folder that outlives a run: Kafka's jars and class-data archives. Several processes may use it at once. */
export class CacheFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder of `locateCache` where it is missing.
   * @throws UsageError if it can't be made or written.
   */
  static async open(env: NodeJS.ProcessEnv): Promise<CacheFolder> {
    const path = locateCache(env);
    let problem = await cacheProblem(path);
    if (problem === undefined) {
      try {
        await mkdir(path, { recursive: true });
      } catch (error) {
        problem = (error as Error).message;
      }
    }
    if (problem !== undefined)
      throw new UsageError(
        `The cache folder ${path} can't be used: ${problem}. Let REMIGRATE_CACHE name a folder that you may write.`,
      );
    return new CacheFolder(path);
  }

  /** A path in the folder. */
  join(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /**
   * Does `work` while no other process does work under a lock of the same name in this folder. The lock of a holder that
   * died goes stale and is taken over.
   * @param work gets a signal that is aborted if the lock is lost (this process stood still for too long): what it does
   * must then not be made public.
   * @throws WaitTimedOut naming the lock; WaitAborted on `signal`; EnvironmentError if the lock was lost; what `work` throws.
   */
  async withLock<T>(name: string, work: (lost: AbortSignal) => Promise<T>, options: LockOptions = {}): Promise<T> {
    const lost = new AbortController();
    const release = await this.#acquire(name, options, (error) => lost.abort(error));
    let outcome: { value: T } | { error: unknown };
    try {
      outcome = { value: await work(lost.signal) };
    } catch (error) {
      outcome = { error };
    }
    if (lost.signal.aborted)
      throw new EnvironmentError(`The lock ${this.#lockPath(name)} was lost to another process; run again.`, {
        cause: lost.signal.reason,
      });
    await release();
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  #lockPath(name: string): string {
    return this.join(`${name}.lock`);
  }

  async #acquire(name: string, options: LockOptions, onLost: (error: Error) => void): Promise<() => Promise<void>> {
    const { progress, signal, deadline = GIVE_UP_AFTER_MS } = options;
    const lockPath = this.#lockPath(name);
    const giveUp = Date.now() + deadline;
    let told = false;
    for (;;) {
      if (signal?.aborted) throw aborted(`the lock ${lockPath}`, signal.reason);
      try {
        return await lockfile.lock(this.join(name), {
          realpath: false,
          lockfilePath: lockPath,
          stale: STALE_AFTER_MS,
          update: RENEW_EVERY_MS,
          onCompromised: onLost,
        });
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ELOCKED')
          throw new UsageError(
            `The cache folder ${this.path} can't be locked: ${message}. Let REMIGRATE_CACHE name another folder.`,
            { cause: error },
          );
      }
      if (!told) progress?.(`Waiting for another remigrate that holds ${lockPath}`);
      told = true;
      if (Date.now() >= giveUp)
        throw timedOut(`another remigrate process to release ${lockPath}: end that process and run again`, deadline);
      await delay(LOOK_EVERY_MS);
    }
  }
}
