import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import {
  candidateBaselines,
  keepsResults,
  refuseDuplicateNames,
  refuseImpossible,
  resultsPlace,
  topologyFor,
} from '../../../src/harness/plan.js';
import { loadProfiles, shippedProfilesFolder } from '../../../src/operator/profile.js';
import type { Judgement } from '../../../src/scenario/judgement.js';
import { type ScenarioDefinition, scenario, step } from '../../../src/scenario/scenario.js';

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

const named = (name: string, changes: Partial<ScenarioDefinition> = {}) =>
  scenario({
    name,
    title: 'A title',
    expected: { survives: 'It must.' },
    steps: [step('deploy', async () => undefined)],
    ...changes,
  });

describe('the nodes of a run', () => {
  it('are one of each, more where the scenario needs more, and what the user chose', () => {
    expect(topologyFor({ name: 'a' }, {})).toEqual({ brokers: 1, controllers: 1, zookeepers: 1 });
    const topology = { brokers: 3, controllers: 3 };
    expect(topologyFor({ name: 'a', topology }, {})).toEqual({ brokers: 3, controllers: 3, zookeepers: 1 });
    expect(topologyFor({ name: 'a', topology: { brokers: 2 } }, { brokers: 3, zookeepers: 3 })).toEqual({
      brokers: 3,
      controllers: 1,
      zookeepers: 3,
    });
    expect(topologyFor({ name: 'a', topology: { brokers: 3 } }, { brokers: 3 }).brokers).toBe(3);
  });

  it.each([
    ['brokers', 3, 1],
    ['controllers', 2, 1],
    ['zookeepers', 3, 1],
  ] as const)('are refused if there are fewer %s than the scenario needs', (role, needed, chosen) => {
    const refused = () => topologyFor({ name: 'a', topology: { [role]: needed } }, { [role]: chosen });
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      `scenario a needs ${needed} ${role}, but --${role} is ${chosen}. Omit it, or use --${role} ${needed}.`,
    );
  });
});

describe('refuseImpossible', () => {
  const onlyOn = (...names: readonly string[]) =>
    named('limited', { environments: { names, elsewhere: 'it needs real nodes' } });

  it('accepts a scenario that names no environment, or this one', () => {
    expect(() => refuseImpossible([named('a'), onlyOn('local', 'kubernetes')], 'local')).not.toThrow();
  });

  it('refuses one that cannot be run in this environment, and says why and where it can', () => {
    const refused = () => refuseImpossible([named('a'), onlyOn('local', 'containers')], 'kubernetes');
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      'scenario limited cannot be run in the environment kubernetes: it needs real nodes. ' +
        'Use --env local or --env containers.',
    );
  });

  it('refuses one with a fault that the environment cannot inject', () => {
    const freezing = named('freezing', { faults: ['freeze-node'] });
    expect(() => refuseImpossible([freezing], 'kubernetes')).toThrow('freeze-node');
    expect(() => refuseImpossible([freezing], 'local')).not.toThrow();
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
