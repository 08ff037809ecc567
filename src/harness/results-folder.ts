import { cp, lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, messageOf, UsageError } from '../errors.js';
import { makeFolder, realLocation } from '../folders.js';
import type { Scenario } from '../scenario/scenario.js';

/**
 * The file that marks a folder of results: only a folder with it is ever emptied. It begins with a dot, so that a list of
 * the results does not show it.
 */
export const RESULTS_MARKER = '.remigrate-results.json';

const marker = z.object({ madeBy: z.literal('remigrate'), run: z.string() });

/** `rollback-remigrate-0.45.0` */
export function runName(scenario: Pick<Scenario, 'name'>, operatorVersion: string): string {
  return `${scenario.name}-${operatorVersion}`;
}

/** Where the results of a run are to go. */
export interface ResultsPlace {
  /** `rollback-remigrate-0.45.0` */
  readonly run: string;
  readonly path: string;
  /**
   * The folder that must contain it, directly; the option that named that folder, if one did; and what the user can do
   * instead. undefined: it may be anywhere.
   */
  readonly within?:
    | { readonly folder: string; readonly option: string | undefined; readonly remedy: string }
    | undefined;
}

/**
 * The folder for the journal, logs and snapshots of one run. It replaces the results of an earlier run with the same
 * name, and nothing else: a folder without the mark of such a run is refused before anything runs.
 */
export class ResultsFolder {
  /** Absolute. */
  readonly path: string;
  readonly #place: ResultsPlace;

  private constructor(place: ResultsPlace) {
    this.#place = place;
    this.path = resolve(place.path);
  }

  /** @throws UsageError for a folder that would not be replaced, or does not lie where it must. */
  static async claim(place: ResultsPlace): Promise<ResultsFolder> {
    const folder = new ResultsFolder(place);
    await folder.#check();
    return folder;
  }

  /**
   * Replaces what the folder contains by a copy of `source`.
   * @throws EnvironmentError when that is not possible, or something else is in the way by now.
   */
  async replaceBy(source: string): Promise<void> {
    try {
      await this.#check();
      await makeFolder(this.path);
      // First the mark: a copy that fails halfway is replaced by the next run.
      await writeFile(
        join(this.path, RESULTS_MARKER),
        `${JSON.stringify({ madeBy: 'remigrate', run: this.#place.run })}\n`,
      );
      for (const entry of await readdir(this.path)) {
        if (entry !== RESULTS_MARKER) await rm(join(this.path, entry), { recursive: true, force: true });
      }
      await cp(source, this.path, { recursive: true });
    } catch (error) {
      throw new EnvironmentError(`Journal and logs cannot be written to ${this.path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #check(): Promise<void> {
    await this.#refuseOutside();
    const { path } = this;
    const remedy = this.#place.within?.remedy ?? 'choose another folder';
    const refuse = (why: string): never => {
      throw new UsageError(
        `${path} is in the way of the results of ${this.#place.run}: ${why}. Delete or move it yourself, or ${remedy}.`,
      );
    };
    const found = await lstat(path).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      if (code === 'ENOTDIR') return this.#refuseFileAbove(remedy);
      return refuse(messageOf(error));
    });
    if (found === undefined) return;
    if (found.isSymbolicLink()) refuse('it is a symbolic link');
    if (!found.isDirectory()) refuse('it is not a folder');
    const entries = await readdir(path);
    if (entries.length === 0) return;
    const run = entries.includes(RESULTS_MARKER) ? await markedRun(join(path, RESULTS_MARKER)) : undefined;
    if (run === undefined) {
      refuse(
        `it is not known to be a folder of results, because it has no valid ${RESULTS_MARKER} (earlier versions of remigrate did not write that file)`,
      );
    }
    if (run !== this.#place.run) refuse(`it contains the results of ${run}`);
  }

  #refuseFileAbove(remedy: string): never {
    const option = this.#place.within?.option;
    throw new UsageError(
      `${option === undefined ? 'Results' : option}: cannot write to ${dirname(this.path)}: it, or a folder above it, is a file. ` +
        `Delete or move the file yourself, or ${remedy}.`,
    );
  }

  async #refuseOutside(): Promise<void> {
    const { run, within } = this.#place;
    if (within === undefined) return;
    const [parent, folder] = await Promise.all([realLocation(dirname(this.path)), realLocation(within.folder)]);
    if (parent === folder) return;
    throw new UsageError(
      `The results of the run "${run}" would be written to ${this.path}, which is not directly in ${resolve(within.folder)}. ` +
        'Use names without "/" for the scenario and the operator version.',
    );
  }
}

/** The run whose results a folder holds; undefined if the file is not a mark. */
async function markedRun(file: string): Promise<string | undefined> {
  try {
    return marker.safeParse(JSON.parse(await readFile(file, 'utf8'))).data?.run;
  } catch {
    // Unreadable or not JSON: not a mark.
    return undefined;
  }
}
