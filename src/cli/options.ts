import { InvalidArgumentError } from 'commander';

/** `0.45.0,0.45.1` */
export function list(value: string): readonly string[] {
  const items = value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new InvalidArgumentError('It must name at least one.');
  return [...new Set(items)];
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The number of nodes of a pool or of ZooKeeper: the environments support these two. */
export function oneOrThree(value: string): number {
  if (value !== '1' && value !== '3') throw new InvalidArgumentError('It must be 1 or 3.');
  return Number(value);
}

/** Node's timers hold milliseconds in 31 bits: a longer timer fires immediately. */
const MOST_SECONDS = 2_147_483;

/** A duration in seconds, above 0. */
export function parseSeconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0 || number > MOST_SECONDS)
    throw new InvalidArgumentError(`It must be a number of seconds above 0 and at most ${MOST_SECONDS}.`);
  return number;
}
