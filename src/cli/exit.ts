import { reachedLimit } from '../distribution/limits.js';
import { RemigrateError } from '../errors.js';
import { printable } from '../journal/text.js';

/** Where messages for the user go. */
export interface MessageStream {
  write(text: string): unknown;
}

/**
 * An unexpected error: a bug in remigrate, or in a scenario file outside the steps that the runner awaits. It says
 * nothing about the operator, so it must not look like 1 (a loss) or 3 (the environment failed).
 * `EX_SOFTWARE` of BSD's sysexits.h.
 */
export const INTERNAL_ERROR = 70;

/** The reader closed the pipe, as `| head` does: the code that a shell reports for a program ended by SIGPIPE (13). */
export const PIPE_CLOSED = 128 + 13;

/** The exit code of several runs or clusters: 1 takes precedence over 3, and 3 over 0. */
export function worst(codes: readonly (0 | 1 | 3)[]): 0 | 1 | 3 {
  if (codes.includes(1)) return 1;
  return codes.includes(3) ? 3 : 0;
}

/**
 * Reports an error that ends the command: only its message if the user can do something about it, also if a limit of the
 * system is reached, and the stack trace if it is a bug.
 * @returns the exit code: 2 or 3; INTERNAL_ERROR for a bug.
 */
export function reportError(error: unknown, stream: MessageStream): number {
  if (error instanceof RemigrateError) {
    stream.write(`remigrate: ${printable(error.message)}\n`);
    return error.exitCode;
  }
  const limit = reachedLimit(error);
  if (limit !== undefined) {
    stream.write(`remigrate: ${limit}\n`);
    return 2;
  }
  stream.write(
    `remigrate: unexpected error, a bug in remigrate or in a scenario file: ${printable(stackOf(error))}\n` +
      'The exit code says nothing about the operator.\n',
  );
  return INTERNAL_ERROR;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** The exit code if writing the output failed because the reader closed the pipe. @throws any other error. */
export function exitCodeOfWriteError(error: Error): number {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return PIPE_CLOSED;
  throw error;
}
