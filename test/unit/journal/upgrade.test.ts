import { describe, expect, it } from '@jest/globals';
import type { Evidence, JournalEvent } from '../../../src/journal/events.js';
import { upgraded } from '../../../src/journal/upgrade.js';
import { started } from '../comparison/journals.js';

const evaluated = (evidence: Evidence, message = 'why'): JournalEvent => ({
  t: 1,
  type: 'invariant-evaluated',
  step: 'migrate',
  invariant: 'any',
  about: 'loss',
  holds: false,
  message,
  evidence: [evidence],
});
const upgradedEvidence = (evidence: Evidence, message?: string): Evidence | undefined => {
  const parts = { environment: 'local', operator: 'replayed', kafka: 'real' } as const;
  const [, event] = upgraded([{ t: 0, ...started({ parts }) }, evaluated(evidence, message)]);
  return event?.type === 'invariant-evaluated' ? event.evidence?.[0] : undefined;
};

describe('a journal without the optional fields', () => {
  it.each([
    ['kubernetes', 2],
    ['local', 0],
    ['containers', 0],
  ])('of the environment %s was observed within %s seconds', (environment, seconds) => {
    const parts = { environment, operator: 'real', kafka: 'real' } as const;
    expect(upgraded([{ t: 0, ...started({ parts }) }])).toEqual([
      { t: 0, ...started({ parts: { ...parts, observedWithinSeconds: seconds } }) },
    ]);
  });

  it.each([
    ['/brokers/topics/orders', 'absent', { lost: { kind: 'topic', name: 'orders' }, where: 'znode' }],
    ['/brokers/topics/orders', 'id b', { where: 'znode' }],
    ['/config/topics/orders', 'no configs', { where: 'znode' }],
    ['/migration', 'absent', { where: 'znode' }],
    ['topic orders', 'unknown to the brokers', { lost: { kind: 'topic', name: 'orders' }, where: 'node' }],
    ['topic orders', '3 read back', {}],
    ['my-cluster-broker-0', 'absent', {}],
  ])('has in its evidence about %s, found %s, what %j says', (subject, found, fields) => {
    const evidence = { subject, expected: 'x', found };
    expect(upgradedEvidence(evidence)).toEqual({ ...evidence, ...fields });
  });

  it('has in its evidence whether the message says the note', () => {
    const evidence = { subject: '/migration', expected: 'absent', found: '{}', note: 'the operator did nothing' };
    expect(upgradedEvidence(evidence, 'it is there: the operator did nothing')).toHaveProperty('noteInMessage', true);
    expect(upgradedEvidence(evidence, 'it is there')).not.toHaveProperty('noteInMessage');
  });
});

describe('a journal that declares within how many seconds it was observed', () => {
  it('is not changed', () => {
    const parts = { environment: 'kubernetes', operator: 'real', kafka: 'real', observedWithinSeconds: 5 } as const;
    const evidence = { subject: '/brokers/topics/orders', expected: 'x', found: 'absent', note: 'why' };
    const events = [{ t: 0, ...started({ parts }) }, evaluated(evidence)];
    expect(upgraded(events)).toBe(events);
  });
});
