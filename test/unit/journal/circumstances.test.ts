import { describe, expect, it } from '@jest/globals';
import { circumstancesOf, isWord } from '../../../src/journal/circumstances.js';
import type { Evidence, JournalEventBody, Lost, Writer } from '../../../src/journal/events.js';
import { journal } from '../comparison/journals.js';

const evidence = (changes: Partial<Evidence> = {}): readonly Evidence[] => [
  { subject: '/migration', expected: 'absent', found: '{}', ...changes },
];

const claim = (session: string, value: object, change: 'created' | 'changed' = 'created'): JournalEventBody => ({
  type: 'znode-changed',
  path: '/controller',
  change,
  value: JSON.stringify({ version: 2, timestamp: '1', ...value }),
  writer: { session },
});

describe('the circumstances of a violation', () => {
  it('are the state that was reached last', () => {
    const states = (['ZooKeeper', 'KRaftMigration'] as const).map(
      (to): JournalEventBody => ({ type: 'state-changed', from: null, to, annotation: 'migration' }),
    );
    expect(circumstancesOf([], journal(states)).state).toBe('KRaftMigration');
    expect(circumstancesOf([], journal([])).state).toBe('none');
  });

  it.each<[string, Lost | undefined, string | undefined]>([
    ['nothing', undefined, undefined],
    ['a topic', { kind: 'topic', name: 'orders' }, 'topic'],
    ['some records', { kind: 'records', name: 'orders' }, 'records'],
    ['all records', { kind: 'records', name: 'orders', all: true }, 'all-records'],
  ])('are what was lost: %s', (_, lost, expected) => {
    const facts = evidence(lost === undefined ? {} : { lost });
    expect(circumstancesOf(facts, []).facts).toEqual([
      { subject: '/migration', found: '{}', lost: expected, writer: undefined },
    ]);
  });

  it.each<[string, Writer | undefined, string | undefined]>([
    ['no writer', undefined, undefined],
    ['a controller', { session: '0x1', who: 'controller 5' }, 'controller'],
    ['a broker', { session: '0x1', who: 'broker 0' }, 'broker'],
    ['the user', { session: '0x1', who: 'user' }, 'user'],
    ['a session that is in no log', { session: '0x1' }, 'unknown'],
    ['an owner that this version does not know', { session: '0x1', who: 'topic-operator' }, 'unknown'],
    ['the session that created /controller as a KRaft controller', { session: '0xc' }, 'controller'],
    ['the session that created /controller as a broker', { session: '0xb' }, 'broker'],
    ['a session that only changed /controller', { session: '0xd' }, 'unknown'],
  ])('are who wrote: %s', (_, writer, expected) => {
    const events = journal([
      claim('0xb', { brokerid: 0, kraftControllerEpoch: -1 }),
      claim('0xc', { brokerid: 1, kraftControllerEpoch: 3 }),
      claim('0xd', { brokerid: 1, kraftControllerEpoch: 3 }, 'changed'),
    ]);
    const [fact] = circumstancesOf(evidence(writer === undefined ? {} : { writer }), events).facts;
    expect(fact?.writer).toBe(expected);
  });

  it.each([
    ['absent', true],
    ['unknown to the brokers', true],
    ['SYNC_KRAFT_TO_ZK', true],
    ['0 read back', false],
    ['id 9ezGVkKQRuC6KamvmJBchg', false],
    ['{"version":0}', false],
    ['', false],
  ])('compare what was found only if it does not differ from run to run: %s: %s', (found, expected) => {
    expect(isWord(found)).toBe(expected);
  });
});
