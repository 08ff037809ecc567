import { setTimeout as timer } from 'node:timers/promises';

/**
 * Does the work again and again, with a pause after each time, until the signal is aborted or the work says that it was
 * the last time. The pauses do not keep the process alive. For what must be renewed before it expires; to wait for
 * something, use `waitUntil`.
 * @param work returns whether to go on.
 * @throws what the work throws.
 */
export async function periodically(
  pauseMs: number,
  signal: AbortSignal,
  work: () => Promise<'again' | 'done'>,
): Promise<void> {
  for (;;) {
    try {
      await timer(pauseMs, undefined, { signal, ref: false });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if ((await work()) === 'done' || signal.aborted) return;
  }
}
