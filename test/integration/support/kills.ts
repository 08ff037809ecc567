import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from './command.js';

const TEST_TIMEOUT_MS = 180_000;

/** An undisturbed run of the five steps takes longer on any machine: it starts nodes eight times, one after another. */
const LATEST_MS = 9_000;

const EXITS = { SIGINT: 130, SIGTERM: 143, SIGKILL: 'SIGKILL' } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

/** Random moments, a third for each signal, each in its own part of the run. */
function moments(kills: number) {
  return Array.from({ length: kills }, (_, index) => {
    const part = Math.floor(index / SIGNALS.length) / Math.ceil(kills / SIGNALS.length);
    const width = 1 / Math.ceil(kills / SIGNALS.length);
    const ms = Math.round(LATEST_MS * (part + width * Math.random()));
    return [SIGNALS[index % SIGNALS.length] ?? 'SIGKILL', ms] as const;
  });
}

/** Registers this many tests, each of which ends a run at a random moment, with each signal in turn. */
export function describeKills(kills: number): void {
  describe('a run that is ended at a random moment', () => {
    let place: Place;
    beforeEach(async () => {
      place = await makePlace();
    });
    afterEach(() => removePlace(place));

    it.each(moments(kills))(
      'by %s after %i ms leaves no process and no folder',
      async (signal, ms) => {
        const run = remigrate(place, ['run', 'rollback-remigrate', '--operator', '0.45.1']);
        const timer = setTimeout(() => run.kill(signal), ms);
        const result = await run;
        clearTimeout(timer);
        // A signal that arrives before remigrate listens for signals ends Node.js itself.
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
}
