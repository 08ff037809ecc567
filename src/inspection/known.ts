import { messageOf, RemigrateError } from '../errors.js';

/** Something that was looked at, or why it could not be. */
export type Known<T> = { readonly known: T } | { readonly unknown: string };

export function knownValue<T>(known: Known<T>): T | undefined {
  return 'known' in known ? known.known : undefined;
}

/** '' for what is known. */
export function unknownReason(known: Known<unknown>): string {
  return 'unknown' in known ? known.unknown : '';
}

/**
 * Looks, and takes down why it could not: the rest is looked at all the same.
 * @throws what is no RemigrateError, and the signal's reason.
 */
export async function lookAt<T>(look: () => T | Promise<T>, signal?: AbortSignal): Promise<Known<T>> {
  try {
    return { known: await look() };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RemigrateError)) throw error;
    return { unknown: messageOf(error) };
  }
}
