import { execa } from 'execa';

/** How a program exited. */
export interface ProgramEnd {
  /** The exit code; above 128 if a signal ended the program. undefined if it could not be started. */
  readonly exitCode: number | undefined;
  /** What it printed to both of its outputs, without colours. */
  readonly output: readonly string[];
}

export interface ChildProcessOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Ends the program with SIGTERM. */
  readonly signal?: AbortSignal;
  /** Gets each line that the program prints. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program beside a watcher that reads a pipe from this process. The pipe ends when this process closes it or
 * exits, even by SIGKILL, and the watcher then sends SIGTERM to the program. `read` is a builtin, so that only sh is
 * needed. The program's input is /dev/null and not the pipe, so that its own child processes cannot hold the pipe open.
 */
const SCRIPT = `
exec 3<&0 0</dev/null
"$@" 3<&- &
program=$!
{ read -r _ <&3; kill "$program"; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$program"
status=$?
kill "$watcher" 2>/dev/null
exit $status`;

/** Colours, which some programs print even without a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
const COLOURS = /\u001b\[[\d;]*m/g;

/**
 * Runs a program that ends with this process, even if this process is killed. Does not reject: the caller judges how
 * the program exited, also after `signal` was aborted.
 * @param program an absolute path.
 */
export async function runChildProcess(
  program: string,
  args: readonly string[],
  options: ChildProcessOptions,
): Promise<ProgramEnd> {
  const { env, signal, onLine } = options;
  const running = execa('/bin/sh', ['-c', SCRIPT, 'sh', program, ...args], {
    env,
    extendEnv: false,
    reject: false,
    all: true,
    lines: true,
    stdin: 'pipe',
  });
  const end = () => running.stdin.end();
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end, { once: true });
  try {
    if (onLine !== undefined) for await (const line of running.iterable({ from: 'all' })) onLine(plain(line));
    const { exitCode, all } = await running;
    return { exitCode, output: all.map(plain) };
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

function plain(line: string): string {
  return line.replace(COLOURS, '');
}
