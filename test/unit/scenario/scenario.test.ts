import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import {
  type Check,
  check,
  checkedScenario,
  type ScenarioDefinition,
  type Step,
  scenario,
  step,
} from '../../../src/scenario/scenario.js';

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

  it('may name the nodes that it needs, and the environments that can run it', () => {
    const more = {
      topology: { brokers: 3 },
      environments: { names: ['local'], elsewhere: 'it freezes nodes' },
    };
    const definition = { name: 'mine', title: 'A title', expected: { survives: 'It must.' } };
    expect(scenario({ ...definition, ...more, steps: [step('deploy', run)] })).toMatchObject(more);
  });

  it('refuses two steps or checks with one name: reports could not distinguish them', () => {
    expect(() =>
      define(
        step('deploy', run),
        check('deploy', 'loss', () => undefined),
      ),
    ).toThrow('scenario mine has two steps named "deploy"');
  });

  it('refuses a definition without steps, which would always survive', () => {
    expect(() => define()).toThrow('scenario mine has no steps');
  });

  it.each([
    [step('deploy', undefined as never), 'scenario mine, step "deploy": expected a function, got undefined'],
    [step('deploy', Promise.resolve() as never), 'scenario mine, step "deploy": expected a function, got object'],
    [check('loses', 'loss', null as never), 'scenario mine, check "loses": expected a function, got null'],
    [step(run as never, undefined as never), 'scenario mine: element 2 of its steps is not a named step or check'],
    [run as never, 'scenario mine: element 2 of its steps is not a named step or check'],
    [undefined as never, 'scenario mine: element 2 of its steps is not a named step or check'],
  ])('refuses what is neither a step nor a check, and names it', (element, message) => {
    expect(() => define(step('first', run), element)).toThrow(UsageError);
    expect(() => define(step('first', run), element)).toThrow(message);
  });

  it.each<readonly [string, object, string]>([
    ['a name with a path', { name: '../evil' }, '"../evil" is not a valid scenario name'],
    ['no name', { name: undefined }, 'undefined is not a valid scenario name'],
    ['a name that no file system takes', { name: 'x'.repeat(101) }, 'has more than 100 characters'],
    ['no title', { title: undefined }, '→ at title'],
    ['no expectation', { expected: {} }, '→ at expected.survives'],
    ['an expectation that is not text', { expected: { survives: 'a', unless: { b: 7 } } }, '→ at expected.unless.b'],
    ['a number of nodes that is none', { topology: { brokers: 0 } }, '→ at topology.brokers'],
    ['a number of nodes that is not whole', { topology: { controllers: 1.5 } }, '→ at topology.controllers'],
    ['a role that does not exist', { topology: { observers: 1 } }, '→ at topology'],
    ['no environment that can run it', { environments: { names: [], elsewhere: 'a' } }, '→ at environments.names'],
    ['environments without a reason', { environments: { names: ['local'] } }, '→ at environments.elsewhere'],
    ['no list of steps', { steps: undefined }, '→ at steps'],
    ['steps that are not a list', { steps: { first: step('deploy', run) } }, '→ at steps'],
    ['no steps', { steps: [] }, 'scenario mine has no steps'],
    ['a hole in its steps', { steps: new Array(1) }, 'element 1 of its steps is not a named step or check'],
    ['a step without a name', { steps: [step(' ', run)] }, 'element 1 of its steps is not a named step or check'],
    [
      'a check about nothing that exists',
      { steps: [step('deploy', run), check('wrong', 'lossy' as never, () => undefined)] },
      'scenario mine, check "wrong": a check is about loss, outage, residue, conduct, not "lossy"',
    ],
  ])('refuses %s, also if it was not made by this function', (_what, changes, message) => {
    const valid = { name: 'mine', title: 'A title', expected: { survives: 'It must.' }, steps: [step('deploy', run)] };
    const definition = { ...valid, ...changes } as ScenarioDefinition;
    expect(() => scenario(definition)).toThrow(UsageError);
    expect(() => scenario(definition)).toThrow(message);
    expect(() => checkedScenario({ kind: 'scenario', ...definition })).toThrow(message);
  });

  it('refuses a check that could never fail, because no step comes before it', () => {
    expect(() =>
      define(
        check('early', 'loss', () => undefined),
        step('deploy', run),
      ),
    ).toThrow('scenario mine begins with the check "early": a check needs a step before it');
  });
});
