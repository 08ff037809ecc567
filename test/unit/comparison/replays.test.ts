import { describe, expect, it } from '@jest/globals';
import { isRunOf, replayNeeded } from '../../../src/comparison/replays.js';
import type { JournalEventBody, RunStarted, VerdictReached } from '../../../src/journal/events.js';
import { journal, SURVIVED, started } from './journals.js';

const REAL = { environment: 'kubernetes', operator: 'real', kafka: 'real' } as const;
const INCONCLUSIVE = SURVIVED.map((event) =>
  event.type === 'verdict' ? ({ ...event, verdict: 'inconclusive' } satisfies VerdictReached) : event,
);

function run(changes: Partial<RunStarted> = {}, bodies: readonly JournalEventBody[] = SURVIVED) {
  return {
    events: journal(bodies, started({ scenario: 'unrecorded', operatorVersion: '0.45.2', parts: REAL, ...changes })),
  };
}

describe('the replay that a run needs', () => {
  const candidate = run({ operatorVersion: '0.45.3', baseline: '0.45.2' });

  it('is that of its version, or of the baseline of a candidate', async () => {
    await expect(replayNeeded(run(), [run()])).resolves.toBe('0.45.2');
    await expect(replayNeeded(candidate, [candidate])).resolves.toBe('0.45.2');
  });

  it.each([
    ['it is replayed itself', run({ parts: { ...REAL, operator: 'replayed' } })],
    ['a stand-in took part', run({ parts: { ...REAL, operator: 'stand-in' } })],
    ['it has no verdict', run({}, [])],
    ['it is inconclusive', run({}, INCONCLUSIVE)],
    ['there is a recording', run({ scenario: 'rollback-remigrate' })],
    [
      'there is a recording of its baseline',
      run({ ...{ scenario: 'rollback-remigrate' }, operatorVersion: '0.45.9', baseline: '0.45.2' }),
    ],
  ])('is none if %s', async (_, one) => {
    await expect(replayNeeded(one, [one])).resolves.toBeUndefined();
  });

  it('is none if the baseline ran in the same call', async () => {
    await expect(replayNeeded(candidate, [candidate, run()])).resolves.toBeUndefined();
    await expect(replayNeeded(candidate, [candidate, run({}, INCONCLUSIVE)])).resolves.toBe('0.45.2');
  });

  it('is its own for a known version, although another run of it is in the call', async () => {
    await expect(replayNeeded(run(), [run(), run({ run: 'another' })])).resolves.toBe('0.45.2');
  });
});

describe('a run', () => {
  it.each([
    ['of this version in this scenario', run(), true],
    ['of another version', run({ operatorVersion: '0.45.1' }), false],
    ['of another scenario', run({ scenario: 'other' }), false],
    ['without a verdict', run({}, []), false],
    ['that is inconclusive', run({}, INCONCLUSIVE), false],
  ])('%s is one to compare with: %s', (_, one, expected) => {
    expect(isRunOf(one, 'unrecorded', '0.45.2')).toBe(expected);
  });
});
