import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../../src/errors.js';
import { INVARIANTS } from '../../../src/invariants/index.js';
import type { About, JournalEvent, Verdict } from '../../../src/journal/events.js';
import { packageRoot } from '../../../src/package-root.js';
import {
  applicable,
  explains,
  explanationOf,
  type FoundViolation,
  judge,
  type KnownIssue,
  loadKnownIssues,
  parseKnownIssues,
  referenceTo,
  shippedKnownIssuesFolder,
} from '../../../src/scenario/known-issues.js';

const SHIPPED = loadKnownIssues([shippedKnownIssuesFolder()]);

function issue(changes: Partial<KnownIssue> = {}): KnownIssue {
  return {
    id: 'issue-1',
    title: 'A title',
    thread: 'unreported',
    operatorVersions: ['0.45.0'],
    scenarios: ['five-steps'],
    invariants: ['zookeeper-metadata-survives', 'migration-znode-absent'],
    why: 'Because.',
    recording: '0.45.0-one-broker',
    ...changes,
  };
}

describe('the shipped known issues', () => {
  const kept = 'rollback-remigrate-volumes-kept';
  it.each([
    ['0.45.0', 'rollback-remigrate', ['strimzi-kafka-operator#11262']],
    ['0.45.1', 'rollback-remigrate', []],
    ['0.45.2', 'rollback-remigrate', []],
    ['0.45.0', kept, ['strimzi-kafka-operator#11262', 'stale-controller-volumes']],
    ['0.45.1', kept, ['stale-controller-volumes']],
    ['0.45.2', kept, ['stale-controller-volumes']],
    ['0.46.0', kept, []],
    ['0.45.0', 'another-scenario', []],
  ])('%s in %s: %j', (operatorVersion, scenario, ids) => {
    expect(applicable(SHIPPED, { operatorVersion, scenario }).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['0.45.0', 'rollback-remigrate', 'zookeeper-metadata-survives', 'strimzi-kafka-operator#11262'],
    ['0.45.0', 'rollback-remigrate', 'migration-znode-absent', 'strimzi-kafka-operator#11262'],
    ['0.45.0', 'rollback-remigrate', 'migration-completes', 'strimzi-kafka-operator#11262'],
    ['0.45.0', 'rollback-remigrate', 'controllers-start-empty', undefined],
    ['0.45.0', 'rollback-remigrate', 'topic-ids-stable', undefined],
    ['0.45.0', kept, 'kraft-metadata-survives', 'strimzi-kafka-operator#11262'],
    ['0.45.0', kept, 'controllers-start-empty', 'stale-controller-volumes'],
    ['0.45.1', kept, 'kraft-metadata-survives', 'stale-controller-volumes'],
    ['0.45.1', kept, 'migration-completes', 'stale-controller-volumes'],
    ['0.45.1', kept, 'zookeeper-metadata-survives', undefined],
    ['0.45.1', kept, 'migration-znode-absent', undefined],
    ['0.45.1', 'rollback-remigrate', 'migration-znode-absent', undefined],
  ])('%s in %s, %s violated: explained by %s', (operatorVersion, scenario, invariant, id) => {
    expect(explanationOf(SHIPPED, { operatorVersion, scenario, invariant })?.id).toBe(id);
  });

  it('name a thread upstream, or say "unreported"', () => {
    expect(SHIPPED.map(referenceTo)).toEqual(
      expect.arrayContaining([
        {
          id: 'strimzi-kafka-operator#11262',
          title: 'Rollback leaves /migration behind: the next migration deletes the metadata in ZooKeeper',
          thread: 'https://github.com/strimzi/strimzi-kafka-operator/issues/11262',
        },
        expect.objectContaining({ id: 'stale-controller-volumes', thread: 'unreported' }),
      ]),
    );
  });

  it('each name a recording of their own scenario and version', () => {
    for (const { recording, scenarios, operatorVersions } of SHIPPED) {
      const file = join(packageRoot(), 'fixtures', 'recordings', `${recording}.jsonl`);
      const first = JSON.parse(readFileSync(file, 'utf8').split('\n', 1)[0] ?? '') as JournalEvent;
      if (first.type !== 'run-started') throw new Error(`${file} begins with ${first.type}`);
      expect(scenarios).toContain(first.scenario);
      expect(operatorVersions).toContain(first.operatorVersion);
    }
  });
});

describe('explains', () => {
  it.each([
    ['0.45.0', 'five-steps', 'migration-znode-absent', true],
    ['0.45.1', 'five-steps', 'migration-znode-absent', false],
    ['0.45.0', 'other', 'migration-znode-absent', false],
    ['0.45.0', 'five-steps', 'records-survive', false],
  ])('%s, %s, %s: %s', (operatorVersion, scenario, invariant, expected) => {
    expect(explains(issue(), { operatorVersion, scenario, invariant })).toBe(expected);
  });
});

describe('loadKnownIssues', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remigrate-known-issues-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, issues: readonly KnownIssue[]): string => {
    const own = join(folder, name);
    mkdirSync(own);
    writeFileSync(join(own, 'known-issues.yaml'), JSON.stringify(issues));
    return own;
  };

  it('takes the issues of every folder that has some, in order', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const folders = [write('a', [issue()]), empty, write('b', [issue({ id: 'issue-2' })])];
    expect(loadKnownIssues(folders).map(({ id }) => id)).toEqual(['issue-1', 'issue-2']);
  });

  it('refuses a folder that is not there', () => {
    expect(() => loadKnownIssues([join(folder, 'nowhere')])).toThrow(UsageError);
    expect(() => loadKnownIssues([join(folder, 'nowhere')])).toThrow(/there is no folder .*nowhere/);
  });

  it('lets an id return for another scenario or version, but not for the same', () => {
    const other = issue({ scenarios: ['other'] });
    expect(loadKnownIssues([write('a', [issue(), other])])).toHaveLength(2);
    expect(() => loadKnownIssues([write('b', [issue()]), write('c', [issue()])])).toThrow(
      /there are two entries of issue-1 for operator 0\.45\.0 in five-steps \(the other in .*known-issues\.yaml\)/,
    );
  });
});

describe('parseKnownIssues', () => {
  it('takes a file of comments for an empty list', () => {
    expect(parseKnownIssues('# nothing is known\n', 'known-issues.yaml')).toEqual([]);
  });

  it.each([
    ['thread', { thread: 'see the mailing list' }, 'must be the https URL of the upstream thread, or "unreported"'],
    ['invariants', { invariants: ['migration-znode-absnt'] }, 'Did you mean migration-znode-absent?'],
    ['invariants', { invariants: [] }, 'invariants'],
    ['operatorVersions', { operatorVersions: [0.45] }, 'must be a version in quotes'],
    ['operatorVersions', { operatorVersions: ['newest'] }, 'must be a version'],
    ['scenarios', { scenarios: [] }, 'scenarios'],
    ['recording', { recording: '../x' }, 'must be the name of a recording'],
    ['id', { id: 'two words' }, 'must be one word'],
    ['why', { why: '' }, 'why'],
    ['more', { more: true }, 'more'],
  ])('refuses a bad %s: %j', (_, changes, message) => {
    const text = JSON.stringify([{ ...issue(), ...changes }]);
    const parse = () => parseKnownIssues(text, 'some/known-issues.yaml');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow('some/known-issues.yaml is no list of known issues');
    expect(parse).toThrow(message);
  });

  it.each(['id', 'title', 'thread', 'operatorVersions', 'scenarios', 'invariants', 'why', 'recording'] as const)(
    'refuses an entry without %s',
    (field) => {
      const { [field]: _, ...rest } = issue();
      expect(() => parseKnownIssues(JSON.stringify([rest]), 'known-issues.yaml')).toThrow(field);
    },
  );

  it('refuses what is no YAML', () => {
    expect(() => parseKnownIssues('- id: [', 'known-issues.yaml')).toThrow(/known-issues\.yaml is not YAML/);
  });
});

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
  /** About residue alone: it expects no loss. */
  const untidy = issue({ id: 'issue-2', invariants: ['migration-znode-absent'] });

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
    row(none, 'lost', [residue, loss], 'survived', false, 1, 1, 'explains it, and 1 more such)'),
    row(none, 'inconclusive', [], 'survived', false, 3, 3, 'inconclusive: the port was taken'),
    row(none, 'inconclusive', [residue], 'survived', false, 1, 1, 'migration-znode-absent broke'),
    // An issue that explains a loss and its residue.
    row(known, 'lost', [residue, loss], 'lost', true, 0, 1, 'zookeeper-metadata-survives broke (known issue issue-1'),
    row(known, 'lost', [loss], 'lost', true, 0, 1, 'zookeeper-metadata-survives broke (known issue issue-1'),
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
      'unexpected pass: known issue issue-1 of operator 0.45.0 did not show',
    ),
    row(known, 'survived', [residue], 'lost', false, 1, 1, 'unexpected pass: known issue issue-1'),
    row(known, 'survived', [unknownResidue], 'lost', false, 1, 1, 'controller-znode-released broke'),
    row(known, 'inconclusive', [], 'lost', false, 3, 3, 'inconclusive: the port was taken'),
    row(
      known,
      'inconclusive',
      [residue],
      'lost',
      false,
      3,
      1,
      'inconclusive: the port was taken; seen before: migration',
    ),
    row(known, 'inconclusive', [unknownConduct], 'lost', false, 1, 1, 'nodes-run-their-state broke'),
    // An issue that leaves something behind and costs nothing.
    row(
      [untidy],
      'survived',
      [residue],
      'survived',
      true,
      0,
      1,
      'nothing was lost, but migration-znode-absent broke (known',
    ),
    row([untidy], 'survived', [], 'survived', false, 1, 1, 'unexpected pass: known issue issue-2'),
    row([untidy], 'lost', [residue, loss], 'survived', false, 1, 1, 'zookeeper-metadata-survives broke (zookeeper'),
    // Verdicts that the violations do not bear out.
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
    const run = { operatorVersion: '0.45.0', scenario: 'five-steps', verdict, violations, issues };
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

  it('names the issue that explains the loss, also where another explains what was found before', () => {
    const issues = [untidy, issue({ invariants: ['zookeeper-metadata-survives'] })];
    const judgement = judge({ ...run, verdict: 'lost', violations: [residue, loss], issues });
    expect(judgement).toMatchObject({ knownIssue: { id: 'issue-1' }, because: 'Because.', unexplained: [] });
  });

  it('names the issue that did not show', () => {
    expect(judge({ ...run, verdict: 'survived', violations: [], issues: known }).knownIssue?.id).toBe('issue-1');
  });

  it('names none and no reason where nothing is known', () => {
    const judgement = judge({ ...run, verdict: 'survived', violations: [], issues: [] });
    expect(judgement).not.toHaveProperty('knownIssue');
    expect(judgement).not.toHaveProperty('because');
  });

  it('lists what nothing explains, loss first, as it was given', () => {
    const violations = [unknownConduct, residue, unknownLoss].map((violation, step) => ({ ...violation, step }));
    const judgement = judge({ ...run, verdict: 'lost', violations, issues: known });
    expect(judgement.unexplained).toEqual([
      { ...unknownLoss, step: 2 },
      { ...unknownConduct, step: 0 },
    ]);
  });

  it.each([
    ['another version', { operatorVersion: '0.45.1' }],
    ['another scenario', { scenario: 'other' }],
  ])('leaves the issues of %s aside', (_, changes) => {
    const other = { ...run, ...changes, issues: known };
    expect(judge({ ...other, verdict: 'survived', violations: [] }).exitCode).toBe(0);
    expect(judge({ ...other, verdict: 'lost', violations: [loss] }).exitCode).toBe(1);
  });

  it('says with --strict that the issue is known all the same', () => {
    const judgement = judge({ ...run, strict: true, verdict: 'lost', violations: [loss], issues: known });
    expect(judgement.summary).toBe(
      'zookeeper-metadata-survives broke (known issue issue-1, which --strict does not excuse)',
    );
  });

  it('says why an inconclusive run is it even when nobody told', () => {
    const judgement = judge({ ...run, verdict: 'inconclusive', violations: [], issues: [] });
    expect(judgement.summary).toBe('inconclusive: the environment failed');
  });

  it('a profile that leaves /migration and names no known issue fails, also where luck avoids the wipe', () => {
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

  it('property: exit 0 exactly when all is as expected, --strict never lowers it, and violations alone excuse none', () => {
    const violation = fc.constantFrom(...INVARIANTS).map(({ name, about }) => found(name, about));
    const verdict = fc.constantFrom<Verdict>('survived', 'lost', 'inconclusive');
    const where = fc.record({
      operatorVersion: fc.constantFrom('0.45.0', '0.45.1', '0.46.0'),
      scenario: fc.constantFrom('rollback-remigrate', 'rollback-remigrate-volumes-kept'),
    });
    fc.assert(
      fc.property(where, verdict, fc.array(violation, { maxLength: 4 }), (kind, verdict, violations) => {
        const ended = { ...kind, verdict, violations, issues: SHIPPED };
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
