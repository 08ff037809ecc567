import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JournalEventBody, TopicsChanged, VerdictReached } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';
import { describeEnding } from '../../../src/reports/ending.js';
import { BROKEN, down, ISSUE, journal, LOST, SURVIVED, started } from '../comparison/journals.js';

type Violated = Partial<Extract<JournalEventBody, { readonly type: 'invariant-evaluated' }>>;

const violated = (changes: Violated = {}): JournalEventBody => ({
  type: 'invariant-evaluated',
  step: 'migrate again',
  invariant: 'zookeeper-metadata-survives',
  about: 'loss',
  holds: false,
  message: 'the message',
  evidence: [
    {
      subject: '/brokers/topics/orders',
      expected: 'present',
      found: 'absent',
      lost: { kind: 'topic', name: 'orders' },
      where: 'znode',
    },
  ],
  ...changes,
});
const leftover = (step: string, changes: Violated = {}): JournalEventBody =>
  violated({
    step,
    invariant: 'migration-znode-absent',
    about: 'residue',
    message: '/migration is still there',
    evidence: [{ subject: '/migration', expected: 'absent', found: '{"offset":1}', note: 'the operator did nothing' }],
    knownIssue: ISSUE,
    ...changes,
  });
const created = (...topics: readonly string[]): readonly JournalEventBody[] =>
  topics.map((topic) => ({ type: 'client-action', action: 'create-topic', topic }));
const gone = (deleted: readonly string[], changes: Partial<TopicsChanged> = {}): JournalEventBody => ({
  type: 'topics-changed',
  deleted,
  writer: { session: '0x1000123abcd0001', who: 'controller 1' },
  ...changes,
});
const sync: JournalEventBody = {
  type: 'controller-log',
  pod: 'my-cluster-controller-1',
  level: 'INFO',
  text: '[KRaftMigrationDriver id=1] Performing a full metadata sync from KRaft to ZK.',
};
const verdict = (changes: Partial<VerdictReached>): JournalEventBody => ({
  type: 'verdict',
  verdict: 'survived',
  expected: 'survived',
  asExpected: true,
  summary: 'the summary',
  ...changes,
});

/** The rows of an ending, by label; a label that comes twice has both texts. */
function rows(bodies: readonly JournalEventBody[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  let label = '';
  for (const line of describeEnding(journal(bodies)).slice(1)) {
    label = line.slice(2, 16).trim() || label;
    found[label] = `${found[label] === undefined ? '' : `${found[label]} `}${line.slice(16)}`;
  }
  return found;
}

describe('the ending of a run', () => {
  it('says first the verdict, then what was lost, when, by whom, what was left behind, and which known issue explains it', () => {
    const state: JournalEventBody = {
      type: 'state-changed',
      from: 'ZooKeeper',
      to: 'KRaftMigration',
      annotation: 'migration',
    };
    const lost = [
      ...created('orders', 'payments'),
      leftover("delete the controllers' volumes"),
      state,
      sync,
      gone(['payments']),
      gone(['orders']),
      violated({ knownIssue: ISSUE }),
      leftover('migrate again'),
      ...LOST,
    ];
    expect(describeEnding(journal(lost), { logs: 'out/a-run' })).toEqual([
      'LOST as expected, in step "migrate again": rollback-remigrate with Strimzi 0.45.0 and Kafka 3.9.0',
      '  Lost          all 2 topics vanished from ZooKeeper: orders, payments',
      '  When          from 6.0 s to 7.0 s, 1.0 s after the full metadata sync of controller-1, in state KRaftMigration',
      '  By            session 0x1000123abcd0001, controller 1',
      '  Left behind   /migration is still there: the operator did nothing (after step "delete the controllers\' volumes", again',
      '                after "migrate again")',
      '  Known issue   strimzi-kafka-operator#11262: Rollback leaves /migration behind',
      '                https://github.com/strimzi/strimzi-kafka-operator/issues/11262',
      '  Checked       3 checks of 2 invariants in 0 steps',
      '  Parts         Kafka and ZooKeeper are real (local); the replayed operator says nothing about any operator build',
      '  Files         out/a-run',
    ]);
  });

  it.each([
    ['0.45.0-one-broker', 13],
    // Two known issues, two ways in which the topic is missing.
    ['0.45.0-claims-kept', 15],
    ['0.45.1-claims-kept', 13],
    ['0.45.1-disabled-first', 13],
    ['0.45.1-three-brokers', 3],
    ['0.45.2-broker-added', 13],
    ['0.45.2-broker-volume-lost', 13],
  ])('of the recording %s is at most %d lines of at most 120 characters', async (recording, most) => {
    const events = await readJournal(join(packageRoot(), `fixtures/recordings/${recording}.jsonl`));
    const lines = describeEnding(events);
    expect(lines.length).toBeLessThanOrEqual(most);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('says how many of the topics that the user created are gone, and nothing about what is not known', () => {
    expect(rows([...created('a', 'b'), gone(['a'], { writer: undefined as never }), ...LOST])).toMatchObject({
      Lost: '1 of 2 topics vanished from ZooKeeper: a',
      When: 'at 3.0 s',
    });
    expect(rows([gone(['a'], { writer: undefined as never }), ...LOST])).not.toHaveProperty('By');
    expect(rows([gone(['a']), ...LOST]).Lost).toBe('1 topic vanished from ZooKeeper: a');
  });

  it('names twelve topics and counts the rest', () => {
    const topics = Array.from({ length: 14 }, (_, i) => `t${String(i).padStart(2, '0')}`);
    expect(rows([gone(topics), ...LOST]).Lost).toMatch(/: t00, .*, t11 and 2 more$/);
  });

  it('is headed by what is broken, and does not call it lost', () => {
    const message = 'my-cluster-broker-0 does not stay up: it ended 3 times, in state ZooKeeper: ERROR Exiting Kafka';
    const broken = [down({ message, knownIssue: ISSUE }), down({ message, knownIssue: ISSUE }), ...BROKEN];
    expect(describeEnding(journal(broken)).slice(0, 3)).toEqual([
      'BROKEN as expected, in step "roll back": rollback-remigrate with Strimzi 0.45.0 and Kafka 3.9.0',
      `  Broken        ${message}`,
      '  Known issue   strimzi-kafka-operator#11262: Rollback leaves /migration behind',
    ]);
    const unexpected = [down(), verdict({ verdict: 'broken', asExpected: false, step: 'roll back' })];
    expect(describeEnding(journal(unexpected))[0]).toContain('BROKEN, NOT EXPECTED, in step "roll back": ');
    expect(rows(unexpected)).not.toHaveProperty('Lost');
    expect(rows(unexpected)).toMatchObject({
      Broken: 'a broker does not stay up',
      Unexplained: 'no known issue of Strimzi 0.45.0 in rollback-remigrate covers nodes-stay-up',
    });
    expect(rows([violated(), down(), ...LOST])).toMatchObject({
      Lost: 'the message',
      Broken: 'a broker does not stay up',
    });
  });

  it('has the message of every other loss once, in order', () => {
    const kraft = { invariant: 'kraft-metadata-survives', message: 'the brokers lack a' };
    const records = { invariant: 'records-survive', message: '3 records are gone' };
    expect(rows([violated(kraft), violated(records), violated(kraft), ...LOST]).Lost).toBe(
      'the brokers lack a 3 records are gone',
    );
  });

  it('has the message of a loss that says more than that topics vanished', () => {
    const other = { subject: '/config/topics/orders', expected: 'a=1', found: 'no configs' };
    expect(rows([gone(['orders']), violated(), ...LOST]).Lost).not.toContain('the message');
    expect(rows([gone(['orders']), violated({ evidence: [other] }), ...LOST]).Lost).toContain('the message');
    expect(rows([violated(), ...LOST]).Lost).toBe('the message');
  });

  it('has everything that the same invariant found about different things', () => {
    const wrong = (pod: string) =>
      violated({
        about: 'conduct',
        invariant: 'nodes-run-their-state',
        message: `${pod} is wrong`,
        evidence: [{ subject: pod, expected: 'ZK', found: 'KRAFT' }],
      });
    expect(rows([wrong('a'), wrong('b'), ...LOST])['Out of order']).toBe('a is wrong b is wrong');
  });

  it('adds the note of what is left behind where the message does not say it', () => {
    const evidence = (noteInMessage: boolean) => [
      { subject: '/migration', expected: 'absent', found: '{}', note: 'by the operator', noteInMessage },
    ];
    const left = (noteInMessage: boolean) => rows([leftover('a', { evidence: evidence(noteInMessage) }), ...LOST]);
    expect(left(true)['Left behind']).toBe('/migration is still there (after step "a")');
    expect(left(false)['Left behind']).toBe('/migration is still there: by the operator (after step "a")');
  });

  it('says which violations no known issue covers', () => {
    const unknown = leftover('roll back', { knownIssue: undefined as never });
    const failed = [unknown, verdict({ asExpected: false, summary: 'another summary' })];
    expect(describeEnding(journal(failed))[0]).toContain('SURVIVED, BUT NOT AS EXPECTED: ');
    expect(rows(failed)).toMatchObject({
      Unexplained: 'no known issue of Strimzi 0.45.0 in rollback-remigrate covers migration-znode-absent',
    });
    expect(rows(failed)).not.toHaveProperty('Why');
    expect(rows([leftover('roll back'), ...SURVIVED])).not.toHaveProperty('Unexplained');
  });

  it('says why the known issue that is about an invariant does not cover what was found', () => {
    const unknown = leftover('roll back', { knownIssue: undefined as never, notExplained: 'known issue x expects y' });
    expect(rows([unknown, verdict({ asExpected: false })]).Unexplained).toBe(
      'no known issue of Strimzi 0.45.0 in rollback-remigrate covers migration-znode-absent as found here ' +
        'migration-znode-absent: known issue x expects y',
    );
  });

  it('says why a run that found nothing is not as expected', () => {
    const passed = [verdict({ expected: 'lost', asExpected: false, summary: 'unexpected pass', knownIssue: ISSUE })];
    expect(describeEnding(journal(passed))[0]).toContain('SURVIVED, NOT EXPECTED: ');
    expect(rows(passed).Why).toBe('unexpected pass');
    expect(rows(passed)['Known issue']).toContain(ISSUE.id);
  });

  it('says why a run is inconclusive: by the step that failed, or by the summary', () => {
    const inconclusive = verdict({ verdict: 'inconclusive', asExpected: false, summary: 'the port was taken' });
    const failed: readonly JournalEventBody[] = [
      { type: 'step-started', step: 'migrate', index: 0 },
      { type: 'step-ended', step: 'migrate', outcome: 'failed', error: 'a broker died' },
    ];
    expect(describeEnding(journal([inconclusive]))[0]).toMatch(/^INCONCLUSIVE: /);
    expect(rows([inconclusive]).Why).toBe('the port was taken');
    expect(rows([...failed, inconclusive]).Why).toBe('a broker died');
  });

  it('says what was checked in every run, and how often', () => {
    const steps: readonly JournalEventBody[] = [
      { type: 'step-started', step: 'deploy', index: 0 },
      violated({ holds: true, step: 'deploy' }),
      { type: 'step-ended', step: 'deploy', outcome: 'passed' },
    ];
    const inconclusive = verdict({ verdict: 'inconclusive', asExpected: false });
    expect(rows([...steps, ...SURVIVED]).Checked).toBe('nothing was lost: 1 invariant held in 1 step (1 check)');
    expect(rows([...steps, leftover('deploy'), ...SURVIVED]).Checked).toBe('2 checks of 2 invariants in 1 step');
    expect(rows([...steps, ...LOST]).Checked).toBe('1 check of 1 invariant in 1 step');
    expect(rows([inconclusive]).Checked).toBe('0 checks of 0 invariants in 0 steps');
    expect(rows([]).Checked).toBe('0 checks of 0 invariants in 0 steps');
  });

  it('says that --strict does not excuse what was expected, but not if there is nothing to excuse', () => {
    const head = (bodies: readonly JournalEventBody[], strict: boolean) =>
      describeEnding(journal(bodies), { strict })[0];
    expect(head([leftover('roll back'), ...LOST], true)).toContain('LOST as expected, WHICH --strict DOES NOT EXCUSE');
    expect(head([leftover('roll back'), ...LOST], false)).not.toContain('--strict');
    expect(head(SURVIVED, true)).not.toContain('--strict');
  });

  it.each([
    ['real', 'Kafka, ZooKeeper and the operator are real (kubernetes)'],
    [
      'replayed',
      'Kafka and ZooKeeper are real (kubernetes); the replayed operator says nothing about any operator build',
    ],
    ['stand-in', 'Kafka and ZooKeeper are real (kubernetes); a stand-in replaces the operator'],
  ] as const)('says which parts were real where the operator is %s', (operator, text) => {
    const head = started({ parts: { environment: 'kubernetes', operator, kafka: 'real' } });
    expect(describeEnding(journal(SURVIVED, head)).join('\n')).toContain(`  Parts         ${text}`);
  });

  it('says that an issue is unreported, without an address', () => {
    const knownIssue = { id: 'stale', title: 'Stale volumes', thread: 'unreported' };
    expect(rows([leftover('roll back', { knownIssue }), ...SURVIVED])['Known issue']).toBe(
      'stale, unreported: Stale volumes',
    );
  });
});
