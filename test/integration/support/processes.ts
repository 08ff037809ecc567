import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';

export interface FoundProcess {
  readonly pid: number;
  /** Its command line. */
  readonly args: string;
}

/**
 * The processes that were started with this folder as their `TMPDIR`, or name it in their command line. A process
 * inherits the variable from its parent, so this finds guardians (whose command line has only the run's mark), `mvn`
 * and shells as well as nodes.
 */
export async function processesIn(temporary: string): Promise<readonly FoundProcess[]> {
  return process.platform === 'linux' ? byProc(temporary) : byPs(temporary);
}

async function byProc(temporary: string): Promise<readonly FoundProcess[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environment, commandLine] = await Promise.all([
        readUnlessGone(`/proc/${pid}/environ`),
        readUnlessGone(`/proc/${pid}/cmdline`),
      ]);
      const its = environment.split('\0').includes(`TMPDIR=${temporary}`) || commandLine.includes(temporary);
      return its ? [{ pid: Number(pid), args: commandLine.replaceAll('\0', ' ').trim() }] : [];
    }),
  );
  return found.flat();
}

/** Empty for a process that has ended, and for another user's, which no test has started. */
async function readUnlessGone(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return '';
    throw error;
  }
}

/** `-E`: shows the environment after the command line, for the user's own processes. */
async function byPs(temporary: string): Promise<readonly FoundProcess[]> {
  const ps = execa('ps', ['-A', '-E', '-ww', '-o', 'pid=,command=']);
  const { stdout } = await ps;
  return stdout.split('\n').flatMap((line) => {
    const [, pid, shown] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    if (pid === undefined || shown === undefined || !shown.includes(temporary) || Number(pid) === ps.pid) return [];
    return [{ pid: Number(pid), args: shown.replace(/( [A-Za-z_]\w*=\S*)+$/, '') }];
  });
}
