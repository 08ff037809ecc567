import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from './support/command.js';
import { atLine } from './support/moments.js';

const TEST_TIMEOUT_MS = 180_000;

/** Moments of a run, each by a line of its output: before any node, with nodes up, in the middle of a roll. */
const MOMENTS = ['zookeeper-0 started', 'state ZooKeeper -> KRaftMigration', 'configured for POST_MIGRATION'] as const;

describe('a run that is ended', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  /** Starts a run, sends the signal when the line comes, and waits for its end. */
  function endAt(moment: string, signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL') {
    const run = remigrate(place, ['run', 'rollback-remigrate', '--operator', '0.45.1']);
    return atLine(run, moment, () => {
      run.kill(signal);
    });
  }

  it.each(MOMENTS)(
    'by SIGINT at "%s" stops immediately, says what it cleaned up and exits with 130',
    async (moment) => {
      const result = await endAt(moment, 'SIGINT');
      expect(result.exitCode).toBe(130);
      expect(result.all).toContain('SIGINT: stopping the nodes');
      expect(result.all).toContain('0.45.1: nodes stopped, folder removed');
      expect(result.all).not.toMatch(/^\s+at /m);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by SIGTERM exits with 143 and leaves nothing behind',
    async () => {
      const result = await endAt(MOMENTS[1], 'SIGTERM');
      expect(result.exitCode).toBe(143);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );

  it.each(MOMENTS)(
    'by SIGKILL at "%s" leaves nothing behind: the guardian cleans up',
    async (moment) => {
      const result = await endAt(moment, 'SIGKILL');
      expect(result.signal).toBe('SIGKILL');
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
