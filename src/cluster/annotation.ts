import { UsageError } from '../errors.js';
import { KRAFT_ANNOTATION_VALUES } from '../strimzi/migration-state.js';

/**
 * Every environment calls it before it annotates: a scenario that is not type-checked may set anything.
 * @throws UsageError for a value of `strimzi.io/kraft` that Strimzi does not know.
 */
export function requireKraftAnnotation(value: unknown): void {
  if (KRAFT_ANNOTATION_VALUES.some((known) => known === value)) return;
  throw new UsageError(
    `strimzi.io/kraft cannot be set to ${JSON.stringify(value)}; its values are ${KRAFT_ANNOTATION_VALUES.join(', ')}`,
  );
}
