import { EnvironmentError } from '../../errors.js';
import { type MachineCause, machineCauseOf } from '../../journal/machine-causes.js';
import { attemptsFor, endReason, saysSessionStillAlive } from '../../journal/repeated-ends.js';
import { errorLines, fatalLine } from '../../witness/fatal-line.js';

/** How many of the last lines of a node's log are read to find out why it exited. */
export const READ_LOG_LINES = 200;

/** The exit of a node that was not stopped. */
export interface NodeExit {
  readonly pod: string;
  /** "exit code 1" or "SIGKILL". */
  readonly how: string;
  /** The last lines of its log. */
  readonly log: readonly string[];
  /** Where clients reach it. */
  readonly clientAddress: string;
}

const MACHINE_SENTENCES: Readonly<Record<MachineCause, (exit: NodeExit) => string>> = {
  port: ({ pod, clientAddress }) =>
    `${pod} could not start: another process took one of its ports (clients reach it at ${clientAddress}). Run again.`,
  memory: (exit) => `${exit.pod} has no memory (${shown(exit)}). Free memory, or run fewer versions at once.`,
  'disk space': (exit) =>
    `${exit.pod} has no disk space (${shown(exit)}). Free space, or set TMPDIR to a larger file system.`,
  disk: (exit) => `${exit.pod} cannot use its disk (${shown(exit)}).`,
  files: (exit) => `${exit.pod} may not open more files (${shown(exit)}). Raise the limit (ulimit -n).`,
  JVM: (exit) => `The JVM of ${exit.pod} could not start (${shown(exit)}).`,
};

/**
 * The cause of an exit that lies outside of the cluster: the machine, or a signal that nobody of the run sent. A JVM
 * that handles a signal exits with 128 plus its number. undefined: the node ended by itself.
 */
export function outsideCause(exit: NodeExit): EnvironmentError | undefined {
  const machine = machineCauseOf(errorLines(exit.log));
  if (machine !== undefined) return new EnvironmentError(MACHINE_SENTENCES[machine](exit));
  const code = Number(/^exit code (\d+)$/.exec(exit.how)?.[1] ?? Number.NaN);
  if (code < CANNOT_EXECUTE) return undefined;
  const last = fatalLine(exit.log) ?? exit.log.at(-1);
  return new EnvironmentError(
    `${exit.pod} exited unexpectedly (${exit.how})${explained(exit.how, code)}.${last === undefined ? '' : ` Its last log line: ${last}`}`,
  );
}

/** What a shell exits with if it cannot execute the command; 127: it does not find it. Java exits with less. */
const CANNOT_EXECUTE = 126;
const SIGNALLED = 128;

function explained(how: string, code: number): string {
  if (how.startsWith('SIG')) {
    return '. The run did not send this signal: something outside of the cluster did, such as a person, or the kernel when memory runs out';
  }
  if (code > SIGNALLED) return `, which stands for signal ${code - SIGNALLED}. The run did not send this signal`;
  return Number.isNaN(code) ? '' : ': its program cannot be executed';
}

/** One exit of a node that ended by itself. */
export interface Crash {
  /** The line of its log that says why; undefined if there is none. */
  readonly error: string | undefined;
  /** `exit code 1`. */
  readonly how: string;
  /** Whether a broker found the session of its killed predecessor alive (docs/behaviour.md#stopping-brokers). */
  readonly sessionStillAlive: boolean;
}

export function crashOf({ how, log }: Pick<NodeExit, 'how' | 'log'>): Crash {
  return {
    error: fatalLine(log),
    how,
    sessionStillAlive: errorLines(log).some(saysSessionStillAlive),
  };
}

/** Whether the last of these crashes of one pod is one too many: the kubelet's restarts do not help. */
export function cannotRun(crashes: readonly Crash[]): boolean {
  const last = crashes.at(-1);
  // With code 0 a node ends that was asked to.
  if (last === undefined || last.how === 'exit code 0') return false;
  const same = crashes.filter((crash) => endReason(crash) === endReason(last)).length;
  return same >= attemptsFor(last.sessionStillAlive);
}

function shown({ how, log }: NodeExit): string {
  const error = fatalLine(log);
  return error === undefined ? how : `${how}: ${error}`;
}
