import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardianMessage } from './guard.js';

/**
 * The guardian process of one run: `node main.js MARK`, with the harness at the other end of its standard input.
 * See guard.ts. It does not get the harness's signals: Ctrl-C goes to the terminal's process group, and this process
 * has its own group.
 */

/** Ids of the processes whose command line carries the mark, except this one. */
function marked(mark: string): number[] {
  const found: number[] = [];
  if (process.platform === 'linux') {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
      try {
        if (readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(mark)) found.push(Number(entry));
      } catch {
        // The process exited meanwhile.
      }
    }
    return found;
  }
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n')) {
    const [, pid, args] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid !== undefined && args?.includes(mark) && Number(pid) !== process.pid) found.push(Number(pid));
  }
  return found;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Kills until three checks in a row find nothing: a process that was being forked when the harness died shows up late.
 */
async function killMarked(mark: string): Promise<void> {
  for (let clean = 0; clean < 3; ) {
    const pids = marked(mark);
    for (const pid of pids) kill(pid);
    clean = pids.length === 0 ? clean + 1 : 0;
    if (clean < 3) await pause(50);
  }
}

/**
 * How often: what the killed processes had requested may show up late, such as a container that Docker was creating.
 */
const COMMAND_RUNS = 3;
const COMMAND_PAUSE_MS = 1_000;
const COMMAND_MS = 120_000;

/** Its exit code is ignored: the harness, which would report it, is gone. */
async function runRepeatedly([program = '', ...args]: readonly string[]): Promise<void> {
  for (let run = 1; run <= COMMAND_RUNS; run++) {
    spawnSync(program, args, { stdio: 'ignore', timeout: COMMAND_MS });
    if (run < COMMAND_RUNS) await pause(COMMAND_PAUSE_MS);
  }
}

async function main(mark: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const folders = new Set<string>();
  let command: readonly string[] | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line) as GuardianMessage;
    if (message.watch !== undefined) folders.add(message.watch);
    if (message.release !== undefined) folders.delete(message.release);
    if (message.runAtEnd !== undefined) command = message.runAtEnd ?? undefined;
  }
  await killMarked(mark);
  if (command !== undefined) await runRepeatedly(command);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

const mark = process.argv[2];
if (mark === undefined || mark.length < 16) {
  throw new Error('usage: node main.js MARK, with the mark of a run: remigrate starts this process');
}
await main(mark);
