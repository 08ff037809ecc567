import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunWorkspace } from '../../cluster/environment.js';
import { messageOf, UsageError } from '../../errors.js';
import { tryFolder } from '../../folders.js';
import { Guard, type Notice } from './guard.js';

/** The folder of one run, under a guardian: deleted at the end of the run, however it ends. */
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
   * Creates the folder in the system's folder for temporary files, and starts the guardian.
   * @param notice is called with what happens to the guardian.
   * @throws UsageError when no folder can be created there. @throws EnvironmentError when the guardian cannot be
   * started.
   */
  static async open(notice: Notice): Promise<Workspace> {
    const parent = resolve(tmpdir());
    if (parent.includes(',')) {
      throw new UsageError(
        `The folder of the run cannot be created in ${parent}: a "," separates the folders of Kafka's log.dirs. Set TMPDIR to a folder whose path has no comma.`,
      );
    }
    const mark = `remigrate-${randomBytes(12).toString('hex')}`;
    const guard = await Guard.start(mark, notice);
    try {
      const folder = await mkdtemp(join(parent, 'remigrate-'));
      guard.watchFolder(folder);
      await mkdir(join(folder, 'results'));
      await tryFolder(folder);
      return new Workspace(folder, mark, guard);
    } catch (error) {
      await guard.close();
      throw new UsageError(
        `The folder of the run cannot be created in ${parent}: ${messageOf(error)}. Set TMPDIR to a folder that you can write to.`,
        { cause: error },
      );
    }
  }

  /** Removes the folder, unless it is kept, and waits until the guardian has exited. */
  async close(options: { readonly keep: boolean }): Promise<void> {
    if (options.keep) this.#guard.releaseFolder(this.folder);
    else await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    await this.#guard.close();
  }
}
