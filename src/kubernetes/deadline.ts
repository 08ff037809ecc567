import { WaitAborted } from '../errors.js';

/**
 * Carries `work` out under a deadline: its signal is aborted when the time is up and when the caller's is. Nothing stays
 * behind on the caller's signal, which may live as long as the run.
 *
 * @throws WaitAborted when the caller's signal is or was aborted. @throws what `late` makes of the failure when the time was up.
 */
export async function withinDeadline<T>(
  what: string,
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: (failure: unknown) => Error,
): Promise<T> {
  const stopped = (): WaitAborted => new WaitAborted(`no longer asking to ${what}`, { cause: signal.reason });
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
