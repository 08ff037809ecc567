import { messageOf, RemigrateError } from '../errors.js';

/** Something that was read, or why it could not be read. */
export type Known<T> = { readonly known: T } | { readonly unknown: string };

export function knownValue<T>(known: Known<T>): T | undefined {
  return 'known' in known ? known.known : undefined;
}

/** '' for what is known. */
export function unknownReason(known: Known<unknown>): string {
  return 'unknown' in known ? known.unknown : '';
}

/**
 * Reads something, or keeps the reason why it cannot be read, so that the rest can still be read.
 * @throws errors other than RemigrateError, and the signal's reason.
 */
export async function tryToRead<T>(read: () => T | Promise<T>, signal?: AbortSignal): Promise<Known<T>> {
  try {
    return { known: await read() };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RemigrateError)) throw error;
    return { unknown: messageOf(error) };
  }
}
