import { describe, expect, it } from '@jest/globals';
import { readOptions } from '../../../bench/options.js';

const OPTIONS = {
  counts: { runs: { usual: 3, small: 1 }, topics: { usual: 10_000, small: 100 } },
  flags: ['json'],
  texts: ['image'],
} as const;

describe('the options of a bench', () => {
  it('are the usual numbers by default', () => {
    expect(readOptions(OPTIONS, [])).toEqual({
      small: false,
      counts: { runs: 3, topics: 10_000 },
      flags: { json: false },
      texts: {},
      positionals: [],
    });
  });

  it('are the small numbers with --small, unless a number is given', () => {
    const { small, counts } = readOptions(OPTIONS, ['--small', '--topics', '7']);
    expect({ small, counts }).toEqual({ small: true, counts: { runs: 1, topics: 7 } });
  });

  it('include flags and texts', () => {
    const { flags, texts } = readOptions(OPTIONS, ['--json', '--image', 'kafka:test']);
    expect({ flags, texts }).toEqual({ flags: { json: true }, texts: { image: 'kafka:test' } });
  });

  it('include positional arguments only if the bench allows them', () => {
    expect(readOptions({ positionals: true }, ['a', 'b']).positionals).toEqual(['a', 'b']);
    expect(() => readOptions(OPTIONS, ['a'])).toThrow("Unexpected argument 'a'");
  });

  it.each(['0', '1.5', 'many', ''])('reject the number %j', (number) => {
    expect(() => readOptions(OPTIONS, ['--runs', number])).toThrow(RangeError);
  });

  it('reject one that the bench does not have', () => {
    expect(() => readOptions(OPTIONS, ['--rounds', '1'])).toThrow("Unknown option '--rounds'");
  });
});
