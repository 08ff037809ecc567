import { aborted } from './outcomes.js';

/**
 * Runs `work` with a deadline: its signal is aborted when the time is up, and when the caller's signal is. It leaves no
 * listener on the caller's signal, which may live as long as the run.
 *
 * @param what completes "the request to ...".
 * @param late makes the error to throw when the time is up, from the failure of `work`.
 * @throws WaitAborted when the caller's signal is or was aborted. @throws what `late` returns when the time is up.
 */
export async function withinDeadline<T>(
  what: string,
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: (failure: unknown) => Error,
): Promise<T> {
  const stopped = () => aborted(`the request to ${what}`, signal.reason);
  if (signal.aborted) throw stopped();
  const inner = new AbortController();
  const abort = (): void => inner.abort(signal.reason);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    inner.abort();
  }, timeoutMs);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(inner.signal);
  } catch (failure) {
    if (signal.aborted) throw stopped();
    throw isLate ? late(failure) : failure;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}
