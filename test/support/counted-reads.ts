/** Counts how often elements of its arrays are read: an amount of work that can be compared without a clock. */
export class CountedReads {
  count = 0;

  /** The same elements; reading one of them counts. */
  of<T>(items: readonly T[]): readonly T[] {
    return new Proxy(items, {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) this.count += 1;
        return Reflect.get(target, key, target);
      },
    });
  }
}
