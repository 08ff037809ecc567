/**
 * What a JVM's environment needs, in addition to that of this process, so that the JVM understands paths with letters
 * beyond ASCII: with a locale such as `C` it reads them as question marks (Java 17, `sun.jnu.encoding`), and cannot open
 * its own configuration. `C.UTF-8` changes no language. On macOS paths are always UTF-8.
 */
export function javaLocale(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  // POSIX, Base Definitions, 8.2: the first of these that is set and not empty determines the character set.
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? 'C';
  return /utf-?8/i.test(locale) ? {} : { LC_ALL: 'C.UTF-8' };
}
