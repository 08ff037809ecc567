import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { packageRoot } from '../../../src/package-root.js';
import { type FoundProcess, processesIn } from './processes.js';

/** The requirement: five seconds after the harness has exited, nothing is left. */
const GONE_MS = 5_000;

/** A place for commands: a working folder and a folder for temporary files of its own. */
export interface Place {
  readonly folder: string;
  readonly temporary: string;
}

export async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'test-command-'));
  return { folder, temporary: await mkdtemp(join(folder, 'tmp-')) };
}

export function removePlace({ folder }: Place): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/**
 * Starts `remigrate ARGS` there, as a user would.
 * @param through a command that runs the command after it, as `sudo` does.
 */
export function remigrate(
  place: Place,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  through: readonly string[] = [],
) {
  const command = [process.execPath, join(packageRoot(), 'dist/src/cli/main.js'), ...args];
  const [executable = process.execPath, ...rest] = [...through, ...command];
  return execa(executable, rest, {
    cwd: place.folder,
    env: { TMPDIR: place.temporary, NO_COLOR: '1', ...env },
    reject: false,
    all: true,
    forceKillAfterDelay: false,
  });
}

/** Processes that the place's runs started, and those started by them. */
export function processesOf(place: Place): Promise<readonly FoundProcess[]> {
  return processesIn(place.temporary);
}

/** Waits until no process and no folder of the place's runs exists. @throws Error that names what is left. */
export async function expectNothingLeft(place: Place): Promise<void> {
  await untilNothingIsLeft(GONE_MS, async () => {
    const processes = await processesOf(place);
    return [...(await readdir(place.temporary)), ...processes.map(({ args }) => args)];
  });
}

/** @throws Error that names what is left when the time, in milliseconds, is over. */
export async function untilNothingIsLeft(goneMs: number, look: () => Promise<readonly string[]>): Promise<void> {
  const deadline = performance.now() + goneMs;
  for (;;) {
    const left = await look();
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`left behind after ${goneMs / 1000} s:\n${left.join('\n')}`);
    await pause(100);
  }
}
