import { aborted, timedOut } from './outcomes.js';

export interface WaitOptions {
  /** What the wait is for: it completes "timed out after 30 s waiting for ...". */
  readonly what: string | (() => string);
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits for an event: probes immediately, and again each time `subscribe` calls back, until the probe returns a value.
 *
 * @param subscribe registers the callback and returns the function that removes it.
 * @param probe returns undefined until the event has happened. What it or `subscribe` throws rejects the wait.
 * @throws WaitTimedOut after `timeoutMs`, naming `what`. @throws WaitAborted when the signal is aborted.
 */
export function waitUntil<T>(
  options: WaitOptions,
  subscribe: (wake: () => void) => () => void,
  probe: () => T | undefined,
): Promise<T> {
  const what = (): string => (typeof options.what === 'string' ? options.what : options.what());
  return new Promise<T>((resolve, reject) => {
    let unsubscribe: () => void = () => undefined;
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
      unsubscribe();
      finish();
    };
    const abort = (): void => settle(() => reject(aborted(what(), options.signal.reason)));
    const check = (): void => {
      if (settled) return;
      let answer: T | undefined;
      try {
        answer = probe();
      } catch (error) {
        settle(() => reject(error));
        return;
      }
      if (answer !== undefined) {
        const found = answer;
        settle(() => resolve(found));
      }
    };
    const timer = setTimeout(() => settle(() => reject(timedOut(what(), options.timeoutMs))), options.timeoutMs);
    if (options.signal.aborted) {
      abort();
      return;
    }
    options.signal.addEventListener('abort', abort);
    try {
      const remove = subscribe(check);
      // `subscribe` may call back before it returns.
      if (settled) remove();
      else unsubscribe = remove;
    } catch (error) {
      settle(() => reject(error));
    }
    check();
  });
}
