import { expect, it } from '@jest/globals';

/**
 * Tests of one deployment, each of which continues where the one before it ended. Without the one before it a stage
 * would wait for minutes until it times out: after one has failed, the others fail immediately.
 * @param failures what the cluster has reported to the runner: none after each.
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
