import { describe, expect, it } from '@jest/globals';
import { compareJournals } from '../../../src/comparison/compare.js';
import type { Difference } from '../../../src/comparison/difference.js';
import type { JournalEventBody, RunStarted } from '../../../src/journal/events.js';
import { ALL_GONE, BROKEN, brokerStart, down, journal, LOST, SURVIVED, started } from './journals.js';

const DEPLOY: JournalEventBody = { type: 'gesture', gesture: 'deploy' };
const MIGRATION: JournalEventBody = { type: 'gesture', gesture: 'annotate', value: 'migration' };
const ZOOKEEPER: JournalEventBody = { type: 'state-changed', from: null, to: 'ZooKeeper', annotation: 'disabled' };
const MIGRATING: JournalEventBody = {
  type: 'state-changed',
  from: 'ZooKeeper',
  to: 'KRaftMigration',
  annotation: 'migration',
};
const phase = (value: 'initial' | 'copied'): JournalEventBody => ({
  type: 'znode-changed',
  path: '/migration',
  change: 'changed',
  phase: value,
});
const deletion = (path: string): JournalEventBody => ({ type: 'operator-deleted-znode', path, outcome: 'deleted' });

function differenceOf(
  a: readonly JournalEventBody[],
  b: readonly JournalEventBody[],
  head: RunStarted = started({ run: 'second' }),
): Difference | undefined {
  const first = journal([...a, ...SURVIVED], started({ run: 'first' }));
  return compareJournals(first, journal([...b, ...SURVIVED], head)).firstDifference;
}

const NAMES = 'A is first (replayed Strimzi 0.45.0), B is second (replayed Strimzi 0.45.0).';

describe('the explanation of a difference', () => {
  it('says what each did, when, in which state, after which gesture, and what came before in both', () => {
    const before = [DEPLOY, ZOOKEEPER, brokerStart(), MIGRATION, phase('initial')];
    expect(differenceOf([...before, phase('copied')], before)).toEqual({
      lane: '/migration',
      index: 1,
      a: '/migration had an offset above 0',
      b: null,
      explanation: [
        `Lane "/migration", item 2. ${NAMES}`,
        'A: /migration had an offset above 0 at 6.0 s, in state ZooKeeper, 2.0 s after the user set strimzi.io/kraft to migration.',
        'B: /migration: nothing more.',
        'Before it, in both: /migration existed without an offset (A at 5.0 s, B at 5.0 s).',
      ].join('\n'),
    });
  });

  it('names the state and the gesture that were the last before it', () => {
    const before = [DEPLOY, ZOOKEEPER, MIGRATION, MIGRATING];
    const after = { ...MIGRATING, to: 'KRaftDualWriting' } as const;
    const found = differenceOf([...before, phase('copied'), after, DEPLOY], [...before, after, DEPLOY]);
    expect(found?.explanation).toContain(
      'offset above 0 at 5.0 s, in state KRaftMigration, 2.0 s after the user set strimzi.io/kraft to migration.',
    );
  });

  it('says so if nothing came before it, in this lane or at all', () => {
    const found = differenceOf([MIGRATION], [DEPLOY]);
    expect(found).toEqual({
      lane: 'user',
      index: 0,
      a: 'the user set strimzi.io/kraft to migration',
      b: 'the user applied the broker pool and the Kafka resource',
      explanation: [
        `Lane "user", item 1. ${NAMES}`,
        'A: the user set strimzi.io/kraft to migration at 1.0 s.',
        'B: the user applied the broker pool and the Kafka resource at 1.0 s.',
        'Before it, in both: nothing in this lane.',
      ].join('\n'),
    });
  });

  it.each<[string, JournalEventBody, string]>([
    ['the state', ZOOKEEPER, 'the state became ZooKeeper with strimzi.io/kraft: disabled'],
    ['the operator', deletion('/controller'), 'the operator deleted /controller'],
    ['a node', { type: 'node-gone', pod: 'my-cluster-broker-0' }, 'broker-0 was removed and not replaced'],
  ])('names %s as its subject', (_, event, text) => {
    expect(differenceOf([DEPLOY, event], [DEPLOY])?.a).toBe(text);
    expect(differenceOf([DEPLOY], [DEPLOY, event])?.b).toBe(text);
  });

  describe('of two items of one kind', () => {
    it('names the fact that differs, with both values', () => {
      const other = { ...ZOOKEEPER, annotation: 'migration' } as const;
      expect(differenceOf([ZOOKEEPER], [other])?.explanation.split('\n')).toContain(
        "What differs: strimzi.io/kraft is 'disabled' in A and is 'migration' in B.",
      );
    });

    it('names the first fact in order of name', () => {
      const start = (configuration: Readonly<Record<string, string>>) => [brokerStart({ configuration })];
      expect(differenceOf(start({ b: '1', a: '1' }), start({ b: '2', a: '2' }))?.explanation).toContain(
        "What differs: server.config a is '1' in A and is '2' in B.",
      );
    });

    it.each([
      [{ 'log.dirs': '/data' }, {}, "server.config log.dirs is '/data' in A and is missing in B."],
      [{}, { 'log.dirs': '/data' }, "server.config log.dirs is missing in A and is '/data' in B."],
    ])('says which one lacks a fact', (a, b, text) => {
      const found = differenceOf([brokerStart({ configuration: a })], [brokerStart({ configuration: b })]);
      expect(found?.explanation).toContain(`What differs: ${text}`);
    });
  });

  it('names no fact of items of different kinds', () => {
    const gone: JournalEventBody = { type: 'node-gone', pod: 'my-cluster-broker-0' };
    expect(differenceOf([brokerStart()], [gone])?.explanation).not.toContain('What differs');
  });

  it.each([
    ['real', 'the real Strimzi 0.45.0'],
    ['replayed', 'replayed Strimzi 0.45.0'],
    ['stand-in', 'a stand-in for Strimzi 0.45.0'],
  ] as const)('says that the operator of a run is %s', (operator, text) => {
    const head = started({ run: 'second', parts: { ...started().parts, operator } });
    expect(differenceOf([DEPLOY], [MIGRATION], head)?.explanation).toContain(`B is second (${text}).`);
  });

  it('of an order says for each run what came first', () => {
    const awaited: JournalEventBody = { type: 'state-awaited', state: 'ZooKeeper' };
    const found = differenceOf([DEPLOY, ZOOKEEPER, awaited, MIGRATION], [DEPLOY, MIGRATION, ZOOKEEPER]);
    const [a, b] = [
      'the state became ZooKeeper with strimzi.io/kraft: disabled at 2.0 s, ' +
        'then the user set strimzi.io/kraft to migration at 4.0 s',
      'the user set strimzi.io/kraft to migration at 2.0 s, ' +
        'then the state became ZooKeeper with strimzi.io/kraft: disabled at 3.0 s',
    ];
    expect(found).toEqual({
      lane: 'order',
      index: 0,
      a,
      b,
      explanation: [`Order of events. ${NAMES}`, `A: ${a}.`, `B: ${b}.`].join('\n'),
    });
  });

  const damaged = (bodies: readonly JournalEventBody[]) => journal(bodies, started({ run: 'first' }));
  const intact = journal([DEPLOY, ZOOKEEPER, ...SURVIVED], started({ run: 'second' }));

  it('of a loss says which run lost something, and where', () => {
    const lost = damaged([DEPLOY, ZOOKEEPER, ALL_GONE, ...LOST]);
    expect(compareJournals(lost, intact).firstDifference).toEqual({
      lane: 'loss',
      index: 0,
      a: 'had lost something by 3.0 s',
      b: null,
      explanation: [
        `Only one of the two lost anything. ${NAMES}`,
        'A: the run had lost something by 3.0 s, in state ZooKeeper, ' +
          '2.0 s after the user applied the broker pool and the Kafka resource.',
        'B: the run lost nothing.',
      ].join('\n'),
    });
    expect(compareJournals(intact, lost).firstDifference).toMatchObject({ a: null, b: 'had lost something by 3.0 s' });
  });

  it('of an outage says which cluster was broken, and where', () => {
    const broken = damaged([DEPLOY, ZOOKEEPER, down(), ...BROKEN]);
    expect(compareJournals(broken, intact).firstDifference).toEqual({
      lane: 'outage',
      index: 0,
      a: 'was broken by 3.0 s',
      b: null,
      explanation: [
        `Only one of the two clusters was broken. ${NAMES}`,
        'A: the cluster was broken by 3.0 s, in state ZooKeeper, ' +
          '2.0 s after the user applied the broker pool and the Kafka resource.',
        'B: the cluster was not broken.',
      ].join('\n'),
    });
    expect(compareJournals(intact, broken).firstDifference).toMatchObject({ a: null, b: 'was broken by 3.0 s' });
  });
});
