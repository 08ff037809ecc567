import { messageOf, WaitAborted, WaitTimedOut } from '../errors.js';

/**
 * The error of a wait that ran into its deadline: every wait uses this one wording.
 *
 * @param what what the wait was for, as a noun: "a response from broker localhost:9092".
 * @param timeoutMs how long the wait lasted, in milliseconds.
 * @param lastFailure the error of the last attempt, if there was one.
 */
export function timedOut(what: string, timeoutMs: number, lastFailure?: unknown): WaitTimedOut {
  const text = `timed out after ${timeoutMs / 1000} s waiting for ${what}`;
  if (lastFailure === undefined) return new WaitTimedOut(text);
  return new WaitTimedOut(`${text}; the last attempt failed: ${messageOf(lastFailure)}`, { cause: lastFailure });
}

/**
 * The error of a wait that its signal ended: every wait uses this one wording.
 *
 * @param what what the wait was for, as a noun.
 * @param reason the signal's reason.
 */
export function aborted(what: string, reason?: unknown): WaitAborted {
  return new WaitAborted(`stopped waiting for ${what}`, { cause: reason });
}
