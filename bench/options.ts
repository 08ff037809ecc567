import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A number that an option sets: what it is by default, and what it is with `--small`. */
export interface NumberOption {
  readonly usual: number;
  readonly small: number;
}

/** The options of a bench besides `--small`. */
export interface BenchOptions<Count extends string, Flag extends string, Text extends string> {
  /** Each a positive integer. */
  readonly counts?: Readonly<Record<Count, NumberOption>>;
  readonly flags?: readonly Flag[];
  readonly texts?: readonly Text[];
  /** Whether positional arguments are allowed. */
  readonly positionals?: boolean;
}

/** The options that a bench was run with. */
export interface BenchRequest<Count extends string, Flag extends string, Text extends string> {
  /** One round on little data, to check that the bench works. Its figures are meaningless. */
  readonly small: boolean;
  readonly counts: Readonly<Record<Count, number>>;
  readonly flags: Readonly<Record<Flag, boolean>>;
  readonly texts: Readonly<Partial<Record<Text, string>>>;
  readonly positionals: readonly string[];
}

/**
 * Reads the options of a bench. `--small` uses the small numbers unless others are given.
 * @param args of the command line, without the program.
 * @throws TypeError for an option that the bench does not have. @throws RangeError for a count that is not a positive
 * integer.
 */
export function readOptions<Count extends string = never, Flag extends string = never, Text extends string = never>(
  { counts, flags = [], texts = [], positionals = false }: BenchOptions<Count, Flag, Text>,
  args: readonly string[] = process.argv.slice(2),
): BenchRequest<Count, Flag, Text> {
  const numbers = Object.entries(counts ?? {}) as [Count, NumberOption][];
  const options: NonNullable<ParseArgsConfig['options']> = { small: { type: 'boolean' } };
  for (const flag of flags) options[flag] = { type: 'boolean' };
  for (const name of [...texts, ...numbers.map(([count]) => count)]) options[name] = { type: 'string' };
  const { values, positionals: rest } = parseArgs({ args: [...args], options, allowPositionals: positionals });
  const small = values.small === true;
  return {
    small,
    counts: record(
      numbers.map(([name, { usual, small: few }]) => [name, count(name, values[name]) ?? (small ? few : usual)]),
    ),
    flags: record(flags.map((name) => [name, values[name] === true])),
    texts: record(texts.flatMap((name) => (typeof values[name] === 'string' ? [[name, values[name]]] : []))),
    positionals: rest,
  };
}

function count(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`--${name}: ${value} is not a positive integer`);
  return number;
}

function record<Name extends string, Value>(entries: readonly (readonly [Name, Value])[]): Record<Name, Value> {
  return Object.fromEntries(entries) as Record<Name, Value>;
}
