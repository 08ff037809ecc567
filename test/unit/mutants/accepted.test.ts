import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.js';
import { type AcceptedMutant, isFor, readAccepted } from '../../mutants/accepted.js';
import { type Mutant, mutantsOf } from '../../mutants/mutants.js';
import { sourceFiles, testsOf } from '../../mutants/targets.js';

const files = sourceFiles();
const mutants = files.flatMap((file) => mutantsOf(file, readFileSync(join(packageRoot(), file), 'utf8')));

function stale(entries: readonly AcceptedMutant[], of: readonly Mutant[]): readonly AcceptedMutant[] {
  return entries.filter((entry) => !of.some((mutant) => isFor(entry, mutant)));
}

it('every accepted mutant exists', () => {
  expect(stale(readAccepted(), mutants)).toEqual([]);
});

it('an entry whose line was changed is found', () => {
  const [mutant] = mutants;
  const entry = {
    file: mutant?.file ?? '',
    code: 'const gone = 1;',
    change: mutant?.change ?? '',
    reason: 'A reason.',
  };
  expect(stale([entry], mutants)).toEqual([entry]);
  expect(stale([{ ...entry, code: mutant?.code ?? '' }], mutants)).toEqual([]);
});

it('every mutated file has unit tests', () => {
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => testsOf(file).length === 0)).toEqual([]);
});
