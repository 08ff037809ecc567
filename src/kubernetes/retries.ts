import type { RequestFailed } from './request-failed.js';

/** How long to wait before trying again, in ms, by how often it was tried before (from 0). */
export type BackOff = (attempt: number) => number;

const FIRST_MS = 200;
const LONGEST_MS = 5_000;

/** Doubles from 0.2 s up to 5 s, each time shortened by up to a half at random, so that clients don't come in step. */
export const exponential: BackOff = (attempt) =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

/**
 * How long to wait before a request is sent again; undefined if it is not to be: the server refused it for good, or the
 * deadline would be over before. What the server asked for with Retry-After is the least.
 */
export function delayBeforeRetry(
  failure: RequestFailed,
  attempt: number,
  remainingMs: number,
  backOff: BackOff,
): number | undefined {
  if (!failure.passing) return undefined;
  const delay = Math.max(failure.retryAfterMs ?? 0, backOff(attempt));
  return delay >= remainingMs ? undefined : delay;
}
