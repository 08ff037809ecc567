import { describe, expect, it } from '@jest/globals';
import { asError, messageOf } from '../../src/errors.js';

describe('messageOf', () => {
  it('adds the causes that have another message', () => {
    const error = new Error('outer', { cause: new Error('outer', { cause: new Error('inner') }) });
    expect(messageOf(error)).toBe('outer: inner');
    expect(messageOf('text')).toBe('text');
  });
});

describe('asError', () => {
  it('returns an error unchanged, and converts anything else to one', () => {
    const error = new TypeError('it');
    expect(asError(error)).toBe(error);
    expect(asError('text')).toMatchObject({ message: 'text', cause: 'text' });
  });
});
