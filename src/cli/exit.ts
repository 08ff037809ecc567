import { RemigrateError } from '../errors.js';

/** Where messages for the user go. */
export interface MessageStream {
  write(text: string): unknown;
}

/**
 * Something happened that nobody foresaw: a bug of remigrate, or of a scenario file outside the steps that the runner
 * waits for. It says nothing about the operator, so that it must not look like 1 (a loss) or 3 (the environment failed).
 * `EX_SOFTWARE` of BSD's sysexits.h.
 */
export const INTERNAL_ERROR = 70;

/** The reader of the output went away, as `| head` does: what the shell tells of a program that SIGPIPE (13) ended. */
export const READER_GONE = 128 + 13;

/** Of several runs or clusters: 1 beats 3, and 3 beats 0. */
export function worst(codes: readonly (0 | 1 | 3)[]): 0 | 1 | 3 {
  if (codes.includes(1)) return 1;
  return codes.includes(3) ? 3 : 0;
}

/**
 * Tells an error that ends the command, and answers with the exit code: the message alone where the user can do something
 * about it (2 or 3), with the stack trace where it is a bug (INTERNAL_ERROR).
 */
export function reportError(error: unknown, stream: MessageStream): number {
  if (error instanceof RemigrateError) {
    stream.write(`remigrate: ${error.message}\n`);
    return error.exitCode;
  }
  stream.write(
    `remigrate: unexpected error, a bug of remigrate or of a scenario file: ${stackOf(error)}\n` +
      'The exit code says nothing about the operator.\n',
  );
  return INTERNAL_ERROR;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** What to do when writing the output fails: the exit code where nobody reads it any more, else the error is thrown. */
export function exitCodeOfWriteError(error: Error): number {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return READER_GONE;
  throw error;
}
