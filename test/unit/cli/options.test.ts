import { describe, expect, it } from '@jest/globals';
import { InvalidArgumentError } from 'commander';
import { list, oneOrThree, parseSeconds } from '../../../src/cli/options.js';

describe('list', () => {
  it.each([
    ['0.45.0', ['0.45.0']],
    ['0.45.0,0.45.1', ['0.45.0', '0.45.1']],
    [' 0.45.0 , 0.45.1 ', ['0.45.0', '0.45.1']],
    ['b,a,', ['b', 'a']],
    ['a,b,a', ['a', 'b']],
  ])('reads "%s"', (value, items) => {
    expect(list(value)).toEqual(items);
  });

  it.each(['', ' ', ',', ' , '])('refuses "%s", which names nothing', (value) => {
    expect(() => list(value)).toThrow(new InvalidArgumentError('It must name at least one.'));
  });
});

describe('oneOrThree', () => {
  it('reads the supported sizes', () => {
    expect([oneOrThree('1'), oneOrThree('3')]).toEqual([1, 3]);
  });

  it.each(['2', '0', '-1', '03', '1.0', '', ' 3', 'three'])('refuses "%s"', (value) => {
    expect(() => oneOrThree(value)).toThrow(new InvalidArgumentError('It must be 1 or 3.'));
  });
});

describe('parseSeconds', () => {
  it.each([
    ['180', 180],
    ['0.5', 0.5],
    ['2147483', 2_147_483],
  ])('reads %s', (value, number) => {
    expect(parseSeconds(value)).toBe(number);
  });

  // A timer of more milliseconds than fit in 31 bits would fire immediately: a long deadline would be none.
  it.each(['0', '-1', '', ' ', 'soon', '5s', 'NaN', 'Infinity', '2147484'])('refuses "%s"', (value) => {
    expect(() => parseSeconds(value)).toThrow(InvalidArgumentError);
    expect(() => parseSeconds(value)).toThrow('It must be a number of seconds above 0');
  });
});
