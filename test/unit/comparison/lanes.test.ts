import { describe, expect, it } from '@jest/globals';
import { compareJournals } from '../../../src/comparison/compare.js';
import { layOut, MIGRATION_LANE, USER_LANE, ZNODE_DELETIONS_LANE } from '../../../src/comparison/lanes.js';
import type { JournalEventBody } from '../../../src/journal/events.js';
import { brokerStart, journal, ROLLED_STOP, SURVIVED, started } from './journals.js';

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
