import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.js';
import { sourceFiles, testsOf } from '../../mutants/targets.js';

describe('the tests that are run with a mutant', () => {
  it('exist', () => {
    const tests = new Set(sourceFiles().flatMap((file) => testsOf(file).flat()));
    expect([...tests].filter((test) => !existsSync(join(packageRoot(), test)))).toEqual([]);
  });

  it('are its own, then those of its folder, each once', () => {
    const [own, rest = []] = testsOf('src/comparison/lanes.ts');
    expect(own).toEqual(['test/unit/comparison/lanes.test.ts']);
    expect(rest).toContain('test/unit/comparison/compare.test.ts');
    expect(rest).not.toContain('test/unit/comparison/lanes.test.ts');
  });

  it('begin with that of the folder where a file has none of its own', () => {
    expect(testsOf('src/inspection/forecast/paused.ts')[0]).toEqual(['test/unit/inspection/forecast/forecast.test.ts']);
  });

  it('are only some of those of a folder whose tests are slow', () => {
    expect(testsOf('src/scenario/judgement.ts')).toEqual([
      ['test/unit/scenario/judgement.test.ts'],
      ['test/unit/scenario/evaluation.test.ts'],
    ]);
  });
});
