import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compareWithBaseline } from '../../../src/comparison/baseline.js';
import type { About, JournalEvent, JournalEventBody, RunStarted } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';
import { BROKEN, down, ISSUE, journal, LOST, SURVIVED, started } from './journals.js';

const CANDIDATE = { operatorVersion: '0.45.3', baseline: '0.45.0' };

function candidate(bodies: readonly JournalEventBody[], changes: Partial<RunStarted> = {}): readonly JournalEvent[] {
  return journal(bodies, started({ ...CANDIDATE, ...changes }));
}

function lostTopics(topics: readonly string[], known = true): JournalEventBody {
  return {
    type: 'invariant-evaluated',
    step: 'migrate again',
    invariant: 'zookeeper-metadata-survives',
    about: 'loss',
    holds: false,
    message: `${topics.length} topics vanished`,
    evidence: topics.map((topic) => ({ subject: `/brokers/topics/${topic}`, expected: 'present', found: 'absent' })),
    ...(known ? { knownIssue: ISSUE } : {}),
  };
}

const FIXED: readonly JournalEventBody[] = [
  {
    type: 'verdict',
    verdict: 'survived',
    expected: 'lost',
    asExpected: true,
    summary: 'nothing was lost',
    knownIssue: ISSUE,
  },
  { type: 'run-ended', how: 'completed' },
];

const runOf = (bodies: readonly JournalEventBody[]) => ({
  events: journal(bodies),
  what: 'the run of 0.45.0 in this command',
  sameTopics: true,
});

describe('a candidate compared with its baseline', () => {
  it('does not exist for a known version', () => {
    expect(compareWithBaseline(journal(SURVIVED), undefined)).toBeUndefined();
  });

  it('shows no difference if it lost the same and took the same course', () => {
    const lost: readonly JournalEventBody[] = [{ type: 'gesture', gesture: 'deploy' }, lostTopics(['orders']), ...LOST];
    expect(compareWithBaseline(candidate(lost), runOf(lost))).toEqual({
      outcome: 'same',
      lines: ['0.45.3 compared with 0.45.0: no difference from the run of 0.45.0 in this command'],
    });
  });

  it('says so if there is no journal to compare its conduct with', () => {
    const against = compareWithBaseline(candidate([lostTopics(['orders']), ...LOST]), undefined);
    expect(against?.outcome).toBe('same');
    expect(against?.lines[0]).toMatch(
      /no difference in what was lost, broken or left behind; .* run both in one command$/,
    );
  });

  it('is worse if no known issue of the baseline explains what was lost', () => {
    const against = compareWithBaseline(candidate([lostTopics(['orders'], false), ...LOST]), undefined);
    expect(against?.outcome).toBe('worse');
    expect(against?.lines).toEqual([
      '0.45.3 compared with 0.45.0: worse, 1 topics vanished (zookeeper-metadata-survives)',
    ]);
  });

  it('names the loss before what was left behind earlier, as of the recorded build that leaves /migration', async () => {
    const recording = async (name: string) => readJournal(join(packageRoot(), 'fixtures/recordings', `${name}.jsonl`));
    const against = compareWithBaseline(await recording('0.45.3-leaves-migration'), {
      events: await recording('0.45.2-one-broker'),
      what: 'recording 0.45.2-one-broker',
      sameTopics: false,
    });
    expect(against?.outcome).toBe('worse');
    expect(against?.lines[0]).toMatch(
      /^0\.45\.3 compared with 0\.45\.2: worse, 9 topics vanished from ZooKeeper .* \(zookeeper-metadata-survives\); also migration-znode-absent/,
    );
  });

  it('names the worst first, of one kind the earliest, and each invariant once', () => {
    const found = (invariant: string, about: About, message = `${invariant} broke`): JournalEventBody => ({
      type: 'invariant-evaluated',
      step: 'migrate again',
      invariant,
      about,
      holds: false,
      message,
    });
    const against = compareWithBaseline(
      candidate([
        found('order', 'conduct'),
        found('rest', 'residue'),
        found('other-rest', 'residue'),
        found('down', 'outage'),
        found('gone', 'loss', 'first'),
        found('gone', 'loss', 'second'),
        found('rest', 'residue'),
        ...LOST,
      ]),
      undefined,
    );
    expect(against?.lines).toEqual([
      '0.45.3 compared with 0.45.0: worse, first (gone); also down, rest, other-rest, order',
    ]);
  });

  it('is worse if it loses more, even if the same issue explains it', () => {
    const baseline = runOf([lostTopics(['orders']), ...LOST]);
    const against = compareWithBaseline(candidate([lostTopics(['users', 'orders', 'payments']), ...LOST]), baseline);
    expect(against?.outcome).toBe('worse');
    expect(against?.lines[0]).toBe(
      '0.45.3 compared with 0.45.0: worse, it lost what 0.45.0 kept: /brokers/topics/payments, /brokers/topics/users ' +
        '(compared with the run of 0.45.0 in this command)',
    );
  });

  it('is worse if the run of the baseline lost nothing', () => {
    expect(compareWithBaseline(candidate([lostTopics(['orders']), ...LOST]), runOf(SURVIVED))?.outcome).toBe('worse');
  });

  const broken = [down({ knownIssue: ISSUE }), ...BROKEN];

  it('is worse if no known issue of the baseline explains its outage', () => {
    const against = compareWithBaseline(candidate([down(), ...BROKEN]), undefined);
    expect(against).toMatchObject({
      outcome: 'worse',
      lines: ['0.45.3 compared with 0.45.0: worse, a broker does not stay up (nodes-stay-up)'],
    });
  });

  it('is worse if it is broken and the run of the baseline survived, even if the same issue explains it', () => {
    const against = compareWithBaseline(candidate(broken), runOf(SURVIVED));
    expect(against?.outcome).toBe('worse');
    expect(against?.lines[0]).toContain('worse, it is broken and 0.45.0 was not: a broker does not stay up (compared');
  });

  it('names the first outage, or else the summary of the run', () => {
    const residue = down({ about: 'residue', message: 'something is left', knownIssue: ISSUE });
    const second = down({ message: 'another broker does not stay up', knownIssue: ISSUE });
    const textOf = (...bodies: readonly JournalEventBody[]) =>
      compareWithBaseline(candidate([...bodies, ...BROKEN]), runOf(SURVIVED))?.lines[0];
    expect(textOf(residue, down({ message: 'a broker is down', knownIssue: ISSUE }), second)).toContain(
      'was not: a broker is down (compared',
    );
    expect(textOf(residue)).toContain('was not: a broker does not stay up (compared');
  });

  it('is not worse if the baseline is broken, too, or lost something where the candidate is only broken', () => {
    const deployed: readonly JournalEventBody[] = [{ type: 'gesture', gesture: 'deploy' }, ...broken];
    expect(compareWithBaseline(candidate(deployed), runOf(deployed))?.outcome).toBe('same');
    expect(compareWithBaseline(candidate(broken), runOf([lostTopics(['orders']), ...LOST]))?.outcome).toBe('different');
    expect(compareWithBaseline(candidate(broken), undefined)?.outcome).toBe('same');
  });

  it('is worse if it lost something where the baseline is only broken', () => {
    const against = compareWithBaseline(candidate([lostTopics(['orders']), ...LOST]), runOf(broken));
    expect(against?.lines[0]).toContain('it lost what 0.45.0 kept: /brokers/topics/orders');
  });

  it('is not worse because other topics were lost than in a recording', () => {
    const recorded = { ...runOf([lostTopics(['before-1']), ...LOST]), sameTopics: false };
    expect(compareWithBaseline(candidate([lostTopics(['orders']), ...LOST]), recorded)?.outcome).not.toBe('worse');
  });

  it('is better if a known issue did not occur', () => {
    const against = compareWithBaseline(candidate(FIXED), runOf([lostTopics(['orders']), ...LOST]));
    expect(against?.outcome).toBe('better');
    expect(against?.lines).toEqual([
      `0.45.3 compared with 0.45.0: better, known issue ${ISSUE.id} of 0.45.0 did not occur`,
    ]);
  });

  it('is better if a known issue did not occur, although another one did', () => {
    const other = { ...ISSUE, id: 'another-issue' };
    const left = down({ about: 'residue', knownIssue: other });
    expect(compareWithBaseline(candidate([left, ...FIXED]), undefined)?.outcome).toBe('better');
    expect(compareWithBaseline(candidate([left, down({ knownIssue: ISSUE }), ...FIXED]), undefined)?.outcome).toBe(
      'same',
    );
  });

  it('is unknown if the comparison does not say anything', () => {
    const against = compareWithBaseline(candidate(SURVIVED), runOf(SURVIVED));
    expect(against).toEqual({
      outcome: 'unknown',
      lines: [
        '0.45.3 compared with 0.45.0: unknown, compared with the run of 0.45.0 in this command: ' +
          'the two have nothing in common that could be compared',
      ],
    });
  });

  it('is different if nothing more was lost but it took another course, and says where', () => {
    const restart: JournalEventBody = { type: 'node-stopped', pod: 'my-cluster-broker-0', reason: 'rolled' };
    const against = compareWithBaseline(candidate([restart, ...SURVIVED]), runOf(SURVIVED));
    expect(against?.outcome).toBe('different');
    expect(against?.lines.join('\n')).toMatch(/first difference from the run of 0\.45\.0 in this command:\n.*Lane "/);
  });

  it.each<readonly [string, readonly JournalEventBody[]]>([
    ['ended early', []],
    [
      'is inconclusive',
      [
        {
          type: 'verdict',
          verdict: 'inconclusive',
          expected: 'lost',
          asExpected: false,
          summary: 'the port was taken',
        },
      ],
    ],
  ])('says nothing about a run that %s', (_, bodies) => {
    expect(compareWithBaseline(candidate(bodies), undefined)?.outcome).toBe('unknown');
  });
});
