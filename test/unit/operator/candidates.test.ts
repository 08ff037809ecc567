import { describe, expect, it } from '@jest/globals';
import { baselines } from '../../../src/operator/candidates.js';
import { loadProfiles, shippedProfilesFolder } from '../../../src/operator/profile.js';

const profiles = loadProfiles([shippedProfilesFolder()]);
const newest = profiles.newest().version;

describe('baselines', () => {
  it('compares a version without a profile with the newest known one', () => {
    expect([...baselines(profiles, ['0.45.9', '0.45.0', '0.46.0-rc1'], undefined)]).toEqual([
      ['0.45.9', newest],
      ['0.46.0-rc1', newest],
    ]);
  });

  it('compares it with the requested version instead', () => {
    expect([...baselines(profiles, ['0.45.9'], '0.45.0')]).toEqual([['0.45.9', '0.45.0']]);
  });

  it('contains no known versions', () => {
    expect([...baselines(profiles, profiles.versions(), undefined)]).toEqual([]);
  });

  it.each([
    [['0.45.1'], '0.45.0', '--baseline is for candidates, which are versions without a profile'],
    [['0.45.9'], '0.45.8', 'There is no profile for operator version 0.45.8'],
    [['0.45'], undefined, '"0.45" is not a version'],
    [['../x'], undefined, '"../x" is not a version'],
    [['0.45.9-../../x'], undefined, '"0.45.9-../../x" is not a version'],
    [['0.45.9\n'], undefined, 'is not a version'],
  ])('refuses %j with the baseline %s', (versions, asked, message) => {
    expect(() => baselines(profiles, versions, asked)).toThrow(message);
  });
});
