import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { indented, row, wrap } from '../../../src/reports/layout.js';

describe('wrap', () => {
  it('does not break a word that is longer than the line', () => {
    expect(wrap('see https://example.org/a/long/path now', 10)).toEqual([
      'see',
      'https://example.org/a/long/path',
      'now',
    ]);
  });

  it('property: keeps every word in order, and no line but that of a long word is too long', () => {
    const words = fc.array(fc.stringMatching(/^[a-z,]{1,15}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 40 }), (text, width) => {
        const lines = wrap(text.join(' '), width);
        expect(lines.flatMap((line) => line.split(' '))).toEqual(text);
        for (const line of lines) if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('row', () => {
  it('has its label once, and no line without a paragraph', () => {
    expect(row('Lost', ['one', 'two'])).toEqual(['  Lost          one', '                two']);
    expect(row('Lost', [])).toEqual([]);
  });

  it('fills a line of 120 characters and no more', () => {
    const [first] = row('Lost', [Array.from({ length: 60 }, () => 'abc').join(' ')]);
    expect(first).toHaveLength(119);
    expect(indented('x '.repeat(100))[0]?.length).toBeLessThanOrEqual(120);
  });
});
