import { describe, expect, it } from '@jest/globals';
import { compareJournals } from '../../../src/comparison/compare.js';
import {
  differingFact,
  FORCED_RESTART,
  type LaneItem,
  layOut,
  MIGRATION_LANE,
  STATE_LANE,
  sameItem,
  USER_LANE,
  ZNODE_DELETIONS_LANE,
} from '../../../src/comparison/lanes.js';
import type { JournalEventBody } from '../../../src/journal/events.js';
import { brokerStart, FORCED_STOP, journal, ROLLED_STOP, SURVIVED, started } from './journals.js';

const phase = (value: 'absent' | 'initial' | 'copied'): JournalEventBody => ({
  type: 'znode-changed',
  path: '/migration',
  change: 'changed',
  phase: value,
});
const deletion = (path: string, outcome: 'deleted' | 'absent' = 'deleted'): JournalEventBody => ({
  type: 'operator-deleted-znode',
  path,
  outcome,
});
const STATE: JournalEventBody = {
  type: 'state-changed',
  from: 'KRaftDualWriting',
  to: 'ZooKeeper',
  annotation: 'disabled',
};

function texts(lane: string, events: readonly JournalEventBody[]): readonly string[] {
  return (layOut(journal(events)).get(lane) ?? []).map((item) => item.text);
}

it('the user and the state: a value of strimzi.io/kraft that Strimzi does not know is compared like any other', () => {
  const withValue = (value: string) =>
    journal([{ type: 'gesture', gesture: 'annotate', value }, { ...STATE, annotation: value }, ...SURVIVED]);
  expect(compareJournals(withValue('kraft-now'), withValue('kraft-now'))).toMatchObject({ agree: true });
  expect(compareJournals(withValue('kraft-now'), withValue('kraft-soon')).firstDifference).toBeDefined();
  expect(texts(USER_LANE, [{ type: 'gesture', gesture: 'annotate', value: 'kraft-now' }])).toEqual([
    'set strimzi.io/kraft to "kraft-now", which Strimzi does not know',
  ]);
});

describe('a journal in lanes', () => {
  const pod = 'my-cluster-broker-0';

  it('has the four lanes that every run has, and one for each node', () => {
    expect([...layOut([]).keys()]).toEqual([USER_LANE, STATE_LANE, ZNODE_DELETIONS_LANE, MIGRATION_LANE]);
    const lanes = layOut(journal([brokerStart(), { type: 'node-gone', pod: 'my-cluster-controller-1' }]));
    expect([...lanes.keys()].slice(4)).toEqual(['node broker-0', 'node controller-1']);
  });

  it.each<[string, JournalEventBody, Omit<LaneItem, 't' | 'index'>]>([
    [
      USER_LANE,
      { type: 'gesture', gesture: 'create-controller-pool', deleteClaim: true },
      {
        kind: 'create-controller-pool',
        facts: { deleteClaim: 'true' },
        text: expect.stringContaining('controller pool') as unknown as string,
      },
    ],
    [
      STATE_LANE,
      STATE,
      {
        kind: 'state',
        facts: { state: 'ZooKeeper', 'strimzi.io/kraft': 'disabled' },
        text: 'became ZooKeeper with strimzi.io/kraft: disabled',
      },
    ],
    [
      ZNODE_DELETIONS_LANE,
      deletion('/controller'),
      { kind: 'deletion', facts: { path: '/controller', outcome: 'deleted' }, text: 'deleted /controller' },
    ],
    [MIGRATION_LANE, phase('copied'), { kind: 'phase', facts: { phase: 'copied' }, text: 'had an offset above 0' }],
    ['node broker-0', { type: 'node-gone', pod }, { kind: 'gone', facts: {}, text: 'was removed and not replaced' }],
    ['node broker-0', { type: 'volume-wiped', pod }, { kind: 'wiped', facts: {}, text: 'had its volume deleted' }],
    ['node broker-0', ROLLED_STOP, { kind: 'stop', facts: { why: 'ordered' }, text: 'was stopped' }],
    [
      'node broker-0',
      FORCED_STOP,
      { kind: 'stop', facts: { why: 'forced' }, text: 'was stopped by force ("due to []")' },
    ],
    [
      'node broker-0',
      { type: 'node-stopped', pod, reason: 'died' },
      { kind: 'stop', facts: { why: 'died' }, text: 'died' },
    ],
    [
      'node broker-0',
      brokerStart({ configuration: { a: '1' }, configMap: { 'metadata.state': '2', 'cluster.id': 'AAAA' } }),
      {
        kind: 'start',
        facts: {
          role: 'broker',
          'node id': '0',
          mode: 'zookeeper-based',
          'configuration state': 'MIGRATION',
          'server.config a': '1',
          'ConfigMap metadata.state': '2',
          'ConfigMap cluster.id': '<cluster id 1>',
        },
        text: 'started in ZooKeeper mode, configured for MIGRATION',
      },
    ],
  ])('has in lane %s what happened, and where', (lane, event, item) => {
    const lanes = layOut(journal([event, ...SURVIVED]));
    expect(lanes.get(lane)).toEqual([{ ...item, t: 1, index: 1 }]);
    expect([...lanes.values()].flat()).toHaveLength(1);
  });

  it('has the start of a node without a configuration state', () => {
    const start = brokerStart({ role: 'zookeeper', pod: 'my-cluster-zookeeper-0', configurationState: null });
    const [item] = layOut(journal([start])).get('node zookeeper-0') ?? [];
    expect(item?.facts).toMatchObject({ role: 'zookeeper', 'configuration state': 'none' });
  });

  it.each<[string, JournalEventBody]>([
    ['what cannot be seen in every environment', { type: 'node-ready', pod }],
    ['one of the ends of a node that does not stay up', { type: 'node-stopped', pod, reason: 'died', error: 'ERROR' }],
    ['a change of another znode', { type: 'znode-changed', path: '/controller', change: 'created', phase: 'copied' }],
    ['a change of /migration that nobody could read', { type: 'znode-changed', path: '/migration', change: 'changed' }],
  ])('does not have %s', (_, event) => {
    expect([...layOut(journal([event])).values()].flat()).toEqual([]);
  });

  it('ends with the verdict, if there is one', () => {
    const [verdict] = SURVIVED as readonly [JournalEventBody];
    expect(texts(STATE_LANE, [STATE, verdict, STATE])).toHaveLength(1);
    expect(texts(STATE_LANE, [STATE, STATE])).toHaveLength(2);
  });

  it('has a cluster ID as the number of the ID in this run', () => {
    const id = (value: string) => brokerStart({ configMap: { 'cluster.id': value } });
    const lane = layOut(journal(['x', 'y', 'x', 'y'].map(id))).get('node broker-0') ?? [];
    expect(lane.map(({ facts }) => facts['ConfigMap cluster.id'])).toEqual(
      [1, 2, 1, 2].map((n) => `<cluster id ${n}>`),
    );
  });
});

describe('two items', () => {
  const item = (facts: Readonly<Record<string, string>>, kind = 'a kind'): LaneItem => ({
    kind,
    facts,
    text: 'text',
    t: 0,
    index: 0,
  });

  it.each([
    ['the same facts', item({ a: '1', b: '2' }), { ...item({ b: '2', a: '1' }), t: 3, index: 4, text: 'other' }, true],
    ['no facts', item({}), item({}), true],
    ['another kind', item({ a: '1' }), item({ a: '1' }, 'other'), false],
    ['another value', item({ a: '1', b: '2' }), item({ a: '1', b: '3' }), false],
    ['one fact more', item({ a: '1' }), item({ a: '1', b: '2' }), false],
    ['one fact less', item({ a: '1', b: '2' }), item({ a: '1' }), false],
    ['one that is not there', item({}), undefined, false],
    ['neither there', undefined, undefined, false],
  ])('with %s', (_, a, b, same) => {
    expect(sameItem(a, b)).toBe(same);
    expect(sameItem(b, a)).toBe(same);
  });

  it('differ first in the first fact by name', () => {
    expect(differingFact(item({ c: '1', b: '1', a: '1' }), item({ c: '2', b: '2', a: '1' }))).toBe('b');
    expect(differingFact(item({ b: '1' }), item({ b: '1', a: '1' }))).toBe('a');
    expect(differingFact(item({ b: '1', a: '1' }), item({ b: '1' }))).toBe('a');
    expect(differingFact(item({ a: '1' }), item({ a: '1' }))).toBeUndefined();
  });
});

describe('the lane of /migration', () => {
  it('folds consecutive repeats and takes it for absent before it is first seen', () => {
    const phases = ['absent', 'initial', 'initial', 'copied', 'copied', 'absent', 'initial'] as const;
    expect(texts(MIGRATION_LANE, phases.map(phase))).toEqual([
      'existed without an offset',
      'had an offset above 0',
      'was absent',
      'existed without an offset',
    ]);
  });
});

describe("the lane of the operator's znode deletions", () => {
  const retry = [deletion('/controller'), deletion('/migration', 'absent')];

  it('folds the repeats of a failing pass, which finds absent what it has deleted', () => {
    const events = [deletion('/controller'), deletion('/migration'), ...retry, ...retry, ...retry];
    expect(texts(ZNODE_DELETIONS_LANE, events)).toEqual(['deleted /controller', 'deleted /migration']);
  });

  it('folds the repeat of a pass that rolled the broker and then failed', () => {
    const rolled: readonly JournalEventBody[] = [ROLLED_STOP, brokerStart({ configurationState: 'ZK' })];
    const once = journal([deletion('/controller'), deletion('/migration'), ...rolled, STATE, ...SURVIVED]);
    const twice = journal([deletion('/controller'), deletion('/migration'), ...rolled, ...retry, STATE, ...SURVIVED]);
    expect(compareJournals(once, twice).firstDifference).toBeUndefined();
    expect(compareJournals(twice, once)).toMatchObject({ agree: true });
  });

  it.each([
    [
      'deletes what was absent before: somebody wrote it',
      [...retry, deletion('/controller'), deletion('/migration')],
      4,
    ],
    [
      'deletes something else',
      [deletion('/controller'), deletion('/migration'), deletion('/controller'), deletion('/migrated', 'absent')],
      4,
    ],
    ['does not delete everything again', [deletion('/controller'), deletion('/migration'), deletion('/controller')], 3],
    ['deletes more', [deletion('/controller'), deletion('/controller'), deletion('/migration', 'absent')], 3],
  ])('keeps a pass that %s', (_what, events, items) => {
    expect(texts(ZNODE_DELETIONS_LANE, events)).toHaveLength(items);
  });

  it('shows a pass that only once finds /migration absent, which was never deleted', () => {
    const deleted = journal([deletion('/controller'), deletion('/migration'), ...retry, STATE, ...SURVIVED]);
    const absent = journal([...retry, ...retry, STATE, ...SURVIVED]);
    expect(compareJournals(deleted, absent).firstDifference).toMatchObject({ lane: ZNODE_DELETIONS_LANE, index: 1 });
  });

  it('keeps the deletions of another rollback', () => {
    expect(texts(ZNODE_DELETIONS_LANE, [...retry, STATE, ...retry])).toHaveLength(4);
    expect(texts(ZNODE_DELETIONS_LANE, [deletion('/controller'), STATE, deletion('/controller')])).toHaveLength(2);
  });

  it('compares a pass with the one before it, which may be a repeat', () => {
    const first = [deletion('/controller'), deletion('/migration')];
    expect(texts(ZNODE_DELETIONS_LANE, [...first, STATE, ...first])).toHaveLength(4);
    expect(texts(ZNODE_DELETIONS_LANE, [STATE, ...first, ...first])).toHaveLength(2);
    expect(texts(ZNODE_DELETIONS_LANE, [...first, ...first, STATE, STATE])).toHaveLength(2);
  });

  it('takes what comes before the first /controller for a pass', () => {
    const before = [deletion('/migration'), deletion('/controller'), deletion('/migration'), deletion('/controller')];
    expect(texts(ZNODE_DELETIONS_LANE, before)).toHaveLength(4);
  });

  it('keeps a repeat that is incomplete', () => {
    expect(texts(ZNODE_DELETIONS_LANE, [...retry, deletion('/controller'), ...retry])).toHaveLength(5);
  });
});

describe("a node's lane", () => {
  it('has the pod gone before its claim, whichever was seen first', () => {
    const gone: JournalEventBody = { type: 'node-gone', pod: 'my-cluster-broker-0' };
    const wiped: JournalEventBody = { type: 'volume-wiped', pod: 'my-cluster-broker-0' };
    const lane = texts('node broker-0', [gone, wiped]);
    expect(lane).toEqual(['was removed and not replaced', 'had its volume deleted']);
    expect(texts('node broker-0', [wiped, gone])).toEqual(lane);
  });

  it('has every pod gone before its claim, and nothing else in another order', () => {
    const gone: JournalEventBody = { type: 'node-gone', pod: 'my-cluster-broker-0' };
    const wiped: JournalEventBody = { type: 'volume-wiped', pod: 'my-cluster-broker-0' };
    const kinds = (...events: readonly JournalEventBody[]) =>
      (layOut(journal(events)).get('node broker-0') ?? []).map(({ kind }) => kind);
    expect(kinds(brokerStart(), wiped, gone, brokerStart(), wiped, gone)).toEqual([
      'start',
      'gone',
      'wiped',
      'start',
      'gone',
      'wiped',
    ]);
    expect(kinds(wiped, brokerStart(), gone)).toEqual(['wiped', 'start', 'gone']);
    expect(kinds(ROLLED_STOP, gone)).toEqual(['stop', 'gone']);
  });

  describe('has forced restarts', () => {
    const lane = (...events: readonly JournalEventBody[]) => layOut(journal(events)).get('node broker-0') ?? [];
    const kinds = (...events: readonly JournalEventBody[]) => lane(...events).map(({ kind }) => kind);
    const other = brokerStart({ configurationState: 'ZK' });

    it('as one item, where the first of them began', () => {
      const items = lane(brokerStart(), FORCED_STOP, brokerStart(), FORCED_STOP, brokerStart(), ROLLED_STOP);
      expect(items.map(({ kind }) => kind)).toEqual(['start', FORCED_RESTART, 'stop']);
      expect(items[1]).toEqual({
        kind: FORCED_RESTART,
        facts: {},
        text: 'was restarted by force ("due to []")',
        t: 2,
        index: 2,
      });
    });

    it.each<[string, readonly JournalEventBody[], readonly string[]]>([
      [
        'twice, if a roll is between them',
        [brokerStart(), FORCED_STOP, brokerStart(), ROLLED_STOP, brokerStart(), FORCED_STOP, brokerStart()],
        ['start', FORCED_RESTART, 'stop', 'start', FORCED_RESTART],
      ],
      ['only after a forced stop', [brokerStart(), ROLLED_STOP, brokerStart()], ['start', 'stop', 'start']],
      ['only with a start', [brokerStart(), FORCED_STOP], ['start', 'stop']],
      ['only with the same configuration', [brokerStart(), FORCED_STOP, other], ['start', 'stop', 'start']],
      [
        'as the last start was configured',
        [brokerStart(), ROLLED_STOP, other, FORCED_STOP, other],
        ['start', 'stop', 'start', FORCED_RESTART],
      ],
      [
        'as the last start was configured, whatever happened since',
        [brokerStart(), { type: 'volume-wiped', pod: 'my-cluster-broker-0' }, FORCED_STOP, brokerStart()],
        ['start', 'wiped', FORCED_RESTART],
      ],
      ['only of a node that was started', [FORCED_STOP, brokerStart()], ['stop', 'start']],
    ])('%s', (_, events, expected) => {
      expect(kinds(...events)).toEqual(expected);
    });
  });

  it('replaces the names of a cluster in host names, and nowhere else', () => {
    const configuration = {
      hosts: 'P://kafka-broker-0.kafka-kafka-brokers.ns.svc:9092,kafka-zookeeper-client:2181',
      path: '/var/lib/kafka/data/kafka-log0',
    };
    const cluster = { name: 'kafka', namespace: 'ns', clusterDomain: 'cluster.local' };
    const lanes = layOut(journal([brokerStart({ pod: 'kafka-broker-0', configuration })], started({ cluster })));
    expect(lanes.get('node broker-0')?.[0]?.facts).toMatchObject({
      'server.config hosts':
        'P://<cluster>-broker-0.<cluster>-kafka-brokers.<namespace>.svc:9092,<cluster>-zookeeper-client:2181',
      'server.config path': '/var/lib/kafka/data/kafka-log0',
    });
  });
});
