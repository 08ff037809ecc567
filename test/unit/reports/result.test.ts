import { describe, expect, it } from '@jest/globals';
import type { InvariantEvaluated, JournalEventBody } from '../../../src/journal/events.js';
import type { RunReport } from '../../../src/reports/reporter.js';
import { toResult } from '../../../src/reports/result.js';
import { ALL_GONE, BROKEN, down, ISSUE, journal, LOST, started } from '../comparison/journals.js';

const EVENTS: readonly JournalEventBody[] = [
  { type: 'step-started', step: 'migrate again', index: 0 },
  ALL_GONE,
  {
    type: 'invariant-evaluated',
    step: 'migrate again',
    invariant: 'zookeeper-metadata-survives',
    about: 'loss',
    holds: false,
    message: '2 topics vanished',
    evidence: [
      {
        subject: '/brokers/topics/orders',
        expected: 'present',
        found: 'absent',
        lost: { kind: 'topic', name: 'orders' },
        where: 'znode',
      },
    ],
    knownIssue: ISSUE,
  },
  { type: 'step-ended', step: 'migrate again', outcome: 'lost' },
  ...LOST,
];

const report = (events: RunReport['events']): RunReport => ({ events, baseline: undefined });

describe('toResult', () => {
  it('has a version, the parts, the steps, the violations and the verdict of every run', () => {
    const result = toResult([report(journal(EVENTS)), report(journal([], started({ run: 'another' })))]);
    expect(result.resultVersion).toBe(1);
    expect(result.runs[0]).toEqual({
      run: 'a-run',
      scenario: 'rollback-remigrate',
      operatorVersion: '0.45.0',
      baseline: null,
      against: null,
      kafkaVersion: '3.9.0',
      topology: { brokers: 1, controllers: 1, zookeepers: 1 },
      parts: { environment: 'local', operator: 'replayed', kafka: 'real' },
      startedAt: '2026-01-02T03:04:05.000Z',
      seconds: 6,
      verdict: 'lost',
      expected: 'lost',
      asExpected: true,
      summary: '2 topics vanished',
      knownIssue: ISSUE,
      checks: 1,
      firstLossAt: 2,
      ended: 'completed',
      steps: [{ name: 'migrate again', startedAt: 1, endedAt: 4, outcome: 'lost', error: null }],
      invariants: [
        {
          name: 'zookeeper-metadata-survives',
          about: 'loss',
          steps: ['migrate again'],
          violations: [
            {
              step: 'migrate again',
              at: 3,
              message: '2 topics vanished',
              evidence: [{ subject: '/brokers/topics/orders', expected: 'present', found: 'absent' }],
              knownIssue: ISSUE,
            },
          ],
        },
      ],
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('says that a run is broken, in which step and why, and that nothing was lost', () => {
    const broken: readonly JournalEventBody[] = [
      { type: 'step-started', step: 'roll back', index: 0 },
      down({ knownIssue: ISSUE }),
      { type: 'step-ended', step: 'roll back', outcome: 'broken' },
      ...BROKEN,
    ];
    expect(toResult([report(journal(broken))]).runs[0]).toMatchObject({
      verdict: 'broken',
      expected: 'broken',
      asExpected: true,
      firstLossAt: null,
      steps: [{ name: 'roll back', outcome: 'broken' }],
      invariants: [
        {
          name: 'nodes-stay-up',
          about: 'outage',
          violations: [{ evidence: [{ subject: 'my-cluster-broker-0', found: 'ERROR Exiting Kafka' }] }],
        },
      ],
    });
  });

  it('says which entry excuses a violation, or why none does', () => {
    const knownIssue = { ...ISSUE, entry: 'fixtures/known-issues.yaml, entry 1' };
    const notExplained = 'known issue x expects it in step "y"';
    const of = (changes: Partial<InvariantEvaluated>) =>
      toResult([
        report(
          journal(EVENTS.map((event) => (event.type === 'invariant-evaluated' ? { ...event, ...changes } : event))),
        ),
      ]).runs[0]?.invariants[0]?.violations[0];
    expect(of({ knownIssue })).toMatchObject({ knownIssue });
    expect(of({ knownIssue: undefined as never, notExplained })).toMatchObject({ knownIssue: null, notExplained });
  });

  it('says what a candidate is compared with, and the outcome', () => {
    const candidate = journal(EVENTS, started({ operatorVersion: '0.45.3', baseline: '0.45.2' }));
    const lines = ['0.45.3 compared with 0.45.2: the first difference:', 'Lane "user"'] as const;
    expect(
      toResult([{ events: candidate, baseline: { outcome: 'different', lines: [...lines] } }]).runs[0],
    ).toMatchObject({
      baseline: '0.45.2',
      against: { outcome: 'different', text: lines.join('\n') },
    });
  });

  it('never says that a run without a verdict is as expected', () => {
    expect(toResult([report(journal([]))]).runs[0]).toMatchObject({ verdict: null, asExpected: false, ended: null });
  });

  it('refuses what is not a journal', () => {
    expect(() => toResult([report([])])).toThrow(TypeError);
  });
});
