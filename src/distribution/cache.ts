import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { EnvironmentError, messageOf, UsageError } from '../errors.js';
import { makeFolder, tryFolder } from '../folders.js';
import { aborted, timedOut } from '../waiting/outcomes.js';

/** A holder that has not renewed its lock for this long is considered dead. */
const STALE_AFTER_MS = 10_000;
const RENEW_EVERY_MS = 2_000;
/** How often a waiter checks whether the lock is free: nothing notifies it of the removal of a lock folder. */
const LOOK_EVERY_MS = 100;
/** The longest that a holder may take: a first download over a slow connection. */
const GIVE_UP_AFTER_MS = 30 * 60_000;

export interface LockOptions {
  /** Called once if another process holds the lock. */
  readonly progress?: (text: string) => void;
  /** Ends the wait for the lock. */
  readonly signal?: AbortSignal;
  /** How long to wait for the lock, in milliseconds; default: half an hour. */
  readonly deadline?: number;
}

/**
 * Where the cache folder is: `REMIGRATE_CACHE`, else `$XDG_CACHE_HOME/remigrate`, else `~/.cache/remigrate`.
 * A relative `XDG_CACHE_HOME` is ignored, as the XDG Base Directory Specification requires.
 */
export function locateCache(env: NodeJS.ProcessEnv): string {
  if (env.REMIGRATE_CACHE) return resolve(env.REMIGRATE_CACHE);
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(env.HOME || homedir(), '.cache'), 'remigrate');
}

/**
 * Why this cache folder cannot be used; undefined if it can. Does not create it, but a file in it, or in the next folder
 * above it that exists, which is deleted at once: permissions alone do not show whether that works.
 */
export async function cacheProblem(path: string): Promise<string | undefined> {
  if (path.includes(delimiter))
    return `its path contains a "${delimiter}", which separates the entries of a Java class path`;
  let existing = path;
  for (;;) {
    try {
      // Fails if `existing` is a file, too.
      await access(`${existing}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
      await tryFolder(existing);
      return undefined;
    } catch (error) {
      const parent = dirname(existing);
      if (existsSync(existing) || parent === existing) return messageOf(error);
      existing = parent;
    }
  }
}

/**
 * The only folder that outlives a run: Kafka's jars and class-data archives. Several processes may use it at the same
 * time.
 */
export class CacheFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Creates the folder of `locateCache` if it is missing.
   * @throws UsageError if it cannot be created or written.
   */
  static async open(env: NodeJS.ProcessEnv): Promise<CacheFolder> {
    const path = locateCache(env);
    let problem = await cacheProblem(path);
    if (problem === undefined) {
      try {
        await makeFolder(path);
      } catch (error) {
        problem = messageOf(error);
      }
    }
    if (problem !== undefined)
      throw new UsageError(
        `The cache folder ${path} cannot be used: ${problem}. Set REMIGRATE_CACHE to a folder that you can write to.`,
      );
    return new CacheFolder(path);
  }

  /**
   * A folder in the folder, which is created if it is missing.
   * @returns its path.
   * @throws UsageError if it cannot be created, for example because a file is in the way.
   */
  async folder(name: string): Promise<string> {
    const path = this.join(name);
    try {
      await makeFolder(path);
    } catch (error) {
      throw new UsageError(
        `The cache folder ${path} cannot be created: ${messageOf(error)}. Delete what is in the way, or set REMIGRATE_CACHE to another folder.`,
        { cause: error },
      );
    }
    return path;
  }

  /** A path in the folder. */
  join(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /**
   * Does `work` while no other process works under a lock of the same name in this folder. If a holder dies, its lock
   * goes stale and the next process takes it over.
   * @param work gets a signal that is aborted if the lock is lost because this process was suspended for too long. Its
   * result must not be published then.
   * @throws WaitTimedOut naming the lock; WaitAborted on `signal`; EnvironmentError if the lock was lost; what `work`
   * throws.
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
      throw new EnvironmentError(`The lock ${this.#lockPath(name)} was lost to another process. Run again.`, {
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
    let reported = false;
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
            `The cache folder ${this.path} cannot be locked: ${message}. Set REMIGRATE_CACHE to another folder.`,
            { cause: error },
          );
      }
      if (!reported) progress?.(`Waiting for another remigrate process, which holds the lock ${lockPath}`);
      reported = true;
      if (Date.now() >= giveUp)
        throw timedOut(`another remigrate process to release ${lockPath}: end that process and run again`, deadline);
      await delay(LOOK_EVERY_MS);
    }
  }
}
