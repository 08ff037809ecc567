import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { DEEP_FILES, deepRuns, QUICK_RUNS as KUBERNETES_QUICK_RUNS } from '../kubernetes/support/library-runs.js';
import { ELSEWHERE, QUICK_RUNS } from '../scenarios/quick-runs.js';
import { LIBRARY } from '../support/library.js';
import { deepFilesOf, testFilesOf } from '../tiers.js';

const TEST_FOLDER = join(packageRoot(), 'test');
const FOLDERS = ['unit', 'conformance', 'integration', 'scenarios', 'containers', 'kubernetes'];

describe('the test files that are run', () => {
  it('are only those that are not deep, by default', () => {
    for (const tests of [undefined, '']) {
      const { run, deepNotRun } = testFilesOf(FOLDERS, tests);
      expect(run).toContain('unit/tiers.test.ts');
      expect(run.filter((file) => file.includes('.deep.'))).toEqual([]);
      expect(deepNotRun).toContain('scenarios/three-of-each.deep.test.ts');
    }
  });

  it('are all with `all`', () => {
    const { run, deepNotRun } = testFilesOf(FOLDERS, 'all');
    expect(run).toContain('scenarios/three-of-each.deep.test.ts');
    expect(deepNotRun).toEqual([]);
  });

  it('include each deep file in exactly one turn', () => {
    const deep = testFilesOf(FOLDERS, undefined).deepNotRun;
    const turns = ['1/4', '2/4', '3/4', '4/4'].map((turn) =>
      testFilesOf(FOLDERS, turn).run.filter((file) => deep.includes(file)),
    );
    expect(turns.flat().sort()).toEqual(deep);
    for (const turn of turns) expect(Math.abs(turn.length - deep.length / 4)).toBeLessThan(1);
  });

  it.each(['some', '0/4', '5/4', '1/0', '1', '1/4/2', 'ALL'])('cannot be chosen with %s', (tests) => {
    expect(() => deepFilesOf(tests)).toThrow(`REMIGRATE_TESTS is ${tests}: it must be`);
  });
});

describe('`npm test`', () => {
  it('runs every shipped scenario', () => {
    const shipped = readdirSync(join(packageRoot(), 'scenarios')).map((file) => file.replace(/\.ts$/, ''));
    expect([...QUICK_RUNS.keys(), ...ELSEWHERE].sort()).toEqual(shipped.sort());
    expect(LIBRARY.map(({ scenario }) => scenario).sort()).toEqual(shipped.sort());
    for (const [, versions] of QUICK_RUNS) expect(versions).not.toEqual([]);
    const { run } = testFilesOf(['scenarios'], undefined);
    for (const file of ['rollback-remigrate', 'volumes-kept', 'library']) {
      expect(run).toContain(`scenarios/${file}.test.ts`);
    }
  });
});

describe('the tests in containers', () => {
  it('include every test of the scenarios', () => {
    const { run } = testFilesOf(['containers'], 'all');
    const named = run
      .map((file) => readFileSync(join(TEST_FOLDER, file), 'utf8'))
      .filter((text) => text.includes('testInContainers('))
      .flatMap((text) => [...text.matchAll(/'([\w.-]+)'/g)].map(([, name]) => `scenarios/${name}.test.ts`));
    expect(named.sort()).toEqual([...testFilesOf(['scenarios'], 'all').run]);
  });
});

describe('the runs of the library on Kubernetes', () => {
  it('are each in one file: the quick ones in library.test.ts, each other in one deep file', () => {
    const deep = Array.from({ length: DEEP_FILES }, (_, index) => deepRuns(index + 1));
    const runs = [...KUBERNETES_QUICK_RUNS, ...deep.flat()].map((run) => run.join(' ')).sort();
    const everywhere = LIBRARY.filter(({ where }) => where === 'everywhere');
    expect(runs).toEqual(everywhere.flatMap(({ scenario }) => [`${scenario} 0.45.0`, `${scenario} 0.45.1`]).sort());
    const { run } = testFilesOf(['kubernetes'], 'all');
    const files = deep.map((_, index) => `kubernetes/library-${index + 1}.deep.test.ts`);
    expect(run.filter((file) => file.includes('library-'))).toEqual(files);
    for (const [index, file] of files.entries()) {
      expect(readFileSync(join(TEST_FOLDER, file), 'utf8')).toContain(`describeRuns(deepRuns(${index + 1}));`);
    }
    expect(() => deepRuns(DEEP_FILES + 1)).toThrow('library-8: there are 7 files');
  });
});
