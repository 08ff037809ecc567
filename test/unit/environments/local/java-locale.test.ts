import { describe, expect, it } from '@jest/globals';
import { javaLocale } from '../../../../src/environments/local/java-locale.js';

describe('javaLocale', () => {
  it.each([
    [{}, { LC_ALL: 'C.UTF-8' }],
    [{ LANG: 'C' }, { LC_ALL: 'C.UTF-8' }],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }, { LC_ALL: 'C.UTF-8' }],
    [{ LANG: 'de_DE.ISO-8859-1' }, { LC_ALL: 'C.UTF-8' }],
    [{ LANG: 'de_DE.UTF-8' }, {}],
    [{ LANG: 'C', LC_ALL: '', LC_CTYPE: 'en_US.utf8' }, {}],
  ])('of %j adds %j', (env, added) => {
    expect(javaLocale(env)).toEqual(added);
  });
});
