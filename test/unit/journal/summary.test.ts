import { describe, expect, it } from '@jest/globals';
import type { JournalEvent, JournalEventBody } from '../../../src/journal/events.js';
import { summarise } from '../../../src/journal/summary.js';
import { ONE_OF_EACH } from '../../../src/strimzi/topology.js';
import { CountedReads } from '../../support/counted-reads.js';

const STARTED: JournalEventBody = {
  type: 'run-started',
  journalVersion: 1,
  run: 'mine-0.45.0',
  scenario: 'mine',
  title: 'A title',
  operatorVersion: '0.45.0',
  kafkaVersion: '3.9.0',
  topology: ONE_OF_EACH,
  parts: { environment: 'local', operator: 'replayed', kafka: 'real', observedWithinSeconds: 0 },
  cluster: { name: 'my-cluster', namespace: 'remigrate', clusterDomain: 'cluster.local' },
  startedAt: '2026-01-01T00:00:00.000Z',
};

function journal(bodies: readonly JournalEventBody[]): readonly JournalEvent[] {
  return [STARTED, ...bodies].map((body, t) => ({ t, ...body }));
}

function steps(count: number): readonly JournalEvent[] {
  return journal(
    Array.from({ length: count }, (_, index): readonly JournalEventBody[] => [
      { type: 'step-started', step: `step ${index}`, index },
      { type: 'step-ended', step: `step ${index}`, outcome: 'passed' },
    ]).flat(),
  );
}

describe('the summary of a journal', () => {
  it('has each step with its beginning and end; the last one may not have ended', () => {
    const events = journal([
      { type: 'step-started', step: 'deploy', index: 0 },
      { type: 'step-ended', step: 'deploy', outcome: 'passed' },
      { type: 'step-started', step: 'migrate', index: 1 },
      { type: 'step-ended', step: 'migrate', outcome: 'failed', error: 'timed out' },
      { type: 'step-started', step: 'roll back', index: 2 },
    ]);
    expect(summarise(events).steps).toEqual([
      { name: 'deploy', startedAt: 1, endedAt: 2, outcome: 'passed', error: undefined },
      { name: 'migrate', startedAt: 3, endedAt: 4, outcome: 'failed', error: 'timed out' },
      { name: 'roll back', startedAt: 5, endedAt: undefined, outcome: undefined, error: undefined },
    ]);
  });

  it('counts how often something was checked, also when it did not hold', () => {
    const evaluated = { type: 'invariant-evaluated', invariant: 'holds', about: 'loss' } as const;
    const events = journal([
      { ...evaluated, step: 'deploy', holds: true },
      { ...evaluated, step: 'migrate', holds: true },
      { ...evaluated, step: 'migrate', invariant: 'another', holds: false },
    ]);
    expect(summarise(events).checks).toBe(3);
    expect(summarise(journal([])).checks).toBe(0);
  });

  it('reads a journal of twice as many steps with twice as many reads', () => {
    const reads = (count: number): number => {
      const counted = new CountedReads();
      summarise(counted.of(steps(count)));
      return counted.count;
    };
    expect(reads(400)).toBeLessThan(2.5 * reads(200));
  });
});
