import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstUnjudged } from '../../../src/invariants/reading/history.js';
import type { JournalEvent, JournalEventBody } from '../../../src/journal/events.js';
import { History } from '../../../src/journal/history.js';
import { Journal } from '../../../src/journal/journal.js';
import { observation } from '../scenario/observations.js';

const ready: JournalEventBody = { type: 'node-ready', pod: 'my-cluster-broker-0' };

function evaluated(step: string, invariant = 'holds'): JournalEventBody {
  return { type: 'invariant-evaluated', step, invariant, about: 'loss', holds: true };
}

/** What the journal of an empty step has. */
function emptyStep(step: string): readonly JournalEventBody[] {
  return [
    { type: 'step-started', step, index: 0 },
    { type: 'step-ran', step },
    { type: 'snapshot-taken', step, source: 'zookeeper', topics: 1 },
    evaluated(step),
    evaluated(step, 'another'),
    { type: 'step-ended', step, outcome: 'passed' },
  ];
}

function written(...bodies: readonly JournalEventBody[]): { readonly journal: Journal; readonly history: History } {
  const journal = new Journal(() => 0);
  const history = new History(journal);
  for (const body of bodies) journal.write(body);
  return { journal, history };
}

/** The events of the cluster that have not been judged before this step. */
function unjudged(step: string, events: readonly JournalEvent[]): readonly JournalEvent[] {
  return events.slice(firstUnjudged(observation({ step, events }))).filter(({ type }) => type === 'node-ready');
}

describe('the history of a cluster', () => {
  it('has what happened to it, in order, also from before it was followed', () => {
    const { journal } = written({ type: 'gesture', gesture: 'deploy' }, ready);
    const history = new History(journal);
    journal.write({ type: 'node-gone', pod: 'my-cluster-broker-0' });
    expect(history.events().map(({ type }) => type)).toEqual(['gesture', 'node-ready', 'node-gone']);
  });

  it('does not grow with steps in which nothing happens', () => {
    const { journal, history } = written(ready);
    const steps = Array.from({ length: 100 }, (_, index) => emptyStep(`step ${index}`));
    for (const body of steps.flat()) journal.write(body);
    expect(journal.events()).toHaveLength(601);
    expect(history.events()).toHaveLength(3);
  });

  it('is not followed after it was closed', () => {
    const { journal, history } = written(ready);
    history.close();
    journal.write(ready);
    expect(history.events()).toHaveLength(1);
  });

  it('property: shows in every step which events were judged before it, as the whole journal does', () => {
    const happening = fc.record({ step: fc.integer({ min: 0, max: 3 }), evaluated: fc.boolean() });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 20 }), (happenings) => {
        const { journal, history } = written();
        // Steps end in order.
        for (const { step, evaluated: isEvaluation } of happenings.toSorted((a, b) => a.step - b.step)) {
          journal.write(isEvaluation ? evaluated(`step ${step}`) : ready);
          for (const now of [step, step + 1]) {
            expect(unjudged(`step ${now}`, history.events())).toEqual(unjudged(`step ${now}`, journal.events()));
          }
        }
      }),
    );
  });
});
