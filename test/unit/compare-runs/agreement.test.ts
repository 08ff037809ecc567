import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { JournalEvent } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';
import { compareRuns, type WrittenRun } from '../../compare-runs/agreement.js';
import { normaliseText } from '../../compare-runs/normalise.js';

const AGREES = { differences: [], onlyBefore: [], onlyAfter: [] };

describe('two builds of the code', () => {
  let before: WrittenRun;
  let lost: WrittenRun;
  beforeAll(async () => {
    before = { journal: await journal('0.45.1-one-broker'), result: result() };
    lost = { journal: await journal('0.45.0-one-broker'), result: result() };
  });

  const journal = (name: string) => readJournal(join(packageRoot(), 'fixtures/recordings', `${name}.jsonl`));

  function result() {
    return {
      run: 'rollback-remigrate-0.45.1',
      startedAt: '2026-11-26T21:32:12.517Z',
      seconds: 57.445,
      verdict: 'survived',
      expected: 'survived',
      summary: '3 topics are there',
      invariants: [{ name: 'records-survive', violations: [{ at: 3, evidence: [{ expected: '90 records' }] }] }],
    };
  }

  /** The run with each event replaced. */
  const changed = (run: WrittenRun, change: (event: JournalEvent) => readonly JournalEvent[]): WrittenRun => ({
    ...run,
    journal: run.journal.flatMap(change),
  });

  it('agree where nothing changed', () => {
    expect(compareRuns(before, before)).toEqual(AGREES);
    expect(compareRuns(lost, lost)).toEqual(AGREES);
  });

  it('agree where only times and numbers changed', () => {
    const later = changed(before, (event) => [{ ...event, t: event.t * 2 }]);
    const after = { ...result(), startedAt: '2026-11-27T01:02:03.004Z', seconds: 9, summary: '4 topics are there' };
    expect(compareRuns(before, { ...later, result: after })).toEqual(AGREES);
  });

  it('differ in a verdict', () => {
    const after = changed(before, (event) =>
      event.type === 'verdict' ? [{ ...event, verdict: 'inconclusive' as const }] : [event],
    );
    expect(compareRuns(before, after).differences).toContainEqual(
      expect.stringMatching(/^verdict: inconclusive, .*: 0 before, 1 after$/),
    );
  });

  it('differ in a violated invariant', () => {
    const evaluated = {
      t: before.journal.find(({ type }) => type === 'verdict')?.t ?? 0,
      type: 'invariant-evaluated',
      step: 'deploy',
      invariant: 'records-survive',
      about: 'loss',
    } as const;
    const verdict = before.journal.findIndex(({ type }) => type === 'verdict');
    const withEvaluation = (holds: boolean): WrittenRun => ({
      ...before,
      // After everything that is compared: a loss before it would be a difference of its own.
      journal: before.journal.toSpliced(verdict, 0, { ...evaluated, holds }),
    });
    const violated = compareRuns(withEvaluation(true), withEvaluation(false)).differences;
    expect(violated).toContain('violated: deploy: records-survive (known issue none): 0 before, 1 after');
  });

  it.each(['gesture', 'state-awaited', 'client-action', 'step-ended'])('differ in a missing %s', (type) => {
    const missing = before.journal.findLastIndex((event) => event.type === type);
    const after = { ...before, journal: before.journal.filter((_, index) => index !== missing) };
    expect(compareRuns(before, after).differences).toContainEqual(
      expect.stringMatching(new RegExp(`^events: .*: ${type} with .*: \\d+ before, \\d+ after$`)),
    );
  });

  it('differ in a missing restart of a node, as the comparison of journals finds it', () => {
    const missing = before.journal.findLastIndex(({ type }) => type === 'node-started');
    const after = { ...before, journal: before.journal.filter((_, index) => index !== missing) };
    expect(compareRuns(before, after).differences).toContainEqual(expect.stringMatching(/^journal: /));
  });

  it('differ in a field that an event has no longer', () => {
    const after = changed(before, (event) => {
      if (event.type !== 'client-action' || event.action !== 'create-topic') return [event];
      const { topic: _topic, ...rest } = event;
      return [rest as JournalEvent];
    });
    expect(compareRuns(before, after).differences).toContainEqual(
      expect.stringContaining('client-action with action, t, type'),
    );
  });

  it.each([
    ['a verdict', { verdict: 'lost' }, 'result.json: verdict: lost: 0 before, 1 after'],
    ['a field', { new: true }, 'result.json: new: true: 0 before, 1 after'],
    ['a list', { invariants: [] }, 'result.json: invariants: 0 elements: 0 before, 1 after'],
    ['a type', { seconds: '57' }, 'result.json: seconds: a number: 1 before, 0 after'],
  ])('differ in %s of result.json', (_what, change, line) => {
    expect(compareRuns(before, { ...before, result: { ...result(), ...change } }).differences).toContain(line);
  });

  it('agree where a text changed, and list it', () => {
    const reworded = changed(before, (event) =>
      event.type === 'verdict' ? [{ ...event, summary: 'new words' }] : [event],
    );
    const after = { ...reworded, result: { ...result(), summary: '3 topics exist' } };
    const found = compareRuns(before, after);
    expect(found.differences).toEqual([]);
    expect(found.onlyBefore).toContain('# topics are there');
    expect(found.onlyAfter).toEqual(['# topics exist', 'new words']);
  });
});

describe('a text', () => {
  it.each([
    ['at 53.5 s, 2 topics', 'at # s, # topics'],
    ['session 0x100000d07bf0008', 'session <id>'],
    ['id A-f9nvv4QBaDb20mjhPh7Q, 3', 'id <id>, #'],
    ['since 2026-11-26T21:32:12.517Z', 'since <time>'],
    ['rollback-remigrate-volumes', 'rollback-remigrate-volumes'],
  ])('%s is compared as %s', (text, normalised) => {
    expect(normaliseText(text)).toBe(normalised);
  });
});
