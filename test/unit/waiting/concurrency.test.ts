import { describe, expect, it } from '@jest/globals';
import { mapConcurrently } from '../../../src/waiting/concurrency.js';

/** Work that ends when the test says so. */
function heldWork() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const work = (item: number): Promise<string> => {
    begun.push(item);
    return new Promise((resolve) => ends.set(item, () => resolve(`done ${item}`)));
  };
  const end = async (item: number): Promise<void> => {
    ends.get(item)?.();
    // Lets the next item begin.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { begun, work, end };
}

describe('mapConcurrently', () => {
  it('begins no more items than the limit, the next when one has ended, and keeps the order', async () => {
    const { begun, work, end } = heldWork();
    const all = mapConcurrently([1, 2, 3, 4], 2, work);
    expect(begun).toEqual([1, 2]);
    await end(2);
    expect(begun).toEqual([1, 2, 3]);
    await end(3);
    expect(begun).toEqual([1, 2, 3, 4]);
    await end(4);
    await end(1);
    expect(await all).toEqual(['done 1', 'done 2', 'done 3', 'done 4']);
  });

  it('accepts fewer items than the limit, and none', async () => {
    expect(await mapConcurrently(['a'], 8, async (item) => item.toUpperCase())).toEqual(['A']);
    expect(await mapConcurrently([], 8, async (item) => item)).toEqual([]);
  });

  it('rejects with the error of the item that failed', async () => {
    await expect(mapConcurrently([1, 2], 2, (item) => Promise.reject(new Error(`no ${item}`)))).rejects.toThrow('no 1');
  });
});
