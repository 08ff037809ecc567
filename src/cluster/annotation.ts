import { inspect } from 'node:util';
import { UsageError } from '../errors.js';
import { isKraftAnnotation, KRAFT_ANNOTATION_VALUES, readKraftAnnotation } from '../strimzi/migration-state.js';

/** Sets a value of `strimzi.io/kraft` that Strimzi does not know, on purpose. */
export interface UnknownAnnotation {
  readonly unknown: true;
}

/** The operator's log shows the value in one line. */
const CONTROL_CHARACTERS = /\p{Cc}/u;

/**
 * Every environment calls it before it annotates: a scenario that is not type-checked may set anything.
 * @param options undefined: Strimzi must know the value.
 * @throws UsageError for a value that Strimzi does not know, unless the scenario says so; and for one that it knows, if
 *   the scenario says that it does not.
 */
export function requireKraftAnnotation(value: unknown, options: UnknownAnnotation | undefined): void {
  if (options?.unknown === true) requireUnknown(value);
  else if (!isKraftAnnotation(value)) {
    const values = KRAFT_ANNOTATION_VALUES.join(', ');
    refuse(value, `; its values are ${values}. For a value that Strimzi does not know, add { unknown: true }.`);
  }
}

function requireUnknown(value: unknown): void {
  if (typeof value !== 'string') refuse(value, ', which is not a string.');
  if (CONTROL_CHARACTERS.test(value)) refuse(value, ', which has line breaks or other control characters.');
  const read = readKraftAnnotation(value);
  if (isKraftAnnotation(read)) {
    refuse(value, ` with { unknown: true }, because Strimzi knows that value. Write annotate('${read}').`);
  }
}

function refuse(value: unknown, why: string): never {
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value);
  throw new UsageError(`strimzi.io/kraft cannot be set to ${shown}${why}`);
}
