import { describe, expect, it } from '@jest/globals';
import type { BaselineComparison } from '../../../src/comparison/baseline.js';
import type { JournalEventBody, KnownIssueReference, VerdictReached } from '../../../src/journal/events.js';
import { renderJUnit } from '../../../src/reports/junit.js';
import type { RunReport } from '../../../src/reports/reporter.js';
import { escapeXml } from '../../../src/reports/xml.js';
import { BROKEN, down, ISSUE, journal, LOST, SURVIVED, started } from '../comparison/journals.js';

const violated = (knownIssue?: KnownIssueReference, step = 'migrate again'): JournalEventBody => ({
  type: 'invariant-evaluated',
  step,
  invariant: 'zookeeper-metadata-survives',
  about: 'loss',
  holds: false,
  message: '2 topics vanished',
  evidence: [{ subject: '/brokers/topics/orders', expected: 'present', found: 'absent' }],
  ...(knownIssue === undefined ? {} : { knownIssue }),
});

const report = (events: RunReport['events']): RunReport => ({ events, baseline: undefined });

function lostRun(...violations: readonly JournalEventBody[]): string {
  return renderJUnit([
    report(
      journal([
        { type: 'step-started', step: 'migrate again', index: 0 },
        ...violations,
        { type: 'step-ended', step: 'migrate again', outcome: 'lost' },
        ...LOST,
      ]),
    ),
  ]);
}

/** The test case of a name, as text. */
function testCase(xml: string, name: string): string {
  const found = new RegExp(`<testcase [^>]*name="${name}"[^>]*?(/>|>[^]*?</testcase>)`).exec(xml)?.[0];
  if (found === undefined) throw new Error(`no case ${name} in ${xml}`);
  return found;
}

const INVARIANT = 'loss: zookeeper-metadata-survives';

describe('renderJUnit', () => {
  it('skips an expected loss and names the known issue in every message', () => {
    const xml = lostRun(violated(ISSUE));
    for (const name of ['step: migrate again', INVARIANT, 'verdict']) {
      expect(testCase(xml, name)).toMatch(/<skipped message="[^"]*known issue strimzi-kafka-operator#11262/);
    }
    expect(xml).toMatch(
      /<testsuite name="rollback-remigrate with Strimzi 0.45.0" tests="3" failures="0" errors="0" skipped="3"/,
    );
    expect(xml).toMatch(/<testsuites name="remigrate" tests="3" failures="0" errors="0" skipped="3">/);
  });

  it('fails what nothing explains, even if something else is explained', () => {
    for (const xml of [lostRun(violated()), lostRun(violated(ISSUE), violated(undefined, 'migrate again'))]) {
      expect(testCase(xml, INVARIANT)).toContain('<failure message="2 topics vanished">');
      expect(testCase(xml, 'step: migrate again')).toContain('<failure');
    }
  });

  it('skips an expected outage, and fails one that nothing explains', () => {
    const brokenRun = (...violations: readonly JournalEventBody[]) =>
      renderJUnit([
        report(
          journal([
            { type: 'step-started', step: 'roll back', index: 0 },
            ...violations,
            { type: 'step-ended', step: 'roll back', outcome: 'broken' },
            ...BROKEN,
          ]),
        ),
      ]);
    const expected = brokenRun(down({ knownIssue: ISSUE }));
    for (const name of ['step: roll back', 'outage: nodes-stay-up', 'verdict']) {
      expect(testCase(expected, name)).toMatch(/<skipped message="[^"]*known issue strimzi-kafka-operator#11262/);
    }
    expect(testCase(expected, 'step: roll back')).toContain('the cluster broke in this step');
    expect(testCase(expected, 'verdict')).toContain('broken, as expected: a broker does not stay up');
    const failed = brokenRun(down());
    expect(testCase(failed, 'step: roll back')).toContain('<failure message="the cluster broke in this step"');
    expect(testCase(failed, 'outage: nodes-stay-up')).toContain('<failure message="a broker does not stay up"');
    expect(failed).toMatch(/<testsuite name="[^"]*" tests="3" failures="2" errors="0" skipped="1"/);
  });

  it('has one more case for a candidate, which fails if it is worse than its baseline', () => {
    const candidate = journal(SURVIVED, started({ operatorVersion: '0.45.3', baseline: '0.45.2' }));
    const render = (outcome: BaselineComparison['outcome']) =>
      testCase(
        renderJUnit([{ events: candidate, baseline: { outcome, lines: ['0.45.3 compared with 0.45.2: x'] } }]),
        'no worse than 0.45.2',
      );
    expect(render('worse')).toContain('<failure message="0.45.3 compared with 0.45.2: x"/>');
    expect(render('unknown')).toContain('<error');
    for (const outcome of ['better', 'same', 'different'] as const) expect(render(outcome)).not.toContain('message');
    expect(renderJUnit([report(candidate)])).not.toContain('no worse than');
  });

  it('says of each violation which entry excuses it, or why none does', () => {
    const entry = 'fixtures/known-issues.yaml, entry 1';
    const notExplained = 'known issue x expects it in step "y"';
    const excused = testCase(lostRun(violated({ ...ISSUE, entry })), INVARIANT);
    expect(excused).toContain(`2 topics vanished, excused by ${ISSUE.id} (${entry})`);
    expect(excused).toMatch(/<skipped message="[^"]*fixtures\/known-issues\.yaml, entry 1/);
    const failed = testCase(lostRun({ ...violated(), notExplained } as JournalEventBody), INVARIANT);
    expect(failed).toContain('2 topics vanished, not excused: known issue x expects it in step &quot;y&quot;');
  });

  it('puts the evidence into the case', () => {
    expect(testCase(lostRun(violated()), INVARIANT)).toContain(
      '/brokers/topics/orders: expected present, found absent',
    );
  });

  it('says about the evidence when, by whom and after what', () => {
    const at = { at: 27.4, writer: { session: '0x1', who: 'controller 1' }, note: 'immediately after the sync' };
    const evidence = [{ subject: '/brokers/topics/orders', expected: 'present', found: 'absent', ...at }];
    expect(testCase(lostRun({ ...violated(), evidence } as JournalEventBody), INVARIANT)).toContain(
      'found absent (at 27.4 s, by session 0x1, controller 1, immediately after the sync)',
    );
  });

  it('names an issue once in the message of a verdict', () => {
    const message = /message="([^"]*)"/.exec(testCase(lostRun(violated(ISSUE)), 'verdict'))?.[1] ?? '';
    expect(message.split(ISSUE.id)).toHaveLength(2);
    expect(message).toContain('lost, as expected: 2 topics vanished, known issue');
  });

  it('passes a run that survived', () => {
    const xml = renderJUnit([
      report(
        journal([
          { type: 'step-started', step: 'deploy', index: 0 },
          { type: 'step-ended', step: 'deploy', outcome: 'passed' },
          { ...violated(), holds: true } as JournalEventBody,
          ...SURVIVED,
        ]),
      ),
    ]);
    expect(xml).not.toMatch(/<(failure|error|skipped)/);
    expect(testCase(xml, 'step: deploy')).toContain('time="1.000"');
  });

  const verdict = (changes: Partial<VerdictReached>): JournalEventBody => ({
    type: 'verdict',
    verdict: 'survived',
    expected: 'survived',
    asExpected: true,
    summary: 'the summary',
    ...changes,
  });

  it.each([
    [
      'an unexpected pass',
      [verdict({ expected: 'lost', asExpected: false })],
      '<failure message="survived, but lost was expected',
    ],
    [
      'an outage that was not expected',
      [verdict({ verdict: 'broken', asExpected: false })],
      '<failure message="broken, but survived was expected: the summary"',
    ],
    [
      'a loss that is not the expected one',
      [verdict({ verdict: 'lost', expected: 'lost', asExpected: false })],
      '<failure message="lost, not as expected: the summary',
    ],
    [
      'an inconclusive run',
      [verdict({ verdict: 'inconclusive', asExpected: false })],
      '<error message="inconclusive: the summary"',
    ],
    ['a run without a verdict', [], '<error message="no verdict: the journal ends early"'],
  ])('reports %s', (_, events: readonly JournalEventBody[], tag) => {
    expect(testCase(renderJUnit([report(journal(events))]), 'verdict')).toContain(tag);
  });

  it('has an error for a step that never ended', () => {
    const xml = renderJUnit([report(journal([{ type: 'step-started', step: 'migrate', index: 0 }]))]);
    expect(testCase(xml, 'step: migrate')).toContain('<error message="the step did not end"');
  });
});

describe('escapeXml', () => {
  it('escapes markup and line breaks, and writes out what XML cannot hold', () => {
    expect(escapeXml('<a b="c">&\n\t')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;&#10;&#9;');
    expect(escapeXml('\u001b[31m\u0000\ud800\ufffe')).toBe('\\u001b[31m\\u0000\\ud800\\ufffe');
    expect(escapeXml('größer 漢 😀')).toBe('größer 漢 😀');
  });

  it('is used for every value: a control character never reaches the document', () => {
    const xml = lostRun({ ...violated(), message: 'bad \u001b "name" <x>' } as JournalEventBody);
    expect(xml).not.toContain('\u001b');
    expect(xml).toContain('message="bad \\u001b &quot;name&quot; &lt;x&gt;"');
  });
});
