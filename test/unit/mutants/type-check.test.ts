import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.js';
import { mutantsOf } from '../../mutants/mutants.js';
import { TypeCheck } from '../../mutants/type-check.js';

const FILE = 'src/invariants/reading/wording.ts';

it('TypeScript rejects a mutant without a check that it needs, and no other', () => {
  const types = new TypeCheck();
  const mutants = mutantsOf(FILE, readFileSync(join(packageRoot(), FILE), 'utf8'));
  const rejected = mutants.filter((mutant) => types.rejects(mutant)).map(({ change }) => change);
  expect(rejected).toContain('writer === undefined → false');
  expect(mutants.map(({ change }) => change)).toContain('overrides.length === 0 → false');
  expect(rejected).not.toContain('overrides.length === 0 → false');
}, 120_000);
