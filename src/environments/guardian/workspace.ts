import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunWorkspace } from '../../cluster/environment.js';
import { EnvironmentError, messageOf, UsageError } from '../../errors.js';
import { Guard } from './guard.js';

/** One run's own folder, under a guardian: gone when the run is over, whatever ends it. */
export class Workspace implements RunWorkspace {
  readonly folder: string;
  readonly results: string;
  readonly mark: string;
  readonly #guard: Guard;

  private constructor(folder: string, mark: string, guard: Guard) {
    this.folder = folder;
    this.results = join(folder, 'results');
    this.mark = mark;
    this.#guard = guard;
  }

  /**
   * Makes the folder below the machine's folder for temporary files, and starts the guardian.
   * @throws UsageError when no folder can be made there. @throws EnvironmentError when the guardian can't be started.
   */
  static async open(): Promise<Workspace> {
    const mark = `remigrate-${randomBytes(12).toString('hex')}`;
    const guard = await Guard.start(mark);
    try {
      const folder = await mkdtemp(join(tmpdir(), 'remigrate-'));
      guard.watchFolder(folder);
      await mkdir(join(folder, 'results'));
      return new Workspace(folder, mark, guard);
    } catch (error) {
      await guard.close();
      throw new UsageError(
        `The run's folder can't be made in ${tmpdir()}: ${messageOf(error)}. Let TMPDIR name a folder that you may write.`,
        { cause: error },
      );
    }
  }

  /**
   * Copies what is worth keeping of the run (journal, logs, snapshots) into a folder, which is made or replaced.
   * @throws EnvironmentError when it can't be written.
   */
  async copyResults(destination: string): Promise<void> {
    try {
      await rm(destination, { recursive: true, force: true });
      await cp(this.results, destination, { recursive: true });
    } catch (error) {
      throw new EnvironmentError(`Journal and logs can't be written to ${destination}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Removes the folder, unless it is to be kept, and waits until the guardian is gone. */
  async close(options: { readonly keep: boolean }): Promise<void> {
    if (options.keep) this.#guard.releaseFolder(this.folder);
    else await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    await this.#guard.close();
  }
}
