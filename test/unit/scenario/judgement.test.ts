import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { INVARIANTS } from '../../../src/invariants/index.js';
import type { About, Verdict } from '../../../src/journal/events.js';
import { type EndingVerdict, type FoundViolation, judge, worse } from '../../../src/scenario/judgement.js';
import {
  applicable,
  type KnownIssue,
  loadKnownIssues,
  shippedKnownIssuesFolder,
} from '../../../src/scenario/known-issues.js';
import { DOWN, issue, LEFTOVER, WIPE } from './issues.js';

const SHIPPED = loadKnownIssues([shippedKnownIssuesFolder()]);

describe('judge', () => {
  const found = (invariant: string, about: About): FoundViolation => ({
    invariant,
    about,
    message: `${invariant} broke`,
  });
  const loss = found('zookeeper-metadata-survives', 'loss');
  const residue = found('migration-znode-absent', 'residue');
  const unknownLoss = found('records-survive', 'loss');
  const unknownResidue = found('controller-znode-released', 'residue');
  const unknownConduct = found('nodes-run-their-state', 'conduct');
  const outage = found('nodes-stay-up', 'outage');
  /** It breaks the cluster. */
  const breaks = issue({ id: 'issue-3', violations: [DOWN, LEFTOVER] });
  /** Depending on timing, it loses something or breaks the cluster. */
  const either = issue({ id: 'issue-4', violations: [WIPE, DOWN] });
  /** Only about residue: it expects no loss. */
  const untidy = issue({ id: 'issue-2', violations: [LEFTOVER] });

  /** As the evaluation does it, if the evidence fits. */
  const explain = (issues: readonly KnownIssue[], violations: readonly FoundViolation[]): readonly FoundViolation[] =>
    violations.map((violation) => {
      const knownIssue = issues.find((one) =>
        one.violations.some(({ invariant }) => invariant === violation.invariant),
      );
      return knownIssue === undefined ? violation : { ...violation, knownIssue };
    });

  interface Row {
    readonly issues: readonly KnownIssue[];
    readonly verdict: Verdict;
    readonly violations: readonly FoundViolation[];
    readonly expected: Verdict;
    readonly asExpected: boolean;
    readonly exit: number;
    /** With --strict. */
    readonly strict: number;
    readonly summary: string;
  }

  const none: readonly KnownIssue[] = [];
  const known = [issue()];
  const row = (
    issues: readonly KnownIssue[],
    verdict: Verdict,
    violations: readonly FoundViolation[],
    expected: Verdict,
    asExpected: boolean,
    exit: number,
    strict: number,
    summary: string,
  ): Row => ({ issues, verdict, violations, expected, asExpected, exit, strict, summary });

  it('does not expect an issue that occurs only sometimes, but excuses it', () => {
    const rare = [issue({ id: 'issue-5', violations: [DOWN], occurs: 'sometimes' })];
    const run = { issues: rare, operatorVersion: '0.45.0', scenario: 'five-steps', strict: false };
    expect(judge({ ...run, verdict: 'survived', violations: [] })).toMatchObject({ expected: 'survived', exitCode: 0 });
    expect(judge({ ...run, verdict: 'broken', violations: explain(rare, [outage]) })).toMatchObject({
      expected: 'broken',
      asExpected: true,
      exitCode: 0,
    });
    expect(judge({ ...run, verdict: 'lost', violations: explain(rare, [loss]) })).toMatchObject({
      asExpected: false,
      exitCode: 1,
    });
  });

  it.each<Row>([
    // Nothing is known of this version.
    row(none, 'survived', [], 'survived', true, 0, 0, 'nothing was lost and nothing was left behind'),
    row(
      none,
      'survived',
      [residue],
      'survived',
      false,
      1,
      1,
      'migration-znode-absent broke (migration-znode-absent: no',
    ),
    row(none, 'survived', [unknownConduct], 'survived', false, 1, 1, 'nodes-run-their-state broke (nodes-run'),
    row(none, 'lost', [loss], 'survived', false, 1, 1, 'zookeeper-metadata-survives broke (zookeeper'),
    row(none, 'lost', [residue, loss], 'survived', false, 1, 1, 'explains it or 1 other violation)'),
    row(none, 'inconclusive', [], 'survived', false, 3, 3, 'the port was taken'),
    row(none, 'inconclusive', [residue], 'survived', false, 1, 1, 'migration-znode-absent broke'),
    // An issue that explains a loss and its residue.
    row(known, 'lost', [residue, loss], 'lost', true, 0, 1, 'zookeeper-metadata-survives broke'),
    row(known, 'lost', [loss], 'lost', true, 0, 1, 'zookeeper-metadata-survives broke'),
    row(
      known,
      'lost',
      [loss, unknownLoss],
      'lost',
      false,
      1,
      1,
      'records-survive broke (records-survive: no known issue',
    ),
    row(known, 'lost', [loss, unknownResidue], 'lost', false, 1, 1, 'controller-znode-released broke'),
    row(known, 'lost', [loss, unknownConduct], 'lost', false, 1, 1, 'nodes-run-their-state broke'),
    row(known, 'lost', [residue, unknownLoss], 'lost', false, 1, 1, 'records-survive broke'),
    row(
      known,
      'survived',
      [],
      'lost',
      false,
      1,
      1,
      'unexpected pass: known issue issue-1 of operator 0.45.0 did not occur',
    ),
    row(known, 'survived', [residue], 'lost', false, 1, 1, 'unexpected pass: known issue issue-1'),
    row(known, 'survived', [unknownResidue], 'lost', false, 1, 1, 'controller-znode-released broke'),
    row(known, 'inconclusive', [], 'lost', false, 3, 3, 'the port was taken'),
    row(known, 'inconclusive', [residue], 'lost', false, 3, 1, 'the port was taken; seen before: migration'),
    row(known, 'inconclusive', [unknownConduct], 'lost', false, 1, 1, 'nodes-run-their-state broke'),
    // An issue that leaves something behind and costs nothing.
    row([untidy], 'survived', [residue], 'survived', true, 0, 1, 'nothing was lost, but migration-znode-absent broke'),
    row([untidy], 'survived', [], 'survived', false, 1, 1, 'unexpected pass: known issue issue-2'),
    row([untidy], 'lost', [residue, loss], 'survived', false, 1, 1, 'zookeeper-metadata-survives broke (zookeeper'),
    // Outages.
    row(none, 'broken', [outage], 'survived', false, 1, 1, 'nodes-stay-up broke (nodes-stay-up: no known issue'),
    row(none, 'lost', [outage, loss], 'survived', false, 1, 1, 'zookeeper-metadata-survives broke (zookeeper'),
    row(none, 'broken', [residue, outage], 'survived', false, 1, 1, 'nodes-stay-up broke (nodes-stay-up: no'),
    row([breaks], 'broken', [residue, outage], 'broken', true, 0, 1, 'nodes-stay-up broke'),
    row([breaks], 'survived', [residue], 'broken', false, 1, 1, 'unexpected pass: known issue issue-3'),
    row([breaks], 'lost', [outage, loss], 'broken', false, 1, 1, 'zookeeper-metadata-survives broke (zookeeper'),
    row([breaks], 'inconclusive', [], 'broken', false, 3, 3, 'the port was taken'),
    row(known, 'broken', [outage], 'lost', false, 1, 1, 'nodes-stay-up broke (nodes-stay-up: no known issue'),
    row([either], 'broken', [outage], 'broken', true, 0, 1, 'nodes-stay-up broke'),
    row([either], 'lost', [loss], 'lost', true, 0, 1, 'zookeeper-metadata-survives broke'),
    row([either], 'lost', [outage, loss], 'lost', true, 0, 1, 'zookeeper-metadata-survives broke'),
    row([either], 'survived', [], 'lost', false, 1, 1, 'unexpected pass: known issue issue-4'),
    row(known.concat(breaks), 'broken', [outage], 'broken', true, 0, 1, 'nodes-stay-up broke'),
    // Verdicts that contradict the violations.
    row([either], 'broken', [loss, outage], 'broken', false, 1, 1, 'the verdict is broken, but'),
    row([either], 'lost', [outage], 'lost', false, 1, 1, 'the verdict is lost, but'),
    row([breaks], 'survived', [outage], 'broken', false, 1, 1, 'the verdict is survived, but'),
    row(none, 'broken', [], 'survived', false, 1, 1, 'the verdict is broken, but'),
    row(
      known,
      'lost',
      [residue],
      'lost',
      false,
      1,
      1,
      'the verdict is lost, but the violations that were found say otherwise',
    ),
    row(none, 'lost', [], 'survived', false, 1, 1, 'the verdict is lost, but'),
    row(known, 'survived', [loss], 'lost', false, 1, 1, 'the verdict is survived, but'),
  ])('$verdict with $violations.length violations: exit $exit, with --strict $strict: $summary', (expectation) => {
    const { issues, verdict, violations } = expectation;
    const run = {
      operatorVersion: '0.45.0',
      scenario: 'five-steps',
      verdict,
      violations: explain(issues, violations),
      issues,
    };
    const lenient = judge({ ...run, strict: false, reason: 'the port was taken' });
    const strict = judge({ ...run, strict: true, reason: 'the port was taken' });
    expect(lenient).toMatchObject({
      expected: expectation.expected,
      asExpected: expectation.asExpected,
      exitCode: expectation.exit,
    });
    expect(lenient.summary).toContain(expectation.summary);
    expect(strict).toMatchObject({
      expected: expectation.expected,
      asExpected: expectation.asExpected,
      exitCode: expectation.strict,
    });
  });

  const run = { operatorVersion: '0.45.0', scenario: 'five-steps', strict: false };

  it('names the issue that explains the loss, even if another one explains what was found before', () => {
    const issues = [untidy, issue({ violations: [WIPE] })];
    const judgement = judge({ ...run, verdict: 'lost', violations: explain(issues, [residue, loss]), issues });
    expect(judgement).toMatchObject({ knownIssue: { id: 'issue-1' }, because: 'Because.', unexplained: [] });
  });

  it('gives the reason of the first issue that expects the verdict', () => {
    const issues = [untidy, issue({ why: 'The first.' }), issue({ id: 'issue-5', why: 'The second.' })];
    const judgement = judge({ ...run, verdict: 'lost', violations: explain(issues, [loss]), issues });
    expect(judgement.because).toBe('The first.');
  });

  it('names the first issue that did not occur', () => {
    const issues = [issue(), issue({ id: 'issue-5' })];
    const judgement = judge({ ...run, verdict: 'survived', violations: [], issues });
    expect(judgement.knownIssue?.id).toBe('issue-1');
    expect(judgement.summary).toContain('known issue issue-1 of');
  });

  it('does not take the residue of one issue for that of another', () => {
    const other = issue({ id: 'issue-5', violations: [{ ...LEFTOVER, invariant: 'controller-znode-released' }] });
    const issues = [untidy, other];
    const judgement = judge({ ...run, verdict: 'survived', violations: explain(issues, [residue]), issues });
    expect(judgement).toMatchObject({ exitCode: 1, knownIssue: { id: 'issue-5' } });
    expect(
      judge({ ...run, verdict: 'survived', violations: explain(issues, [residue, unknownResidue]), issues }),
    ).toMatchObject({ exitCode: 0, asExpected: true });
  });

  it('names the issue that did not occur', () => {
    expect(judge({ ...run, verdict: 'survived', violations: [], issues: known }).knownIssue?.id).toBe('issue-1');
  });

  describe('a candidate', () => {
    const candidate = { ...run, operatorVersion: '0.45.9', baseline: '0.45.0', issues: known };

    it('may lose what its baseline is known to lose', () => {
      const judgement = judge({ ...candidate, verdict: 'lost', violations: explain(known, [residue, loss]) });
      expect(judgement).toMatchObject({
        expected: 'lost',
        asExpected: true,
        exitCode: 0,
        knownIssue: { id: 'issue-1' },
      });
    });

    it('may fix a known issue of its baseline, which is named', () => {
      const judgement = judge({ ...candidate, verdict: 'survived', violations: [] });
      expect(judgement).toMatchObject({ asExpected: true, exitCode: 0, knownIssue: { id: 'issue-1' } });
      expect(judgement.summary).toBe(
        'nothing was lost and nothing was left behind: known issue issue-1 of operator 0.45.0 did not occur',
      );
    });

    it('may fix the loss and still leave the residue', () => {
      const judgement = judge({ ...candidate, verdict: 'survived', violations: explain(known, [residue]) });
      expect(judgement).toMatchObject({ asExpected: true, exitCode: 0 });
      expect(judgement.summary).toContain('migration-znode-absent broke: known issue issue-1');
    });

    it.each([
      ['loses what its baseline keeps', 'lost', [loss, unknownLoss], 'records-survive broke'],
      ['leaves behind what its baseline does not', 'survived', [unknownResidue], 'controller-znode-released broke'],
      ['has a verdict that contradicts its violations', 'lost', [residue], 'the verdict is lost, but'],
    ] as const)('fails if it %s', (_, verdict, violations, summary) => {
      const judgement = judge({ ...candidate, verdict, violations: explain(known, violations) });
      expect(judgement).toMatchObject({ asExpected: false, exitCode: 1 });
      expect(judgement.summary).toContain(summary);
    });

    it('names the baseline if no known issue explains a violation', () => {
      const judgement = judge({ ...candidate, verdict: 'survived', violations: [unknownResidue] });
      expect(judgement.summary).toContain('no known issue of operator 0.45.0 explains it');
    });

    it('is not excused by known issues of its own version', () => {
      const issues = [issue({ operatorVersions: ['0.45.9'] })];
      expect(judge({ ...candidate, issues, verdict: 'lost', violations: [loss] }).exitCode).toBe(1);
    });

    it('may be inconclusive like any other version', () => {
      const judgement = judge({ ...candidate, verdict: 'inconclusive', violations: [] });
      expect(judgement).toMatchObject({ exitCode: 3, asExpected: false });
      const nothingKnown = judge({ ...candidate, verdict: 'inconclusive', violations: [], issues: [] });
      expect(nothingKnown).toMatchObject({ exitCode: 3, asExpected: false });
    });
  });

  it('does not name the issue in the summary: every report would name it twice', () => {
    const judgement = judge({ ...run, verdict: 'lost', violations: explain(known, [loss]), issues: known });
    expect(judgement.summary).toBe('zookeeper-metadata-survives broke');
  });

  it('names no issue and no reason if nothing is known', () => {
    const judgement = judge({ ...run, verdict: 'survived', violations: [], issues: [] });
    expect(judgement).not.toHaveProperty('knownIssue');
    expect(judgement).not.toHaveProperty('because');
  });

  it('says why the known issue that is about the invariant does not explain it', () => {
    const notExplained = 'known issue issue-1 expects it in step "loses"';
    const judgement = judge({ ...run, verdict: 'lost', violations: [{ ...loss, notExplained }], issues: known });
    expect(judgement).toMatchObject({ asExpected: false, exitCode: 1, unexplained: [{ notExplained }] });
    expect(judgement.summary).toBe(
      'zookeeper-metadata-survives broke (zookeeper-metadata-survives: no known issue of operator 0.45.0 explains it; ' +
        'known issue issue-1 expects it in step "loses")',
    );
  });

  it('fails if one violation of an invariant is explained and another one is not', () => {
    const violations = [...explain(known, [loss]), { ...loss, message: 'a user deleted it' }];
    const judgement = judge({ ...run, verdict: 'lost', violations, issues: known });
    expect(judgement).toMatchObject({ asExpected: false, exitCode: 1 });
    expect(judgement.summary).toContain('a user deleted it (');
  });

  it('does not take an unexplained loss for the one that an issue expects', () => {
    const judgement = judge({ ...run, verdict: 'survived', violations: explain(known, [residue]), issues: known });
    expect(judgement.summary).toContain('unexpected pass: known issue issue-1');
  });

  it('lists unexplained violations, loss first, unchanged', () => {
    const violations = [unknownConduct, outage, residue, unknownResidue, unknownLoss].map((violation, step) => ({
      ...violation,
      step,
    }));
    const judgement = judge({ ...run, verdict: 'lost', violations: explain(known, violations), issues: known });
    expect(judgement.unexplained).toEqual([
      { ...unknownLoss, step: 4 },
      { ...outage, step: 1 },
      { ...unknownResidue, step: 3 },
      { ...unknownConduct, step: 0 },
    ]);
  });

  it.each([
    ['another version', { operatorVersion: '0.45.1' }],
    ['another scenario', { scenario: 'other' }],
  ])('ignores the issues of %s', (_, changes) => {
    const other = { ...run, ...changes, issues: known };
    expect(judge({ ...other, verdict: 'survived', violations: [] }).exitCode).toBe(0);
    expect(judge({ ...other, verdict: 'lost', violations: [loss] }).exitCode).toBe(1);
  });

  it('says with --strict that a known issue excuses nothing', () => {
    const judgement = judge({
      ...run,
      strict: true,
      verdict: 'lost',
      violations: explain(known, [loss]),
      issues: known,
    });
    expect(judgement.summary).toBe('zookeeper-metadata-survives broke (--strict excuses no known issue)');
  });

  it('gives a reason for an inconclusive run even if none was passed', () => {
    const judgement = judge({ ...run, verdict: 'inconclusive', violations: [], issues: [] });
    expect(judgement.summary).toBe('the environment failed');
  });

  it('fails a profile that leaves /migration without a known issue, even if the wipe happens not to occur', () => {
    const judgement = judge({
      operatorVersion: '0.45.1-leaves-migration',
      scenario: 'rollback-remigrate',
      verdict: 'survived',
      violations: [residue],
      issues: SHIPPED,
      strict: false,
    });
    expect(judgement).toMatchObject({ exitCode: 1, asExpected: false, unexplained: [residue] });
  });

  it('property: exit 0 exactly if all is as expected, --strict never lowers it, unexplained violations fail', () => {
    const violation = fc.constantFrom(...INVARIANTS).map(({ name, about }) => found(name, about));
    const verdict = fc.constantFrom<Verdict>('survived', 'lost', 'broken', 'inconclusive');
    const where = fc.record({
      operatorVersion: fc.constantFrom('0.45.0', '0.45.1', '0.46.0'),
      scenario: fc.constantFrom('rollback-remigrate', 'rollback-remigrate-volumes-kept'),
    });
    fc.assert(
      fc.property(where, verdict, fc.array(violation, { maxLength: 4 }), (kind, verdict, violations) => {
        const ended = { ...kind, verdict, violations: explain(applicable(SHIPPED, kind), violations), issues: SHIPPED };
        const lenient = judge({ ...ended, strict: false });
        const strict = judge({ ...ended, strict: true });
        expect(lenient.exitCode === 0).toBe(lenient.asExpected);
        expect(strict.exitCode === 0).toBe(lenient.exitCode === 0 && violations.length === 0);
        if (lenient.unexplained.length > 0) expect(lenient.exitCode).toBe(1);
        expect(lenient.summary).not.toMatch(/undefined|\n/);
      }),
    );
  });
});

describe('the worse of two verdicts', () => {
  it.each<[EndingVerdict | undefined, EndingVerdict | undefined, EndingVerdict | undefined]>([
    ['lost', 'lost', 'lost'],
    ['lost', 'broken', 'lost'],
    ['lost', undefined, 'lost'],
    ['broken', 'broken', 'broken'],
    ['broken', undefined, 'broken'],
    [undefined, undefined, undefined],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(worse(a, b)).toBe(expected);
    expect(worse(b, a)).toBe(expected);
  });
});
