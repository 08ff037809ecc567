/**
 * Errors that a user can cause or encounter. The command line prints their message, without a stack trace, and exits
 * with their code. A message says what was wrong, where, and what to do.
 */
export class RemigrateError extends Error {
  /** 2: wrong usage or a missing prerequisite. 3: inconclusive, the environment failed. */
  readonly exitCode: 2 | 3;

  constructor(message: string, exitCode: 2 | 3, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.exitCode = exitCode;
  }
}

/** The user asked for something that does not exist, or the machine lacks what was asked for. Exit code 2. */
export class UsageError extends RemigrateError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 2, options);
  }
}

/** The environment failed: the run says nothing about the operator. Exit code 3. */
export class EnvironmentError extends RemigrateError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 3, options);
  }
}

/** A wait ran into its deadline. The message names what it waited for. Exit code 3 unless an invariant explains it. */
export class WaitTimedOut extends EnvironmentError {}

/** A wait was cancelled because the run ended: a loss was seen, or a signal arrived. Never shown on its own. */
export class WaitAborted extends Error {
  override readonly name = 'WaitAborted';
}

/** The message of a failure on one line, followed by those of its causes that say more. */
export function messageOf(failure: unknown): string {
  if (!hasMessage(failure)) return String(failure);
  let text = ownMessage(failure);
  for (let cause = failure.cause; hasMessage(cause); cause = cause.cause) {
    const more = ownMessage(cause);
    if (!text.includes(more)) text = `${text}: ${more}`;
  }
  return text;
}

/** A caught value as an Error with a message: the value itself, or a new Error with its text. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error && thrown.message.trim() !== '') return thrown;
  return new Error(messageOf(thrown), { cause: thrown });
}

/** Whether a caught value says what went wrong: `throw undefined` does not. */
export function givesReason(thrown: unknown): boolean {
  return typeof thrown === 'string' ? thrown.trim() !== '' : hasMessage(thrown);
}

/** Not `instanceof Error`: tests run in a realm of their own, and Node's errors come from another realm there. */
function hasMessage(value: unknown): value is { readonly message: string; readonly cause?: unknown } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

/** Without a full stop. Of an error without a message: those of the errors that it stands for, or its name. */
function ownMessage(error: { readonly message: string; readonly name?: unknown; readonly errors?: unknown }): string {
  if (error.message.trim() !== '') return withoutFullStop(error.message);
  // Node.js reports a connection that failed at several addresses like this.
  const parts: readonly unknown[] = Array.isArray(error.errors) ? error.errors : [];
  const messages = [...new Set(parts.filter(hasMessage).map(({ message }) => withoutFullStop(message)))];
  return messages.length > 0 ? messages.join('; ') : `${String(error.name ?? 'Error')} without a message`;
}

function withoutFullStop(message: string): string {
  return message.replace(/\.$/, '');
}
