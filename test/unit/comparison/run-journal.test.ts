import { describe, expect, it } from '@jest/globals';
import { requireRun, unfinished } from '../../../src/comparison/run-journal.js';
import type { JournalEventBody, VerdictReached } from '../../../src/journal/events.js';
import { BROKEN, journal, LOST, SURVIVED, started } from './journals.js';

const DEPLOY: JournalEventBody = { type: 'gesture', gesture: 'deploy' };
const [VERDICT, ENDED] = SURVIVED as readonly [VerdictReached, JournalEventBody];
const INCONCLUSIVE: VerdictReached = { ...VERDICT, verdict: 'inconclusive' };
const INTERRUPTED: JournalEventBody = { type: 'run-ended', how: 'interrupted' };
const step = (name: string, index: number): JournalEventBody => ({ type: 'step-started', step: name, index });
const ended = (name: string, outcome: 'passed' | 'failed'): JournalEventBody => ({
  type: 'step-ended',
  step: name,
  outcome,
});

describe('the journal of one run', () => {
  const run = journal([DEPLOY, ...SURVIVED]);
  const month = 30 * 24 * 3600;
  const at = (...times: readonly number[]) => run.map((event, i) => ({ ...event, t: times[i] ?? Number.NaN }));

  it('begins with its head', () => {
    expect(requireRun(run, 'It')).toMatchObject(started());
    expect(() => requireRun(run.slice(1), 'The file')).toThrow("The file does not begin with 'run-started'.");
    expect(() => requireRun([], 'The file')).toThrow("The file does not begin with 'run-started'.");
  });

  it.each([
    ['events at the same time', [0, 0, 0, 0]],
    ['30 days', [0, 1, 2, month]],
  ])('may have %s', (_, times) => {
    expect(requireRun(at(...times), 'It')).toMatchObject(started());
  });

  it.each([
    ['after more than 30 days', [0, 1, 2, month + 1], `event 4 ('run-ended') has the time ${month + 1} s`],
    ['at no time', [0, Number.NaN, 2, 3], "event 2 ('gesture') has the time NaN s"],
    ['before the start', [-1, 0, 1, 2], "event 1 ('run-started') is at -1.0 s, and the one before it at 0.0 s"],
    ['before the one before it', [0, 5, 4, 6], "event 3 ('verdict') is at 4.0 s, and the one before it at 5.0 s"],
  ])('has no event %s', (_, times, message) => {
    const require = () => requireRun(at(...times), 'The file');
    expect(require).toThrow(`The file is not the journal of one run: ${message}`);
    expect(require).toThrow('Give a journal as it was written.');
  });
});

describe('a run that reached no verdict', () => {
  it.each([SURVIVED, LOST, BROKEN])('is not one that did: %j', (...bodies) => {
    expect(unfinished(journal([step('deploy', 0), ...bodies]))).toBeUndefined();
  });

  it.each<[string, readonly JournalEventBody[], object]>([
    ['its journal ends', [DEPLOY], { index: 2, t: 1, why: 'its journal ends before its first step' }],
    [
      'its journal ends after the verdict',
      [DEPLOY, VERDICT],
      { index: 2, t: 2, why: 'its journal ends before its first step' },
    ],
    [
      'it ended without a verdict',
      [step('deploy', 0), DEPLOY, ENDED],
      { index: 3, t: 3, why: 'its journal ends in step "deploy"' },
    ],
    [
      'it became inconclusive',
      [step('deploy', 0), DEPLOY, INCONCLUSIVE, ENDED],
      { index: 3, t: 3, why: 'it became inconclusive in step "deploy"' },
    ],
    [
      'its step failed, and what follows is the removal of the cluster',
      [
        step('deploy', 0),
        ended('deploy', 'passed'),
        step('migrate', 1),
        ended('migrate', 'failed'),
        INCONCLUSIVE,
        ENDED,
      ],
      { index: 4, t: 4, why: 'it became inconclusive in step "migrate"' },
    ],
    [
      'its first step failed, whatever its journal says of others',
      [
        step('deploy', 0),
        ended('deploy', 'failed'),
        step('migrate', 1),
        ended('migrate', 'failed'),
        INCONCLUSIVE,
        ENDED,
      ],
      { index: 2, t: 2, why: 'it became inconclusive in step "deploy"' },
    ],
    [
      'it was interrupted after its verdict',
      [step('deploy', 0), VERDICT, INTERRUPTED],
      { index: 2, t: 2, why: 'it was interrupted in step "deploy"' },
    ],
    [
      'it was interrupted before its verdict',
      [step('deploy', 0), INTERRUPTED],
      { index: 2, t: 2, why: 'it was interrupted in step "deploy"' },
    ],
  ])('says that %s, and from where on nothing belongs to it', (_, bodies, expected) => {
    expect(unfinished(journal(bodies))).toEqual(expected);
  });

  it('begins at 0 s if it has no events', () => {
    expect(unfinished([])).toEqual({ index: 0, t: 0, why: 'its journal ends before its first step' });
  });
});
