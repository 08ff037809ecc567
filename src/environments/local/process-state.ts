import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/**
 * Whether something has stopped a process (SIGSTOP, a debugger): its state is T, or t for a debugger's.
 * @returns `its process is stopped (state T)`; undefined: it is not, or it has ended.
 */
export async function stoppedProcess(pid: number): Promise<string | undefined> {
  const state = process.platform === 'linux' ? await stateInProc(pid) : await stateInPs(pid);
  return state?.toUpperCase() === 'T' ? `its process is stopped (state ${state})` : undefined;
}

async function stateInProc(pid: number): Promise<string | undefined> {
  try {
    // `PID (COMMAND) STATE ...`: the command may contain parentheses and spaces.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

async function stateInPs(pid: number): Promise<string | undefined> {
  const { stdout, exitCode } = await execa('ps', ['-o', 'state=', '-p', String(pid)], { reject: false });
  return exitCode === 0 ? stdout.trim()[0] : undefined;
}
