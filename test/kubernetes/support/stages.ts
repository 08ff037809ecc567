import { expect, it } from '@jest/globals';

/**
 * Tests of one deployment, each of which continues where the one before it ended. If a stage fails, the later ones fail
 * immediately: otherwise each would wait for minutes until it times out.
 * @param failures what the cluster has reported to the runner; it must be empty after each stage.
 */
export function stages(failures: () => readonly Error[]): (name: string, body: () => Promise<void>) => void {
  let broken = false;
  return (name, body) => {
    it(name, async () => {
      if (broken) throw new Error('a stage before this one has failed');
      broken = true;
      await body();
      expect(failures()).toEqual([]);
      broken = false;
    });
  };
}
