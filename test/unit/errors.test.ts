import { describe, expect, it } from '@jest/globals';
import { messageOf } from '../../src/errors.js';

describe('messageOf', () => {
  it('adds the causes that say more', () => {
    const error = new Error('outer', { cause: new Error('outer', { cause: new Error('inner') }) });
    expect(messageOf(error)).toBe('outer: inner');
    expect(messageOf('text')).toBe('text');
  });
});
