import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import type { Fact } from '../../../src/journal/circumstances.js';
import { readJournal } from '../../../src/journal/file.js';
import { violations } from '../../../src/journal/loss.js';
import { summarise } from '../../../src/journal/summary.js';
import { packageRoot } from '../../../src/package-root.js';
import {
  applicable,
  explanationOf,
  issueReference,
  type KnownIssue,
  loadKnownIssues,
  parseKnownIssues,
  shippedKnownIssuesFolder,
  type ViolationInContext,
} from '../../../src/scenario/known-issues.js';
import { readMarkdown } from '../../support/markdown.js';
import { issue, LEFTOVER, WIPE } from './issues.js';

const SHIPPED = loadKnownIssues([shippedKnownIssuesFolder()]);

describe('the shipped known issues', () => {
  const kept = 'rollback-remigrate-volumes-kept';
  it.each([
    ['0.45.0', 'rollback-remigrate', ['strimzi-kafka-operator#11262', 'KAFKA-20488']],
    ['0.45.1', 'rollback-remigrate', ['KAFKA-20488']],
    ['0.45.2', 'rollback-remigrate', ['KAFKA-20488']],
    ['0.45.0', kept, ['strimzi-kafka-operator#11262', 'stale-controller-volumes', 'KAFKA-20488']],
    ['0.45.1', kept, ['stale-controller-volumes', 'KAFKA-20488']],
    ['0.45.2', kept, ['stale-controller-volumes', 'KAFKA-20488']],
    ['0.46.0', kept, []],
    ['0.45.0', 'another-scenario', []],
  ])('%s in %s: %j', (operatorVersion, scenario, ids) => {
    expect(applicable(SHIPPED, { operatorVersion, scenario }).map(({ id }) => id)).toEqual(ids);
  });

  it('name a thread upstream, or say "unreported"', () => {
    expect(SHIPPED.map(issueReference)).toEqual(
      expect.arrayContaining([
        {
          id: 'strimzi-kafka-operator#11262',
          title: 'Rollback leaves /migration behind: the next migration deletes the metadata in ZooKeeper',
          thread: 'https://github.com/strimzi/strimzi-kafka-operator/issues/11262',
          entry: 'fixtures/known-issues.yaml, entry 1',
        },
        expect.objectContaining({ id: 'stale-controller-volumes', thread: 'unreported' }),
      ]),
    );
  });

  it('each name a recording that shows them, of one of their versions, or what was measured with the replay', async () => {
    for (const { id, recording, replayed, violations: patterns, operatorVersions } of SHIPPED) {
      if (recording === undefined) {
        expect(replayed).toMatch(/\d/);
        continue;
      }
      const events = await readJournal(join(packageRoot(), 'fixtures', 'recordings', `${recording}.jsonl`));
      expect(operatorVersions).toContain(summarise(events).started.operatorVersion);
      const shown = violations(events).filter(({ knownIssue }) => knownIssue?.id === id);
      const names = patterns.map(({ invariant }) => invariant);
      expect(shown.filter(({ invariant }) => names.includes(invariant))).not.toEqual([]);
    }
  });
});

describe('explanationOf', () => {
  const topic = (name: string, writer: Fact['writer'] = 'controller'): Fact => ({
    subject: `/brokers/topics/${name}`,
    found: 'absent',
    lost: 'topic',
    writer,
  });
  const wiped: ViolationInContext = {
    operatorVersion: '0.45.0',
    scenario: 'five-steps',
    invariant: 'zookeeper-metadata-survives',
    step: 'loses',
    state: 'KRaftMigration',
    facts: [topic('orders'), topic('payments')],
  };

  it('is the issue that describes invariant, step, state and every fact', () => {
    const other = issue({ id: 'issue-2', violations: [LEFTOVER] });
    const known = issue({ violations: [WIPE] });
    expect(explanationOf([other, known], wiped)).toEqual({ issue: known });
  });

  it.each<[string, Partial<ViolationInContext>, string | undefined]>([
    ['version', { operatorVersion: '0.45.1' }, undefined],
    ['version of a baseline', { operatorVersion: '0.45.0', baseline: '0.45.1' }, undefined],
    ['scenario', { scenario: 'other' }, undefined],
    ['invariant', { invariant: 'records-survive' }, undefined],
    ['step', { step: 'deploy' }, 'expects it in step "loses"'],
    ['state', { state: 'ZooKeeper' }, 'expects it in state none or KRaftMigration, not in ZooKeeper'],
    [
      'writer of one of many facts',
      { facts: [topic('orders'), topic('payments', 'user')] },
      'does not describe 1 of 2 facts: /brokers/topics/payments (absent, lost: topic, by user)',
    ],
    [
      'writer that nobody knows',
      { facts: [topic('orders', 'unknown')] },
      'does not describe 1 fact: /brokers/topics/orders (absent, lost: topic, by unknown)',
    ],
    [
      'fact without a writer',
      { facts: [{ ...topic('orders'), writer: undefined }] },
      'does not describe 1 fact: /brokers/topics/orders (absent, lost: topic, no writer)',
    ],
    [
      'kind of loss',
      { facts: [{ ...topic('orders'), lost: 'topic-configs' }] },
      'does not describe 1 fact: /brokers/topics/orders (absent, lost: topic-configs, by controller)',
    ],
    [
      'fact that loses nothing',
      { facts: [{ ...topic('orders'), lost: undefined }] },
      'does not describe 1 fact: /brokers/topics/orders (absent, nothing lost, by controller)',
    ],
    [
      'subject',
      { facts: [{ ...topic('orders'), subject: '/config/brokers/topics/orders' }] },
      'does not describe 1 fact: /config/brokers/topics/orders (absent, lost: topic, by controller)',
    ],
    [
      'finding',
      { facts: [{ ...topic('orders'), found: 'id 1' }] },
      'does not describe 1 fact: /brokers/topics/orders (lost: topic, by controller)',
    ],
    ['violation without evidence', { facts: [] }, 'expects evidence about /brokers/topics/*, too'],
  ])('is none for another %s', (_, changes, why) => {
    const explanation = explanationOf([issue()], { ...wiped, ...changes });
    expect(explanation).toEqual({
      issue: undefined,
      why: why === undefined ? undefined : `known issue issue-1 ${why}`,
    });
  });

  it('is one of this Kafka version, if the issue names some', () => {
    const known = issue({ violations: [WIPE], kafkaVersions: ['3.9.0', '3.9.1'] });
    expect(explanationOf([known], { ...wiped, kafkaVersion: '3.9.1' }).issue).toBe(known);
    expect(explanationOf([known], { ...wiped, kafkaVersion: '3.9.2' })).toEqual({ issue: undefined, why: undefined });
    // A run whose Kafka version is not known.
    expect(explanationOf([known], wiped).issue).toBeUndefined();
    const every = issue({ violations: [WIPE] });
    expect(explanationOf([every], wiped).issue).toBe(every);
  });

  it('fits what is found, if the pattern says what: whole, with * for any characters, also of several lines', () => {
    const found = (...patterns: readonly string[]) => {
      const known = issue({
        violations: [{ ...WIPE, evidence: [{ subjects: ['*-broker-*'], found: [...patterns] }] }],
      });
      return (text: string): boolean =>
        explanationOf([known], {
          ...wiped,
          facts: [{ subject: 'my-cluster-broker-0', found: text, lost: undefined, writer: undefined }],
        }).issue === known;
    };
    const error = 'ERROR Exiting Kafka: java.lang.RuntimeException: unexpected version (1)\n\tat kafka.Kafka';
    expect(found('ERROR *unexpected version (1)*')(error)).toBe(true);
    expect(found('absent', 'ERROR *')(error)).toBe(true);
    expect(found('unexpected version')(error)).toBe(false);
    expect(found('ERROR *unexpected version .1.*')(error)).toBe(false);
    expect(found('*unexpected version (0)*')(error)).toBe(false);
  });

  it('needs a fact without a writer where the pattern has none', () => {
    const known = issue({ violations: [{ ...LEFTOVER, evidence: [{ subjects: ['/migration'] }] }] });
    const left = (writer: Fact['writer']): ViolationInContext => ({
      ...wiped,
      invariant: LEFTOVER.invariant,
      facts: [{ subject: '/migration', found: '{}', lost: undefined, writer }],
    });
    expect(explanationOf([known], left(undefined)).issue).toBe(known);
    expect(explanationOf([known], left('controller')).issue).toBeUndefined();
  });

  it('may be a pattern that expects no evidence, for a violation that has none', () => {
    const known = issue({ violations: [{ ...WIPE, evidence: [] }] });
    expect(explanationOf([known], { ...wiped, facts: [] }).issue).toBe(known);
    expect(explanationOf([known], wiped).issue).toBeUndefined();
  });

  it('needs a fact for every pattern', () => {
    const evidence = [...WIPE.evidence, { subjects: ['/migration'] }];
    const known = issue({ violations: [{ ...WIPE, evidence }] });
    const left: Fact = { subject: '/migration', found: '{}', lost: undefined, writer: undefined };
    expect(explanationOf([known], { ...wiped, facts: [...wiped.facts, left] }).issue).toBe(known);
    expect(explanationOf([known], wiped)).toMatchObject({
      why: 'known issue issue-1 expects evidence about /migration, too',
    });
  });

  it('takes no part of the evidence from one issue and the rest from another', () => {
    const one = issue({
      violations: [{ ...WIPE, evidence: [{ subjects: ['*/orders'], lost: 'topic', writers: ['controller'] }] }],
    });
    const other = issue({
      id: 'issue-2',
      violations: [{ ...WIPE, evidence: [{ subjects: ['*/payments'], lost: 'topic', writers: ['controller'] }] }],
    });
    expect(explanationOf([one, other], wiped).issue).toBeUndefined();
  });

  it('reads every character except * as itself', () => {
    const known = issue({
      violations: [{ ...WIPE, evidence: [{ ...WIPE.evidence[0], subjects: ['/brokers/topics/a.b'] }] }],
    } as Partial<KnownIssue>);
    expect(explanationOf([known], { ...wiped, facts: [topic('a.b')] }).issue).toBe(known);
    expect(explanationOf([known], { ...wiped, facts: [topic('axb')] }).issue).toBeUndefined();
    expect(explanationOf([known], { ...wiped, facts: [topic('a.b.c')] }).issue).toBeUndefined();
  });

  it('says of the nearest pattern why it does not fit', () => {
    const elsewhere = issue({ id: 'issue-2', violations: [{ ...WIPE, steps: ['deploy'] }] });
    const near = issue({ violations: [{ ...WIPE, states: ['ZooKeeper'] }] });
    expect(explanationOf([elsewhere, near], wiped)).toMatchObject({
      why: expect.stringContaining('issue-1 expects it in state'),
    });
  });
});

describe('the nearest of several patterns that do not fit', () => {
  const fact = (subject: string): Fact => ({ subject, found: '', lost: undefined, writer: undefined });
  const violation: ViolationInContext = {
    operatorVersion: '0.45.0',
    scenario: 'five-steps',
    invariant: 'zookeeper-metadata-survives',
    step: 'loses',
    state: 'none',
    facts: [fact('/a'), fact('/b'), fact('/c')],
  };
  const about = (...subjects: readonly string[]) => ({
    evidence: subjects.map((subject) => ({ subjects: [subject] })),
  });
  const nearestOf = (...changes: readonly Partial<KnownIssue['violations'][number]>[]) => {
    const issues = changes.map((change, i) => issue({ id: `issue-${i + 1}`, violations: [{ ...WIPE, ...change }] }));
    const explanation = explanationOf(issues, violation);
    return 'why' in explanation ? explanation.why : 'explained';
  };
  const otherStep = { ...about('/a', '/b', '/c'), steps: ['deploy'] };
  const otherState = { ...about('/a', '/b', '/c'), states: ['ZooKeeper' as const] };
  const describesNothing = about('/x');
  const describesOne = about('/a');
  const describesTwo = about('/a', '/b');
  const expectsMore = about('/a', '/b', '/c', '/d');

  it.each([
    ['fits the step', otherStep, otherState, 'issue-2 expects it in state ZooKeeper'],
    ['fits the state, too', otherState, describesNothing, 'issue-2 does not describe 3 facts: /a'],
    ['describes one of the facts', describesNothing, describesOne, 'issue-2 does not describe 2 of 3 facts: /b'],
    ['describes most of the facts', describesOne, describesTwo, 'issue-2 does not describe 1 of 3 facts: /c'],
    ['describes facts, before one that expects more', expectsMore, describesOne, 'issue-2 does not describe 2 of 3'],
  ])('is the one that %s', (_, first, second, why) => {
    expect(nearestOf(first, second)).toContain(`known issue ${why}`);
    expect(nearestOf(second, first)).toContain(`known issue ${why.replace('issue-2', 'issue-1')}`);
  });

  it('is the first of two that fit equally well', () => {
    expect(nearestOf(describesNothing, about('/y'))).toContain('issue-1 does not describe 3 facts');
    expect(nearestOf(describesNothing, expectsMore)).toContain('issue-1 does not describe 3 facts');
    expect(nearestOf(expectsMore, describesNothing)).toContain('issue-1 expects evidence about /d, too');
  });

  it('does not matter if another one fits, and the first that fits explains', () => {
    const fitting = about('/a', '/b', '/c');
    expect(nearestOf(describesTwo, fitting)).toBe('explained');
    const [first, second] = ['one', 'two'].map((id) => issue({ id, violations: [{ ...WIPE, ...fitting }] }));
    expect(explanationOf([first, second] as readonly KnownIssue[], violation)).toEqual({ issue: first });
  });

  it('has one fact for all of its patterns, if each names several subjects', () => {
    const evidence = [{ subjects: ['/x', '/a', '/b'] }, { subjects: ['/c', '/y'] }];
    expect(nearestOf({ evidence })).toBe('explained');
  });
});

it('a reference to an issue that stands in no file has no entry', () => {
  const { id, title, thread } = issue();
  expect(issueReference(issue())).toStrictEqual({ id, title, thread });
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

  it('reads the issues of every folder that has some, in order', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const folders = [write('a', [issue()]), empty, write('b', [issue({ id: 'issue-2' })])];
    expect(loadKnownIssues(folders).map(({ id }) => id)).toEqual(['issue-1', 'issue-2']);
  });

  it('says of each entry where it stands', () => {
    const entries = loadKnownIssues([write('mine', [issue(), issue({ id: 'issue-2' })])]).map(({ entry }) => entry);
    expect(entries).toEqual(['mine/known-issues.yaml, entry 1', 'mine/known-issues.yaml, entry 2']);
  });

  it('refuses a folder that does not exist', () => {
    expect(() => loadKnownIssues([join(folder, 'nowhere')])).toThrow(UsageError);
    expect(() => loadKnownIssues([join(folder, 'nowhere')])).toThrow(/the folder .*nowhere does not exist/);
  });

  it('accepts the same id again for another scenario or version, but not for the same', () => {
    const other = issue({ scenarios: ['other'] });
    expect(loadKnownIssues([write('a', [issue(), other])])).toHaveLength(2);
    const [older, newer] = [issue({ kafkaVersions: ['3.9.0'] }), issue({ kafkaVersions: ['3.9.1', '3.9.2'] })];
    expect(loadKnownIssues([write('kafka', [older, newer])])).toHaveLength(2);
    const overlap = [newer, issue({ kafkaVersions: ['3.9.2'] })];
    expect(() => loadKnownIssues([write('overlap', overlap)])).toThrow('there are two entries for issue-1');
    expect(() => loadKnownIssues([write('every', [older, issue()])])).toThrow('there are two entries for issue-1');
    expect(() => loadKnownIssues([write('b', [issue()]), write('c', [issue()])])).toThrow(
      /there are two entries for issue-1 with operator 0\.45\.0 in five-steps \(the other is in .*known-issues\.yaml\)/,
    );
  });
});

describe('parseKnownIssues', () => {
  const patterns = (changes: Readonly<Record<string, unknown>>) => ({ violations: [{ ...WIPE, ...changes }] });

  it('reads what an invariant is about from its name, and for a check of a scenario from the entry', () => {
    const { about: _, ...pattern } = WIPE;
    const check = { ...WIPE, invariant: 'my-check', about: 'conduct' };
    const [read] = parseKnownIssues(
      JSON.stringify([{ ...issue(), violations: [pattern, check] }]),
      'known-issues.yaml',
    );
    expect(read?.violations.map(({ about }) => about)).toEqual(['loss', 'conduct']);
  });

  it('reads the example of docs/scenarios.md', () => {
    const page = readMarkdown(readFileSync(join(packageRoot(), 'docs/scenarios.md'), 'utf8'));
    const samples = page.code.filter(({ language }) => language === 'yaml');
    expect(samples.flatMap(({ lines }) => parseKnownIssues(lines.join('\n'), 'docs/scenarios.md'))).toHaveLength(1);
  });

  it('refuses an entry of the first format, and says what to write instead', () => {
    const { violations: _, ...rest } = issue();
    const old = JSON.stringify([issue(), { ...rest, id: 'old', invariants: ['records-survive'] }]);
    const parse = () => parseKnownIssues(old, 'some/known-issues.yaml');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(
      [
        'some/known-issues.yaml: entry 2 has "invariants" and no "violations". It would excuse every violation of these invariants, in every step, whoever caused it.',
        'Replace "invariants" by what is known, for example:',
        '  violations:',
        '    - invariant: records-survive',
        '      steps: [STEP]',
        '      states: [KRaftMigration]',
        '      evidence:',
        '        - { subjects: [/brokers/topics/TOPIC], lost: topic, writers: [controller] }',
        'To have the exact lines, remove the entry and run the scenario: the report of the run prints them.',
      ].join('\n'),
    );
  });

  it('refuses "invariants" besides "violations" as any other field that does not exist', () => {
    const both = JSON.stringify([{ ...issue(), invariants: ['records-survive'] }]);
    expect(() => parseKnownIssues(both, 'known-issues.yaml')).toThrow('Unrecognized key: "invariants"');
  });

  it.each(['loss', 'outage', 'residue', 'conduct'])('reads a check of a scenario that is about %s', (about) => {
    const text = JSON.stringify([{ ...issue(), ...patterns({ invariant: 'my-check', about }) }]);
    expect(parseKnownIssues(text, 'known-issues.yaml')[0]?.violations[0]?.about).toBe(about);
  });

  it('reads what was measured with the replay instead of a recording', () => {
    const { recording: _, ...rest } = issue();
    const [read] = parseKnownIssues(JSON.stringify([{ ...rest, replayed: 'measured, 2026' }]), 'known-issues.yaml');
    expect(read).toMatchObject({ replayed: 'measured, 2026' });
    expect(read).not.toHaveProperty('recording');
  });

  it('reads names of one letter', () => {
    const short = {
      ...issue({ id: 'i', title: 't', why: 'w', scenarios: ['s'], recording: 'r' }),
      ...patterns({ invariant: 'c', steps: ['s'], evidence: [{ subjects: ['/'], found: ['f'] }] }),
    };
    expect(parseKnownIssues(JSON.stringify([short]), 'known-issues.yaml')).toEqual([short]);
  });

  it('reads a file with only comments as an empty list', () => {
    expect(parseKnownIssues('# nothing is known\n', 'known-issues.yaml')).toEqual([]);
  });

  it.each([
    ['thread', { thread: 'see the mailing list' }, 'must be the https URL of the upstream thread, or "unreported"'],
    [
      'invariant',
      patterns({ invariant: 'migration-znode-absnt', about: undefined }),
      'Did you mean migration-znode-absent?',
    ],
    ['invariant', patterns({ invariant: 'my-check', about: undefined }), 'at [0].violations[0].invariant'],
    ['about', patterns({ about: 'conduct' }), 'at [0].violations[0].about'],
    [
      'invariant',
      patterns({ invariant: 'my-check', about: undefined }),
      'add what it is about, for example "about: loss"',
    ],
    ['about', patterns({ about: 'conduct' }), 'must be loss: that is what zookeeper-metadata-survives is about'],
    ['violations', { violations: [] }, 'violations'],
    ['steps', patterns({ steps: undefined }), 'violations[0].steps'],
    ['steps', patterns({ steps: [] }), 'violations[0].steps'],
    ['states', patterns({ states: undefined }), 'violations[0].states'],
    ['states', patterns({ states: ['Zookeeper'] }), 'violations[0].states[0]'],
    ['evidence', patterns({ evidence: undefined }), 'violations[0].evidence'],
    ['subjects', patterns({ evidence: [{ lost: 'topic' }] }), 'violations[0].evidence[0].subjects'],
    ['lost', patterns({ evidence: [{ subjects: ['a'], lost: 'everything' }] }), 'violations[0].evidence[0].lost'],
    ['writers', patterns({ evidence: [{ subjects: ['a'], writers: ['me'] }] }), 'violations[0].evidence[0].writers[0]'],
    ['writers', patterns({ evidence: [{ subjects: ['a'], writers: [] }] }), 'violations[0].evidence[0].writers'],
    ['operatorVersions', { operatorVersions: [0.45] }, 'must be a version in quotes'],
    ['operatorVersions', { operatorVersions: ['newest'] }, 'must be a version'],
    ['scenarios', { scenarios: [] }, 'scenarios'],
    ['kafkaVersions', { kafkaVersions: [] }, 'kafkaVersions'],
    ['kafkaVersions', { kafkaVersions: [3.9] }, 'must be a version in quotes'],
    ['found', patterns({ evidence: [{ subjects: ['a'], found: [] }] }), 'violations[0].evidence[0].found'],
    ['replayed', { replayed: '' }, 'replayed'],
    ['recording', { replayed: 'measured' }, 'must name what shows it: either "recording" or "replayed"'],
    ['recording', { recording: '../x' }, 'must be the name of a recording'],
    ['id', { id: 'two words' }, 'must be one word'],
    ['why', { why: '' }, 'why'],
    ['more', { more: true }, 'more'],
  ])('refuses a bad %s: %j', (_, changes, message) => {
    const text = JSON.stringify([{ ...issue(), ...changes }]);
    const parse = () => parseKnownIssues(text, 'some/known-issues.yaml');
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow('some/known-issues.yaml is not a list of known issues');
    expect(parse).toThrow(message);
  });

  it.each(['id', 'title', 'thread', 'operatorVersions', 'scenarios', 'violations', 'why', 'recording'] as const)(
    'refuses an entry without %s',
    (field) => {
      const { [field]: _, ...rest } = issue();
      expect(() => parseKnownIssues(JSON.stringify([rest]), 'known-issues.yaml')).toThrow(field);
    },
  );

  it('refuses what is not YAML', () => {
    expect(() => parseKnownIssues('- id: [', 'known-issues.yaml')).toThrow(/known-issues\.yaml is not YAML/);
  });
});
