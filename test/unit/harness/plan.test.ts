import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { candidateBaselines, keepsResults, refuseDuplicateNames, resultsPlace } from '../../../src/harness/plan.js';
import { loadProfiles, shippedProfilesFolder } from '../../../src/operator/profile.js';
import type { Judgement } from '../../../src/scenario/judgement.js';
import { namedScenario as named } from '../../support/named-scenario.js';

const profiles = loadProfiles([shippedProfilesFolder()]);

describe('candidateBaselines', () => {
  it('compares a candidate with the version that the user names', () => {
    const options = { replayed: false, baseline: '0.45.0' };
    expect([...candidateBaselines(profiles, ['0.45.9'], options)]).toEqual([['0.45.9', '0.45.0']]);
  });

  it('refuses a candidate where the operator is replayed: there is nothing to replay', () => {
    expect(() => candidateBaselines(profiles, ['0.45.9'], { replayed: true })).toThrow(UsageError);
  });
});

it('two scenarios with one name are refused', () => {
  expect(() => refuseDuplicateNames([named('a'), named('b')])).not.toThrow();
  expect(() => refuseDuplicateNames([named('a'), named('b'), named('a')])).toThrow('Two scenarios have the name "a".');
});

describe('the results of a run', () => {
  const ended = (exitCode: Judgement['exitCode']) => ({
    judgement: { expected: 'survived', asExpected: exitCode === 0, exitCode, summary: '', unexplained: [] } as const,
  });

  it('lie directly in the given folder, or else in remigrate-results', () => {
    expect(resultsPlace('mine-0.45.0', 'out')).toMatchObject({
      run: 'mine-0.45.0',
      path: resolve('out', 'mine-0.45.0'),
      within: { folder: resolve('out') },
    });
    expect(resultsPlace('mine-0.45.0', undefined)).toMatchObject({
      path: resolve('remigrate-results', 'mine-0.45.0'),
      within: { folder: resolve('remigrate-results') },
    });
  });

  it('are kept in the given folder, however the run ended', () => {
    expect(keepsResults(ended(0), { out: 'out', interrupted: true })).toBe(true);
  });

  it('are otherwise kept only of runs that did not end as expected', () => {
    expect(keepsResults(ended(1), { interrupted: false })).toBe(true);
    expect(keepsResults(ended(0), { interrupted: false })).toBe(false);
    expect(keepsResults(ended(3), { interrupted: true })).toBe(false);
  });
});
