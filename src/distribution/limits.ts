import { readFileSync } from 'node:fs';

/** Limits of the operating system that the commands of remigrate need. This module imports nothing of ours: see main.ts. */

/** Node.js opens all modules of remigrate at the same time: about 100 files (measured; it fails at 96, and not at 128). */
export const OPEN_FILES_TO_LOAD = 256;
/** A broker's JVM opens about 130 files (measured with the topics of the shipped scenarios), and more with more topics. */
export const OPEN_FILES_OF_A_NODE = 512;
/** Node.js has 11 threads; a program that it asks, such as `java -version`, has about 20 (measured). */
export const PROCESSES_OF_A_COMMAND = 64;
/** A run with one node of each kind has up to five JVMs with 30 to 80 threads each, which count as processes. */
export const PROCESSES_OF_A_RUN = 512;

/** The limits of this process as Linux shows them; undefined on other systems. */
export function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Not Linux, or /proc is not mounted: what needs the limit then fails with the error of the system.
    return undefined;
  }
}

/** What to do if fewer files than needed can be opened; undefined if it is enough, or not known. */
export function openFilesProblem(needed: number, limits = readLimits()): string | undefined {
  const limit = limitOf(limits, 'Max open files');
  if (limit === undefined || limit >= needed) return undefined;
  return `Only ${limit} files can be open at the same time (ulimit -n), but at least ${needed} are needed. Raise the limit, for example with \`ulimit -n 4096\`, and run again.`;
}

/**
 * What to do if the user can start fewer processes and threads than needed; undefined if it is enough, or not known. The
 * limit does not apply to root (Linux, getrlimit(2), RLIMIT_NPROC).
 */
export function processesProblem(
  needed: number,
  {
    limits = readLimits(),
    root = process.getuid?.() === 0,
  }: { readonly limits?: string | undefined; readonly root?: boolean } = {},
): string | undefined {
  const limit = limitOf(limits, 'Max processes');
  if (root || limit === undefined || limit >= needed) return undefined;
  return `Only ${limit} processes and threads can run for this user (ulimit -u), but at least ${needed} are needed. Raise the limit, for example with \`ulimit -u 4096\`, and run again.`;
}

/** The soft limit. Node.js has raised that of open files as far as it may. undefined: unlimited or not known. */
function limitOf(limits: string | undefined, name: string): number | undefined {
  const value = new RegExp(`^${name} +(\\d+)`, 'm').exec(limits ?? '')?.[1];
  return value === undefined ? undefined : Number(value);
}

/** The system's errors that mean that a limit is reached, and how it is called. */
const REACHED: Readonly<Record<string, string>> = {
  EMFILE: 'No more files can be opened: the limit of open files (ulimit -n) is reached',
  ENFILE: 'No more files can be opened: the limit of the whole system (on Linux fs.file-max) is reached',
  EAGAIN:
    'No more processes can be started: the limit of processes and threads (ulimit -u), or that of the container, is reached',
};

/** The limit that an error or one of its causes shows, and what to do; undefined for any other error. */
export function reachedLimit(error: unknown): string | undefined {
  for (let at = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : undefined) {
    const { code, syscall } = at as NodeJS.ErrnoException;
    // EAGAIN has other meanings for other calls.
    if (code === 'EAGAIN' && !/^(?:spawn|fork)/.test(syscall ?? '')) continue;
    const reached = code === undefined ? undefined : REACHED[code];
    if (reached !== undefined) return `${reached}. Raise it, or end other processes, and run again.`;
  }
  return undefined;
}
