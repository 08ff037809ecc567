import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { packageRoot } from '../src/package-root.js';

/** One run of the command line. */
export interface Command {
  /** From the start of the process to its exit. */
  readonly seconds: number;
  /** Peak resident memory, in MB (10^6 bytes). */
  readonly peakMemory: number;
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Runs `remigrate ARGS`, as a user would. The caller judges how it exited. */
export async function runCommand(args: readonly string[]): Promise<Command> {
  const folder = await mkdtemp(join(tmpdir(), 'remigrate-bench-'));
  const peak = join(folder, 'peak');
  const preload = pathToFileURL(join(packageRoot(), 'bench/report-peak-memory.mjs')).href;
  try {
    const begun = performance.now();
    const result = await execa(
      process.execPath,
      ['--import', preload, join(packageRoot(), 'dist/src/cli/main.js'), ...args],
      { reject: false, all: true, env: { REMIGRATE_BENCH_PEAK: peak } },
    );
    const seconds = (performance.now() - begun) / 1000;
    const peakMemory = Number(await readFile(peak, 'utf8')) / 1e6;
    return { seconds, peakMemory, exitCode: result.exitCode, output: result.all };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
