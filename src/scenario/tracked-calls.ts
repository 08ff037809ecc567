/**
 * Remembers the promises that the methods of some objects have returned. A step that does not await its gestures leaves
 * them pending. When the run ends because of that, they are rejected without a handler, which would end the process.
 */
export class TrackedCalls {
  readonly #pending: Promise<unknown>[] = [];

  /** @returns the same object, with its methods tracked. */
  track<T extends object>(target: T): T {
    const promises = this.#pending;
    return new Proxy(target, {
      get(object, key) {
        const value: unknown = Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]): unknown => {
          const returned: unknown = Reflect.apply(value, object, args);
          if (returned instanceof Promise) promises.push(returned);
          return returned;
        };
      },
    });
  }

  /** Ignores the outcome of all calls, so that no rejection is unhandled. */
  abandon(): void {
    for (const promise of this.#pending) promise.catch(() => undefined);
  }
}
