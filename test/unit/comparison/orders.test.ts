import { describe, expect, it } from '@jest/globals';
import { layOut } from '../../../src/comparison/lanes.js';
import { type OrderSeen, resolution, rollbackOrders, waitOrder, waits } from '../../../src/comparison/orders.js';
import type { JournalEvent, JournalEventBody } from '../../../src/journal/events.js';
import type { KafkaMetadataState } from '../../../src/strimzi/migration-state.js';
import { brokerStart, FORCED_STOP, journal, ROLLED_STOP, SURVIVED, started } from './journals.js';

const state = (to: KafkaMetadataState): JournalEventBody => ({
  type: 'state-changed',
  from: null,
  to,
  annotation: 'disabled',
});
const controller = (nodeId: number): JournalEventBody =>
  brokerStart({ role: 'controller', nodeId, pod: `my-cluster-controller-${nodeId}`, mode: 'kraft' });
const gone = (pod: string): JournalEventBody => ({ type: 'node-gone', pod: `my-cluster-${pod}` });
const deleted = (path: string): JournalEventBody => ({ type: 'operator-deleted-znode', path, outcome: 'deleted' });
const stopped = (nodeId: number): JournalEventBody => ({
  type: 'node-stopped',
  pod: `my-cluster-broker-${nodeId}`,
  reason: 'rolled',
});

/** A cluster with a controller and two brokers that has finished its migration. */
const MIGRATED: readonly JournalEventBody[] = [
  controller(1),
  brokerStart(),
  brokerStart({ nodeId: 1, pod: 'my-cluster-broker-1' }),
  state('KRaftMigration'),
  state('KRaftDualWriting'),
  state('KRaftPostMigration'),
];
const REMOVED = gone('controller-1');
const ROLLBACK = [
  state('KRaftDualWriting'),
  REMOVED,
  deleted('/controller'),
  deleted('/migration'),
  ROLLED_STOP,
  state('ZooKeeper'),
] as const;

function ordersOf(bodies: readonly JournalEventBody[], observedWithinSeconds = 0): readonly OrderSeen[] {
  const parts = { ...started().parts, observedWithinSeconds };
  const events = journal([...MIGRATED, ...bodies, ...SURVIVED], started({ parts }));
  return rollbackOrders(events, layOut(events));
}

function keys(orders: readonly OrderSeen[], order: OrderSeen['order']): readonly string[] {
  return orders.filter((seen) => seen.order === order).map(({ key }) => key);
}

describe('the orders of a rollback', () => {
  it('are those between each pair of its five events', () => {
    const orders = ordersOf(ROLLBACK);
    expect(keys(orders, 'holds')).toEqual([
      'rollback 1: the last controller was removed < the operator deleted /controller',
      'rollback 1: the last controller was removed < the operator deleted /migration',
      'rollback 1: the last controller was removed < the first broker was stopped',
      'rollback 1: the last controller was removed < the state became ZooKeeper',
      'rollback 1: the operator deleted /controller < the operator deleted /migration',
      'rollback 1: the operator deleted /controller < the first broker was stopped',
      'rollback 1: the operator deleted /controller < the state became ZooKeeper',
      'rollback 1: the operator deleted /migration < the first broker was stopped',
      'rollback 1: the operator deleted /migration < the state became ZooKeeper',
      'rollback 1: the first broker was stopped < the state became ZooKeeper',
    ]);
    expect(orders).toHaveLength(10);
    expect(orders[0]).toMatchObject({ first: { t: 8, index: 8 }, second: { t: 9, index: 9 } });
  });

  const [begun, , deletedController, deletedMigration, brokerStopped, ended] = ROLLBACK;

  it.each<[string, readonly JournalEventBody[], readonly string[]]>([
    [
      '/migration is deleted before /controller',
      [begun, REMOVED, deletedMigration, deletedController, brokerStopped, ended],
      ['rollback 1: the operator deleted /controller < the operator deleted /migration'],
    ],
    [
      'a broker is stopped while a controller is there',
      [begun, brokerStopped, REMOVED, ended],
      ['rollback 1: the last controller was removed < the first broker was stopped'],
    ],
    [
      'a broker is stopped after the end, which belongs to the rollback until the next state',
      [begun, REMOVED, ended, brokerStopped, state('KRaftMigration')],
      ['rollback 1: the first broker was stopped < the state became ZooKeeper'],
    ],
    [
      'a broker is stopped after the end, and no other state follows',
      [begun, ended, brokerStopped],
      ['rollback 1: the first broker was stopped < the state became ZooKeeper'],
    ],
  ])('are broken if %s', (_, bodies, broken) => {
    expect(keys(ordersOf(bodies), 'broken')).toEqual(broken);
  });

  it('are those of the last controller and of the first broker', () => {
    const orders = ordersOf([
      controller(2),
      begun,
      gone('controller-2'),
      deletedController,
      REMOVED,
      stopped(1),
      stopped(0),
      ended,
    ]);
    expect(keys(orders, 'broken')).toEqual([
      'rollback 1: the last controller was removed < the operator deleted /controller',
    ]);
    const stop = orders.find(({ key }) => key.endsWith('the first broker was stopped < the state became ZooKeeper'));
    expect(stop?.first.index).toBe(12);
  });

  it('are those of the controllers that are gone and of the brokers that were stopped in order', () => {
    const orders = ordersOf([
      begun,
      { type: 'node-stopped', pod: 'my-cluster-controller-1', reason: 'deleted' },
      { type: 'node-stopped', pod: 'my-cluster-broker-1', reason: 'died' },
      FORCED_STOP,
      brokerStart(),
      gone('broker-1'),
      ended,
    ]);
    expect(orders).toEqual([]);
  });

  it('are those of the first deletion of each znode', () => {
    const removedLate = [begun, deletedController, REMOVED, deletedController, deletedMigration];
    expect(keys(ordersOf(removedLate), 'broken')).toEqual([
      'rollback 1: the last controller was removed < the operator deleted /controller',
    ]);
    expect(keys(ordersOf([begun, deletedMigration, REMOVED, deletedController, deletedMigration]), 'broken')).toEqual([
      'rollback 1: the last controller was removed < the operator deleted /migration',
      'rollback 1: the operator deleted /controller < the operator deleted /migration',
    ]);
  });

  it('are not those of the end of a migration', () => {
    expect(ordersOf([state('PreKRaft'), deletedController, deletedMigration, state('KRaft')])).toEqual([]);
  });

  it('are those of what happened in it', () => {
    const around = [deletedController, deletedMigration, brokerStopped, brokerStart()];
    expect(ordersOf([...around, begun, ended, state('KRaftMigration'), ...around])).toEqual([]);
    expect(ordersOf([begun, state('KRaftPostMigration'), ...around, ended])).toEqual([]);
  });

  it('do not depend on its end if the state did not become ZooKeeper', () => {
    const unfinished = ordersOf([begun, deletedController, deletedMigration, state('KRaftPostMigration')]);
    expect(unfinished.map(({ key }) => key)).toEqual([
      'rollback 1: the operator deleted /controller < the operator deleted /migration',
    ]);
    expect(ordersOf([begun, deletedController, deletedMigration])).toHaveLength(1);
  });

  it('are counted for each rollback, and not for the migrations', () => {
    const again = [state('KRaftMigration'), state('KRaftDualWriting'), deletedMigration, state('KRaftPostMigration')];
    const orders = ordersOf([begun, REMOVED, ended, ...again, begun, deletedController, ended]);
    expect(orders.map(({ key }) => key)).toEqual([
      'rollback 1: the last controller was removed < the state became ZooKeeper',
      'rollback 2: the operator deleted /controller < the state became ZooKeeper',
    ]);
  });

  it('are undecided where they are closer together than the environment can see', () => {
    // One event a second: the two deletions are one second apart, controller and broker two.
    const bodies = [begun, deletedController, deletedMigration, brokerStopped];
    expect(keys(ordersOf(bodies, 2), 'undecided')).toEqual([
      'rollback 1: the operator deleted /controller < the operator deleted /migration',
      'rollback 1: the operator deleted /migration < the first broker was stopped',
    ]);
    expect(keys(ordersOf(bodies, 2), 'holds')).toEqual([
      'rollback 1: the operator deleted /controller < the first broker was stopped',
    ]);
    const reversed = [begun, brokerStopped, deletedMigration, deletedController];
    expect(keys(ordersOf(reversed, 2), 'broken')).toEqual([
      'rollback 1: the operator deleted /controller < the first broker was stopped',
    ]);
  });

  it('at the same time are those of the journal, where the environment sees each event when it happens', () => {
    const events = journal([...MIGRATED, ...ROLLBACK, ...SURVIVED]).map((event) => ({ ...event, t: 0 }));
    expect(keys(rollbackOrders(events, layOut(events)), 'holds')).toHaveLength(10);
  });
});

describe('what the environment of a journal can see', () => {
  it.each([
    ['as it declares', journal([], started({ parts: { ...started().parts, observedWithinSeconds: 3 } })), 3],
    [
      'everything, if it declares nothing',
      journal([], started({ parts: { environment: 'local', operator: 'real', kafka: 'real' } })),
      0,
    ],
    ['everything, without a head', [], 0],
    ['everything, with another head', journal([], started()).slice(1), 0],
  ] as const)('is %s', (_, events, seconds) => {
    expect(resolution(events as readonly JournalEvent[])).toBe(seconds);
  });
});

describe('a state that the user waited for', () => {
  const awaited: JournalEventBody = { type: 'state-awaited', state: 'ZooKeeper' };
  const deploy: JournalEventBody = { type: 'gesture', gesture: 'deploy' };
  const annotate: JournalEventBody = { type: 'gesture', gesture: 'annotate', value: 'migration' };

  const waitsOf = (bodies: readonly JournalEventBody[], observedWithinSeconds = 0) => {
    const parts = { ...started().parts, observedWithinSeconds };
    const events = journal([...bodies, ...SURVIVED], started({ parts }));
    return waits(events, layOut(events));
  };

  it.each<[string, readonly JournalEventBody[], readonly unknown[]]>([
    ['is the last one before it', [state('ZooKeeper'), deploy, state('ZooKeeper'), awaited, annotate], [[1, 1]]],
    ['has the name that was waited for', [state('ZooKeeper'), state('KRaftMigration'), awaited, annotate], [[0, 0]]],
    ['is followed by the next gesture', [state('ZooKeeper'), deploy, awaited, annotate, deploy], [[0, 1]]],
    ['counts only if a gesture follows', [deploy, state('ZooKeeper'), awaited], []],
    ['counts only if it was seen before', [awaited, state('ZooKeeper'), deploy], []],
    ['counts only if it was waited for', [state('ZooKeeper'), deploy], []],
  ])('%s', (_, bodies, expected) => {
    expect(waitsOf(bodies).map(({ state, gesture }) => [state, gesture])).toEqual(expected);
  });

  it('was journalled before the wait for it ended, also at the same time', () => {
    const events = journal([awaited, state('ZooKeeper'), deploy, ...SURVIVED]).map((event) => ({ ...event, t: 0 }));
    expect(waits(events, layOut(events))).toEqual([]);
  });

  it('may be journalled after it was seen, as late as the environment declares', () => {
    expect(waitsOf([awaited, state('ZooKeeper'), deploy], 1)).toEqual([{ state: 0, gesture: 0 }]);
    expect(waitsOf([awaited, deploy, state('ZooKeeper'), annotate], 1)).toEqual([]);
  });

  it('has an order in every journal that has both', () => {
    const order = (bodies: readonly JournalEventBody[]) => {
      const events = journal([...bodies, ...SURVIVED]);
      return waitOrder(events, layOut(events), { state: 1, gesture: 0 });
    };
    expect(order([state('KRaftMigration'), state('ZooKeeper'), deploy])).toEqual({
      key: 'state 1 < gesture 0',
      first: { text: 'the state became ZooKeeper with strimzi.io/kraft: disabled', t: 2, index: 2 },
      second: { text: 'the user applied the broker pool and the Kafka resource', t: 3, index: 3 },
      order: 'holds',
    });
    expect(order([state('KRaftMigration'), deploy, state('ZooKeeper')])?.order).toBe('broken');
    expect(order([state('KRaftMigration'), deploy])).toBeUndefined();
    expect(order([state('KRaftMigration'), state('ZooKeeper')])).toBeUndefined();
  });
});
