import { describe, expect, it } from '@jest/globals';
import { type Check, check, type Step, scenario, step } from '../../../src/scenario/scenario.js';

const run = async (): Promise<void> => undefined;

function define(...steps: readonly (Step | Check)[]) {
  return scenario({ name: 'mine', title: 'A title', expected: { survives: 'It must.' }, steps });
}

describe('scenario', () => {
  it('keeps its definition', () => {
    const first = step('deploy', run);
    const last = check('nothing is left', 'residue', () => undefined);
    expect(define(first, last)).toEqual({
      kind: 'scenario',
      name: 'mine',
      title: 'A title',
      expected: { survives: 'It must.' },
      steps: [first, last],
    });
    expect(first).toEqual({ kind: 'step', name: 'deploy', run });
    expect(last).toMatchObject({ kind: 'check', name: 'nothing is left', about: 'residue' });
  });

  it('refuses two steps or checks of one name: reports could not tell them apart', () => {
    expect(() =>
      define(
        step('deploy', run),
        check('deploy', 'loss', () => undefined),
      ),
    ).toThrow('scenario mine has two steps named "deploy"');
  });

  it('refuses to survive without a step', () => {
    expect(() => define()).toThrow('scenario mine has no step');
  });

  it('refuses a check that could never fail: there is nothing before it to look at', () => {
    expect(() =>
      define(
        check('early', 'loss', () => undefined),
        step('deploy', run),
      ),
    ).toThrow('scenario mine begins with the check "early": a check needs a step before it');
  });
});
