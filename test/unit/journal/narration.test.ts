import { describe, expect, it } from '@jest/globals';
import type { JournalEventBody } from '../../../src/journal/events.js';
import { narrate } from '../../../src/journal/narration.js';
import { ALL_GONE, journal } from './journals.js';

const sync: JournalEventBody = {
  type: 'controller-log',
  pod: 'my-cluster-controller-1',
  level: 'INFO',
  text: '[KRaftMigrationDriver id=1] Performing a full metadata sync from KRaft to ZK.',
};
const lossOf = (events: readonly JournalEventBody[]) =>
  narrate(journal(events))
    .filter((line) => line.kind === 'loss')
    .map((line) => line.text);

describe('the line of a loss', () => {
  it('says what, when, how long after the sync, by whom and in which state', () => {
    const writer = { session: '0x1000123abcd0001', who: 'controller 1' };
    const state: JournalEventBody = {
      type: 'state-changed',
      from: 'ZooKeeper',
      to: 'KRaftMigration',
      annotation: 'migration',
    };
    expect(lossOf([state, sync, { ...ALL_GONE, writer }])).toEqual([
      "LOSS: 2 topics vanished from ZooKeeper at 3.0 s, 1.0 s after the controller's full metadata sync, by session " +
        '0x1000123abcd0001, controller 1, in state KRaftMigration: orders, payments; none is left',
    ]);
  });

  it('names the holder of /controller where the writer is not known', () => {
    const controller: JournalEventBody = {
      type: 'znode-changed',
      path: '/controller',
      change: 'changed',
      ephemeral: false,
      value: '{"version":2,"brokerid":1,"timestamp":"1","kraftControllerEpoch":1}',
    };
    expect(lossOf([controller, ALL_GONE])[0]).toContain(', while /controller belonged to controller 1: orders');
  });

  it('is not told of a topic that the user deleted, also if that was journalled late', () => {
    const deleted = (['orders', 'payments'] as const).map(
      (topic): JournalEventBody => ({ type: 'client-action', action: 'delete-topic', topic }),
    );
    expect(lossOf([...deleted, ALL_GONE])).toEqual([]);
    expect(lossOf([ALL_GONE, ...deleted])).toEqual([]);
    expect(lossOf([...deleted.slice(1), ALL_GONE])[0]).toContain('1 topic vanished');
  });
});

describe('a line', () => {
  const textsOf = (...events: readonly JournalEventBody[]) => narrate(journal(events)).map((line) => line.text);

  it('tells an error of a controller without its logger and thread', () => {
    const text = '[KRaftMigrationDriver id=1] Not so. (org.apache.kafka.Driver) [controller-1-event-handler]';
    expect(textsOf({ ...sync, level: 'ERROR', text })).toEqual(['controller-1 logs ERROR: Not so.']);
  });

  it('tells a violation with its known issue, and says when that is unreported', () => {
    const violated: JournalEventBody = {
      type: 'invariant-evaluated',
      step: 'roll back',
      invariant: 'migration-znode-absent',
      about: 'residue',
      holds: false,
      message: 'it is there',
    };
    const knownIssue = { id: 'stale', title: 'Stale', thread: 'unreported' };
    expect(textsOf(violated, { ...violated, knownIssue }, { ...violated, holds: true })).toEqual([
      'residue: migration-znode-absent is violated: it is there',
      'residue: migration-znode-absent is violated: it is there (known issue stale, unreported)',
    ]);
  });

  it('tells whose /controller is only when that changes', () => {
    const controller = (change: 'changed' | 'deleted', value?: string): JournalEventBody => ({
      type: 'znode-changed',
      path: '/controller',
      change,
      ...(value === undefined ? {} : { value }),
    });
    const broker = '{"brokerid":0,"kraftControllerEpoch":-1}';
    expect(textsOf(controller('changed', broker), controller('deleted'), controller('changed', broker))).toEqual([
      '/controller belongs to broker 0',
    ]);
  });
});
