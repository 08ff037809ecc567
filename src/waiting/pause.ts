import { aborted } from './outcomes.js';

/**
 * Waits for a time that something outside decides, such as the kubelet's back-off.
 * @param what completes "stopped waiting for ...".
 * @throws WaitAborted when the signal is aborted.
 */
export function pause(milliseconds: number, what: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      finish();
    };
    const abort = (): void => end(() => reject(aborted(what, signal.reason)));
    const timer = setTimeout(() => end(resolve), milliseconds);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}
