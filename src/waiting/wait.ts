import { WaitAborted, WaitTimedOut } from '../errors.js';

export interface WaitOptions {
  /** What is waited for, as it completes the sentence "waited 30 s for ...". */
  readonly what: string | (() => string);
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits for an event: probes at once and then each time that `subscribe`'s callback is called, until the probe answers.
 *
 * @param subscribe registers the callback and returns the function that takes it back.
 * @param probe answers undefined as long as it has not happened. What it or `subscribe` throws rejects the wait.
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
    const abort = (): void =>
      settle(() => reject(new WaitAborted(`no longer waiting for ${what()}`, { cause: options.signal.reason })));
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
    const timer = setTimeout(
      () => settle(() => reject(new WaitTimedOut(`waited ${options.timeoutMs / 1000} s for ${what()}, in vain`))),
      options.timeoutMs,
    );
    if (options.signal.aborted) {
      abort();
      return;
    }
    options.signal.addEventListener('abort', abort);
    try {
      const takeBack = subscribe(check);
      // A subscription may call back before it has returned.
      if (settled) takeBack();
      else unsubscribe = takeBack;
    } catch (error) {
      settle(() => reject(error));
    }
    check();
  });
}
