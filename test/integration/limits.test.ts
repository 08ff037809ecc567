import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { expectRefusal, makePlace, type Place, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 120_000;
const RUN = ['run', 'rollback-remigrate', '--operator', '0.45.1'] as const;

/** Runs the command after it with at most this many open files, like a shell's `ulimit -n`. */
const withOpenFiles = (limit: number): readonly string[] => ['/bin/sh', '-c', `ulimit -n ${limit} && exec "$0" "$@"`];

describe('a low limit of open files', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  // Only Linux shows the limit.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux.each([
    ['a command that only reads', ['list'], 64, 256],
    ['a run, before it is loaded', RUN, 64, 256],
    ['a run, whose nodes need more', RUN, 300, 512],
  ] as const)(
    '%s: exit 2, the limit and how to raise it',
    async (_what, args, limit, needed) => {
      await expectRefusal(place, args, {
        exitCode: 2,
        sentences: [
          `remigrate: Only ${limit} files can be open at the same time (ulimit -n), but at least ${needed} are needed.`,
          'Raise the limit, for example with `ulimit -n 4096`, and run again.',
        ],
        env: {},
        through: withOpenFiles(limit),
      });
    },
    TEST_TIMEOUT_MS,
  );
});
