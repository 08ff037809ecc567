import type { RequestFailed } from './request-failed.js';

/** The delay before the next attempt, in ms, by the number of retries so far (from 0). */
export type BackOff = (attempt: number) => number;

const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/** Doubles from 0.2 s up to 5 s, each shortened at random by up to a half, so that clients do not retry in step. */
export const exponential: BackOff = (attempt) =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

/**
 * The delay before a request is retried, at least the server's Retry-After. undefined: do not retry, because the
 * failure is not transient, or the deadline would pass first.
 */
export function delayBeforeRetry(
  failure: RequestFailed,
  attempt: number,
  remainingMs: number,
  backOff: BackOff,
): number | undefined {
  if (!failure.transient) return undefined;
  const delay = Math.max(failure.retryAfterMs ?? 0, backOff(attempt));
  return delay >= remainingMs ? undefined : delay;
}
