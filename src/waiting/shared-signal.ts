import { setMaxListeners } from 'node:events';

/**
 * An AbortController whose signal many waits listen to at the same time. Node.js warns of a leak at the eleventh listener
 * of one signal (Node.js 20, `events`, defaultMaxListeners). Every wait removes its listener when it ends, so more
 * listeners only mean more waits.
 */
export function sharedController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/**
 * Does work with a shared signal that is aborted with the caller's, and with the same reason. The caller's signal gets
 * one listener, however many waits the work has, and none after the work.
 */
export async function withSharedSignal<T>(callers: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = sharedController();
  const abort = (): void => controller.abort(callers.reason);
  callers.addEventListener('abort', abort, { once: true });
  if (callers.aborted) abort();
  try {
    return await work(controller.signal);
  } finally {
    callers.removeEventListener('abort', abort);
  }
}
