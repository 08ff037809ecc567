import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { possibleScenarios, refuseImpossible, topologyFor } from '../../../src/harness/run-place.js';
import { namedScenario as named } from '../../support/named-scenario.js';

const local = { environment: 'local', topology: {} } as const;
const kubernetes = { environment: 'kubernetes', topology: {} } as const;

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
    expect(() => refuseImpossible([named('a'), onlyOn('local', 'kubernetes')], local)).not.toThrow();
  });

  it('refuses one that cannot be run in this environment, and says why and where it can', () => {
    const refused = () => refuseImpossible([named('a'), onlyOn('local', 'containers')], kubernetes);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(
      'scenario limited cannot be run in the environment kubernetes: it needs real nodes. ' +
        'Use --env local or --env containers.',
    );
  });

  it('refuses one with a fault that the environment cannot inject', () => {
    const freezing = named('freezing', { faults: ['freeze-node'] });
    expect(() => refuseImpossible([freezing], kubernetes)).toThrow('freeze-node');
    expect(() => refuseImpossible([freezing], local)).not.toThrow();
  });

  it('refuses fewer nodes than a scenario needs', () => {
    const three = named('three', { topology: { brokers: 3 } });
    expect(() => refuseImpossible([three], local)).not.toThrow();
    expect(() => refuseImpossible([three], { ...local, topology: { brokers: 1 } })).toThrow('needs 3 brokers');
  });

  it('omits what cannot be run from all scenarios, and says why', () => {
    const omitted: string[] = [];
    const three = named('three', { topology: { brokers: 3 } });
    const place = { ...kubernetes, topology: { brokers: 1 } };
    const left = possibleScenarios([named('a'), onlyOn('local'), three], place, (why) => void omitted.push(why));
    expect(left.map(({ name }) => name)).toEqual(['a']);
    expect(omitted).toEqual([
      expect.stringContaining('Omitted: scenario limited cannot be run in the environment kubernetes'),
      expect.stringContaining('Omitted: scenario three needs 3 brokers, but --brokers is 1'),
    ]);
  });
});
