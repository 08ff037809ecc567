import { describe, expect, it } from '@jest/globals';
import { exitCodeOfRuns, summary, type ToldRun, withBaselineComparison } from '../../../src/cli/reports.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { scenario, step } from '../../../src/scenario/scenario.js';
import { journal, SURVIVED, started } from '../comparison/journals.js';

const SCENARIO = scenario({
  name: 'rollback-remigrate',
  title: 'Migrate',
  expected: { survives: 'It does.' },
  steps: [step('deploy', async () => undefined)],
});

function run(operatorVersion: string, events: readonly JournalEvent[], exitCode: 0 | 1 | 3 = 0): ToldRun {
  return {
    name: `rollback-remigrate-${operatorVersion}`,
    scenario: SCENARIO,
    operatorVersion,
    verdict: 'survived',
    judgement: { expected: 'survived', asExpected: true, exitCode, summary: '', unexplained: [] },
    events,
    kept: undefined,
    label: operatorVersion,
    results: undefined,
  };
}

const parts = { environment: 'kubernetes', operator: 'stand-in', kafka: 'real' } as const;
const KNOWN = journal(SURVIVED, started({ operatorVersion: '0.45.2', parts }));
const candidate = (body: readonly Parameters<typeof journal>[0][number][] = SURVIVED) =>
  journal(body, started({ operatorVersion: '0.45.3', baseline: '0.45.2', parts }));

describe('the end of a call', () => {
  it('holds a candidate against the run of its baseline in the same call', async () => {
    const told = await withBaselineComparison([run('0.45.2', KNOWN), run('0.45.3', candidate())]);
    const text = await summary(told, false);
    expect(text).toContain('  Candidate     0.45.3 against 0.45.2: no difference (its run in this call)\n');
    expect(text.match(/Candidate/g)).toHaveLength(1);
    expect(exitCodeOfRuns(told)).toBe(0);
  });

  it('has no journal to hold a stand-in against where its baseline was not run', async () => {
    const told = await withBaselineComparison([run('0.45.3', candidate())]);
    expect(await summary(told, false)).toMatch(/no difference in what was lost or left behind; there is no journal/);
  });

  it('takes the recording of the baseline for a real operator', async () => {
    const real = { ...parts, operator: 'real' } as const;
    const events = journal(SURVIVED, started({ operatorVersion: '0.45.3', baseline: '0.45.2', parts: real }));
    expect(await summary(await withBaselineComparison([run('0.45.3', events)]), false)).toContain(
      'recording 0.45.2-one-broker',
    );
  });

  it('fails a candidate that is worse, though its own judgement passes', async () => {
    const worse = candidate([
      {
        type: 'invariant-evaluated',
        step: 'migrate',
        invariant: 'records-survive',
        about: 'loss',
        holds: false,
        message: 'a record is gone',
        evidence: [],
      },
      ...SURVIVED,
    ]);
    const told = await withBaselineComparison([run('0.45.2', KNOWN), run('0.45.3', worse)]);
    expect(exitCodeOfRuns(told)).toBe(1);
    expect(await summary(told, false)).toContain('0.45.3 against 0.45.2: worse, a record is gone (records-survive)');
  });

  it.each([
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1, 0], 1],
  ] as const)('of %j is %i', async (codes, expected) => {
    const told = await withBaselineComparison(codes.map((code) => run('0.45.2', KNOWN, code)));
    expect(exitCodeOfRuns(told)).toBe(expected);
  });
});
