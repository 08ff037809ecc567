import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import type { Invariant, Violation } from '../../../src/invariants/invariant.js';
import { Journal } from '../../../src/journal/journal.js';
import { Evaluation } from '../../../src/scenario/evaluation.js';
import type { KnownIssue } from '../../../src/scenario/known-issues.js';
import type { RecordObservation } from '../../../src/scenario/observation-record.js';
import { check } from '../../../src/scenario/scenario.js';
import { issue, WIPE } from './issues.js';
import { observation } from './observations.js';

const VIOLATION: Violation = {
  message: 'something is left',
  evidence: [{ subject: '/left', expected: 'absent', found: 'there' }],
};

/** A controller deleted a topic. */
const WIPED: Violation = {
  message: 'a topic vanished',
  evidence: [
    {
      subject: '/brokers/topics/orders',
      expected: 'present',
      found: 'absent',
      lost: { kind: 'topic', name: 'orders' },
      writer: { session: '0x1', who: 'controller 1' },
    },
  ],
};

function invariant(name: string, changes: Partial<Invariant> = {}): Invariant {
  return { name, about: 'loss', title: 'A title', applies: () => true, evaluate: () => undefined, ...changes };
}

function evaluate(invariants: readonly Invariant[], knownIssues: readonly KnownIssue[] = []) {
  const journal = new Journal();
  const recorded: unknown[] = [];
  const record: RecordObservation = (seen, only) => {
    recorded.push([seen, only, journal.events().length]);
  };
  const evaluation = new Evaluation(
    { journal, knownIssues, operatorVersion: '0.45.0', scenario: 'five-steps', record },
    invariants,
  );
  return { evaluation, recorded, journal, events: () => journal.ofType('invariant-evaluated') };
}

describe('an invariant', () => {
  it('that holds is recorded as holding, and is not a violation', () => {
    const { evaluation, events } = evaluate([invariant('holds')]);
    expect(evaluation.invariants(observation({ step: 'migrate' }))).toBeUndefined();
    expect(events()).toMatchObject([{ step: 'migrate', invariant: 'holds', about: 'loss', holds: true }]);
    expect(evaluation.violations).toEqual([]);
  });

  it('is evaluated after what it judges was recorded', () => {
    const { evaluation, recorded } = evaluate([invariant('holds'), invariant('runs', { about: 'outage' })]);
    const [whole, recalled] = [observation({ step: 'migrate' }), observation({ step: 'again' })];
    evaluation.invariants(whole);
    evaluation.outages(recalled);
    expect(recorded).toEqual([
      [whole, undefined, 0],
      [recalled, 'outage', 2],
    ]);
  });

  it('that does not apply is neither evaluated nor recorded', () => {
    const { evaluation, events } = evaluate([invariant('other', { applies: () => false, evaluate: () => VIOLATION })]);
    expect(evaluation.invariants(observation())).toBeUndefined();
    expect(events()).toEqual([]);
  });

  it('about loss that is violated is a loss, and the other invariants are still evaluated', () => {
    const { evaluation, events } = evaluate([
      invariant('lost', { evaluate: () => VIOLATION }),
      invariant('left', { about: 'residue', evaluate: () => VIOLATION }),
      invariant('holds'),
    ]);
    expect(evaluation.invariants(observation())).toBe('lost');
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

  it('about outage that is violated breaks the cluster; with a loss, too, something is lost', () => {
    const outage = invariant('down', { about: 'outage', evaluate: () => VIOLATION });
    const loss = invariant('lost', { evaluate: () => VIOLATION });
    expect(evaluate([outage, invariant('holds')]).evaluation.invariants(observation())).toBe('broken');
    expect(evaluate([loss, outage]).evaluation.invariants(observation())).toBe('lost');
    expect(evaluate([outage, loss]).evaluation.invariants(observation())).toBe('lost');
  });

  it('about anything but outage is left out where there is only the journal', () => {
    const outage = invariant('down', { about: 'outage', evaluate: () => VIOLATION });
    const { evaluation, events } = evaluate([invariant('lost', { evaluate: () => VIOLATION }), outage]);
    expect(evaluation.showsOutage(observation())).toBe(true);
    expect(events()).toEqual([]);
    expect(evaluation.outages(observation())).toBe('broken');
    expect(events()).toMatchObject([{ invariant: 'down', about: 'outage', holds: false }]);
  });

  it.each<readonly [string, Partial<Invariant>]>([
    ['does not apply', { about: 'outage', applies: () => false, evaluate: () => VIOLATION }],
    ['holds', { about: 'outage' }],
    ['is about loss', { evaluate: () => VIOLATION }],
  ])('that %s shows no outage', (_, changes) => {
    expect(evaluate([invariant('other', changes)]).evaluation.showsOutage(observation())).toBe(false);
  });

  it.each(['residue', 'conduct'] as const)('about %s that is violated is no damage', (about) => {
    const { evaluation } = evaluate([invariant('left', { about, evaluate: () => VIOLATION })]);
    expect(evaluation.invariants(observation())).toBeUndefined();
  });

  it('whose violation a known issue explains is recorded with a reference to it', () => {
    const known = issue({ entry: 'fixtures/known-issues.yaml, entry 1' });
    const { evaluation, events } = evaluate([invariant(WIPE.invariant, { evaluate: () => WIPED })], [known]);
    evaluation.invariants(observation({ step: 'loses' }));
    const { id, title, thread, entry } = known;
    expect(events()).toMatchObject([{ knownIssue: { id, title, thread, entry } }]);
    expect(evaluation.violations[0]?.knownIssue).toBe(known);
  });

  it('whose violation the known issue does not describe is recorded with why', () => {
    const { evaluation, events } = evaluate([invariant(WIPE.invariant, { evaluate: () => WIPED })], [issue()]);
    evaluation.invariants(observation({ step: 'deploy' }));
    const notExplained = 'known issue issue-1 expects it in step "loses"';
    expect(events()).toMatchObject([{ notExplained }]);
    expect(events()[0]).not.toHaveProperty('knownIssue');
    expect(evaluation.violations).toMatchObject([{ notExplained }]);
  });

  it('is judged by the state of the journal', () => {
    const { evaluation, events, journal } = evaluate([invariant(WIPE.invariant, { evaluate: () => WIPED })], [issue()]);
    journal.write({ type: 'state-changed', from: null, to: 'KRaftPostMigration', annotation: 'migration' });
    evaluation.invariants(observation({ step: 'loses' }));
    expect(events()).toMatchObject([
      { notExplained: 'known issue issue-1 expects it in state none or KRaftMigration, not in KRaftPostMigration' },
    ]);
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
    ).toBeUndefined();
    expect(
      evaluation.check(
        check('lost', 'loss', () => VIOLATION),
        observation(),
      ),
    ).toBe('lost');
    expect(
      evaluation.check(
        check('down', 'outage', () => VIOLATION),
        observation(),
      ),
    ).toBe('broken');
    expect(
      evaluation.check(
        check('left', 'residue', () => VIOLATION),
        observation(),
      ),
    ).toBeUndefined();
    expect(events().map(({ invariant: name, holds }) => [name, holds])).toEqual([
      ['holds', true],
      ['lost', false],
      ['down', false],
      ['left', false],
    ]);
    expect(evaluation.violations.map(({ invariant: name }) => name)).toEqual(['lost', 'down', 'left']);
  });

  it('that throws is named in the error', () => {
    const breaks = check('broken', 'loss', () => {
      throw new TypeError('undefined is not a topic');
    });
    expect(() => evaluate([]).evaluation.check(breaks, observation())).toThrow(
      'check "broken": undefined is not a topic',
    );
  });

  it('that throws a value which says nothing is an error of the scenario', () => {
    const breaks = check('broken', 'loss', () => {
      throw undefined;
    });
    const evaluating = () => evaluate([]).evaluation.check(breaks, observation());
    expect(evaluating).toThrow(UsageError);
    expect(evaluating).toThrow('the check threw undefined. Throw an Error');
  });

  it.each<readonly [unknown, string]>([
    [true, 'the check returned true. It returns undefined if it holds'],
    [false, 'the check returned false. It returns'],
    [null, 'the check returned null. It returns'],
    ['something is left', 'the check returned something is left. It returns'],
    [Promise.resolve(), 'the check returned a promise. A check must not be async. It returns'],
    [Promise.reject(new Error('broken')), 'the check returned a promise. A check must not be async. It returns'],
    [{}, 'message'],
    [{ ...VIOLATION, message: ' ' }, 'must not be empty'],
    [{ message: 'something is left' }, 'evidence'],
    [{ ...VIOLATION, evidence: [] }, 'evidence'],
    [{ ...VIOLATION, evidence: [{ subject: '/left', expected: 'absent' }] }, 'evidence[0].found'],
  ])('that returns %p says nothing: it is an error of the scenario, and no verdict', async (returned, message) => {
    const { evaluation, events } = evaluate([]);
    const wrong = check('wrong', 'loss', () => returned as undefined);
    expect(() => evaluation.check(wrong, observation())).toThrow(UsageError);
    expect(() => evaluation.check(wrong, observation())).toThrow(message);
    expect(events()).toEqual([]);
    expect(evaluation.violations).toEqual([]);
  });
});
