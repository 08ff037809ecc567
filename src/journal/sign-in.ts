import { SIGNS, type Sign } from './signs.js';

/** A sign in a line of a log. */
export interface SignSeen {
  readonly sign: Sign;
  /** The named groups of its pattern. */
  readonly groups: Readonly<Record<string, string>>;
}

/**
 * The first sign of the table in a line.
 * @param logger the logger of its record; undefined: unknown, then signs of every logger count.
 */
export function signIn(line: string, logger?: string): SignSeen | undefined {
  for (const sign of SIGNS) {
    if (sign.logger !== undefined && logger !== undefined && sign.logger !== logger) continue;
    const found = sign.pattern.exec(line);
    if (found !== null) return { sign, groups: { ...found.groups } };
  }
  return undefined;
}

/** The sign of the table with this id; undefined: another version wrote it. */
export function signOf(id: string): Sign | undefined {
  return SIGNS.find((sign) => sign.id === id);
}

/** What a sign means, with what the line says and the upstream issue: `... {file} has version 1 ... (KAFKA-20762)`. */
export function meaningOf({ sign, groups }: SignSeen): string {
  const text = sign.meaning.replaceAll(/\{(\w+)\}/g, (all, name: string) => groups[name] ?? all);
  return sign.issue === undefined ? text : `${text} (${sign.issue})`;
}

/** The cause that a line names, if a sign of the table knows one. */
export function causeIn(line: string): string | undefined {
  const seen = signIn(line);
  return seen === undefined || seen.sign.general === true ? undefined : meaningOf(seen);
}
