import { describe, expect, it } from '@jest/globals';
import type { Invariant, Violation } from '../../../src/invariants/invariant.js';
import { Journal } from '../../../src/journal/journal.js';
import { Evaluation } from '../../../src/scenario/evaluation.js';
import type { KnownIssue } from '../../../src/scenario/known-issues.js';
import { check } from '../../../src/scenario/scenario.js';
import { issue } from './issues.js';
import { observation } from './observations.js';

const VIOLATION: Violation = {
  message: 'something is left',
  evidence: [{ subject: '/left', expected: 'absent', found: 'there' }],
};

function invariant(name: string, changes: Partial<Invariant> = {}): Invariant {
  return { name, about: 'loss', title: 'A title', applies: () => true, evaluate: () => undefined, ...changes };
}

function evaluate(invariants: readonly Invariant[], knownIssues: readonly KnownIssue[] = []) {
  const journal = new Journal();
  const evaluation = new Evaluation(
    { journal, knownIssues, operatorVersion: '0.45.0', scenario: 'five-steps' },
    invariants,
  );
  return { evaluation, events: () => journal.ofType('invariant-evaluated') };
}

describe('an invariant', () => {
  it('that holds is recorded as holding, and is not a violation', () => {
    const { evaluation, events } = evaluate([invariant('holds')]);
    expect(evaluation.invariants(observation({ step: 'migrate' }))).toBe(false);
    expect(events()).toMatchObject([{ step: 'migrate', invariant: 'holds', about: 'loss', holds: true }]);
    expect(evaluation.violations).toEqual([]);
  });

  it('that does not apply is neither evaluated nor recorded', () => {
    const { evaluation, events } = evaluate([invariant('other', { applies: () => false, evaluate: () => VIOLATION })]);
    expect(evaluation.invariants(observation())).toBe(false);
    expect(events()).toEqual([]);
  });

  it('about loss that is violated is a loss, and the other invariants are still evaluated', () => {
    const { evaluation, events } = evaluate([
      invariant('lost', { evaluate: () => VIOLATION }),
      invariant('left', { about: 'residue', evaluate: () => VIOLATION }),
      invariant('holds'),
    ]);
    expect(evaluation.invariants(observation())).toBe(true);
    expect(events()).toMatchObject([
      { invariant: 'lost', holds: false, ...VIOLATION },
      { invariant: 'left', holds: false, ...VIOLATION },
      { invariant: 'holds', holds: true },
    ]);
    expect(evaluation.violations).toEqual([
      { invariant: 'lost', about: 'loss', message: VIOLATION.message },
      { invariant: 'left', about: 'residue', message: VIOLATION.message },
    ]);
  });

  it.each(['residue', 'conduct'] as const)('about %s that is violated is not a loss', (about) => {
    const { evaluation } = evaluate([invariant('left', { about, evaluate: () => VIOLATION })]);
    expect(evaluation.invariants(observation())).toBe(false);
  });

  it('whose violation a known issue explains is recorded with a reference to it', () => {
    const known = issue();
    const [name = ''] = known.invariants;
    const { evaluation, events } = evaluate([invariant(name, { evaluate: () => VIOLATION })], [known]);
    evaluation.invariants(observation());
    expect(events()).toMatchObject([{ knownIssue: { id: known.id, title: known.title, thread: known.thread } }]);
  });
});

describe('a check', () => {
  it('is recorded like an invariant', () => {
    const { evaluation, events } = evaluate([]);
    expect(
      evaluation.check(
        check('holds', 'loss', () => undefined),
        observation(),
      ),
    ).toBe(false);
    expect(
      evaluation.check(
        check('lost', 'loss', () => VIOLATION),
        observation(),
      ),
    ).toBe(true);
    expect(
      evaluation.check(
        check('left', 'residue', () => VIOLATION),
        observation(),
      ),
    ).toBe(false);
    expect(events().map(({ invariant: name, holds }) => [name, holds])).toEqual([
      ['holds', true],
      ['lost', false],
      ['left', false],
    ]);
    expect(evaluation.violations.map(({ invariant: name }) => name)).toEqual(['lost', 'left']);
  });

  it('that throws is named in the error', () => {
    const breaks = check('broken', 'loss', () => {
      throw new TypeError('undefined is not a topic');
    });
    expect(() => evaluate([]).evaluation.check(breaks, observation())).toThrow(
      'check "broken": undefined is not a topic',
    );
  });
});
