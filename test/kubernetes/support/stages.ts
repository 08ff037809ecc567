import { expect, it } from '@jest/globals';

/**
 * Tests of one deployment, each of which goes on where the one before it has ended. Without the one before it a stage would
 * wait in vain, minutes long: after one that failed the others fail at once.
 * @param failures what the cluster has told the runner of: none after each.
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
