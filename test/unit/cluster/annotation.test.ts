import { expect, it } from '@jest/globals';
import { requireKraftAnnotation } from '../../../src/cluster/annotation.js';
import { UsageError } from '../../../src/errors.js';
import { KRAFT_ANNOTATION_VALUES } from '../../../src/strimzi/migration-state.js';

it.each(KRAFT_ANNOTATION_VALUES)('strimzi.io/kraft can be set to %s', (value) => {
  expect(() => requireKraftAnnotation(value)).not.toThrow();
});

it.each(['kraft-now', 'Migration', '', undefined])('strimzi.io/kraft cannot be set to %p', (value) => {
  expect(() => requireKraftAnnotation(value)).toThrow(UsageError);
  expect(() => requireKraftAnnotation(value)).toThrow('its values are disabled, migration, rollback, enabled');
});
