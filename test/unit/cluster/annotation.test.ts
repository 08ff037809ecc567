import { describe, expect, it } from '@jest/globals';
import { requireKraftAnnotation, type UnknownAnnotation } from '../../../src/cluster/annotation.js';
import { UsageError } from '../../../src/errors.js';
import { KRAFT_ANNOTATION_VALUES } from '../../../src/strimzi/migration-state.js';

const UNKNOWN: UnknownAnnotation = { unknown: true };

/** @returns the message of a refusal; undefined: it is not refused. */
function refusal(value: unknown, options?: unknown): string | undefined {
  try {
    requireKraftAnnotation(value, options as UnknownAnnotation | undefined);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
}

it.each(KRAFT_ANNOTATION_VALUES)('strimzi.io/kraft can be set to %s', (value) => {
  expect(refusal(value)).toBeUndefined();
});

it.each([
  ['kraft-now', '"kraft-now"'],
  ['Migration', '"Migration"'],
  ['', '""'],
  [undefined, 'undefined'],
  [7n, '7n'],
])('strimzi.io/kraft cannot be set to %p', (value, shown) => {
  expect(refusal(value)).toBe(
    `strimzi.io/kraft cannot be set to ${shown}; its values are disabled, migration, rollback, enabled. ` +
      'For a value that Strimzi does not know, add { unknown: true }.',
  );
});

it.each([{ unknown: false }, { unknwon: true }, {}, null, 'unknown'])(
  'the options %j do not say that Strimzi does not know the value',
  (options) => {
    expect(refusal('kraft-now', options)).toContain('its values are disabled');
    expect(refusal('migration', options)).toBeUndefined();
  },
);

describe('a value that Strimzi does not know', () => {
  it.each(['kraft-now', 'Kraft-Now', 'migrate', ' migration', ''])('can be set on purpose: %j', (value) => {
    expect(refusal(value, UNKNOWN)).toBeUndefined();
  });

  it.each([
    ['migration', 'migration'],
    ['Rollback', 'rollback'],
  ])('is none that Strimzi knows, whatever its case: %s', (value, known) => {
    expect(refusal(value, UNKNOWN)).toBe(
      `strimzi.io/kraft cannot be set to "${value}" with { unknown: true }, because Strimzi knows that value. ` +
        `Write annotate('${known}').`,
    );
  });

  it('is a string that fits in a line of a log', () => {
    expect(refusal(true, UNKNOWN)).toBe('strimzi.io/kraft cannot be set to true, which is not a string.');
    expect(refusal(undefined, UNKNOWN)).toContain('set to undefined, which is not a string.');
    expect(refusal('kraft\nnow', UNKNOWN)).toBe(
      'strimzi.io/kraft cannot be set to "kraft\\nnow", which has line breaks or other control characters.',
    );
  });
});
