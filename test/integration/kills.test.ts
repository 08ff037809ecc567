import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from './support/command.js';

const TEST_TIMEOUT_MS = 180_000;

/** `npm run test:kills` has 20. */
const KILLS = Number(process.env.REMIGRATE_KILLS ?? '6');

/** A run of the five steps that nobody ends takes longer everywhere: nodes start eight times in it, one after another. */
const LATEST_MS = 9_000;

const EXITS = { SIGINT: 130, SIGTERM: 143, SIGKILL: 'SIGKILL' } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

/** A third of the moments for each signal, spread over the run, each drawn at random from its part of it. */
const MOMENTS = Array.from({ length: KILLS }, (_, index) => {
  const part = Math.floor(index / SIGNALS.length) / Math.ceil(KILLS / SIGNALS.length);
  const width = 1 / Math.ceil(KILLS / SIGNALS.length);
  const ms = Math.round(LATEST_MS * (part + width * Math.random()));
  return [SIGNALS[index % SIGNALS.length] ?? 'SIGKILL', ms] as const;
});

describe('a run that is ended at a random moment', () => {
  let place: Place;
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(() => removePlace(place));

  it.each(MOMENTS)(
    'by %s after %i ms leaves no process and no folder',
    async (signal, ms) => {
      const run = remigrate(place, ['run', 'rollback-remigrate', '--operator', '0.45.1']);
      const timer = setTimeout(() => run.kill(signal), ms);
      const result = await run;
      clearTimeout(timer);
      // Before Node.js has begun to listen for signals, they end it.
      const exits: readonly unknown[] = [EXITS[signal], signal];
      if (!exits.includes(result.exitCode ?? result.signal)) {
        throw new Error(`ended with ${result.exitCode ?? result.signal}. It printed:\n${result.all}`);
      }
      expect(result.all).not.toMatch(/^\s+at .*\.js:\d+/m);
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
