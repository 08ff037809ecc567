import { expect } from '@jest/globals';
import { expectNothingLeft, type Place, remigrate } from './place.js';

export * from './place.js';

/** Asserts that `remigrate ARGS` prints the sentences and no stack trace, exits with the code, and leaves nothing. */
export async function expectRefusal(
  place: Place,
  args: readonly string[],
  expected: {
    readonly exitCode: number;
    readonly sentences: readonly (string | RegExp)[];
    readonly env: Readonly<Record<string, string>>;
    /** As for `remigrate`. */
    readonly through?: readonly string[];
  },
): Promise<void> {
  const result = await remigrate(place, args, expected.env, expected.through);
  for (const sentence of expected.sentences) {
    if (typeof sentence === 'string') expect(result.all).toContain(sentence);
    else expect(result.all).toMatch(sentence);
  }
  expect(result.all).not.toMatch(/^\s+at .*\.js:\d+/m);
  expect(result.exitCode).toBe(expected.exitCode);
  await expectNothingLeft(place);
}
