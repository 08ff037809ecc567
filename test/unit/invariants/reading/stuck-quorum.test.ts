import { describe, expect, it } from '@jest/globals';
import { stuckQuorum } from '../../../../src/invariants/reading/stuck-quorum.js';
import { CONTROLLER, migrationValue, Story } from '../story.js';

/** A controller that syncs, while `/migration` has these epochs. */
const syncing = (stored: number, quorum: number) =>
  new Story().controller().migrationZnode(42, CONTROLLER, [stored, quorum]).driver('SYNC_KRAFT_TO_ZK');

describe('a stuck quorum', () => {
  it('waits for an epoch that is higher than its own', () => {
    expect(stuckQuorum(syncing(4, 3).events, 'KRaftMigration')).toMatchObject({
      driver: { pod: 'my-cluster-controller-1', state: 'SYNC_KRAFT_TO_ZK' },
      storedEpoch: 4,
      quorumEpoch: 3,
      migration: migrationValue(42, 4, 3),
    });
  });

  it('has the content of /migration now, or else the last that was journalled', () => {
    const { events } = syncing(1, 1).migrationZnode(42, CONTROLLER, [5, 3]);
    expect(stuckQuorum(events, 'KRaftMigration')?.storedEpoch).toBe(5);
    expect(stuckQuorum(events, 'KRaftMigration', migrationValue(42, 7, 3))?.storedEpoch).toBe(7);
    expect(stuckQuorum(events, 'KRaftMigration', migrationValue(42, 3, 3))).toBeUndefined();
  });

  it.each([
    ['the state has gone on', syncing(4, 3), 'KRaftDualWriting'],
    ['there is no state', syncing(4, 3), undefined],
    ['the epochs are the same', syncing(3, 3), 'KRaftMigration'],
    ['its own epoch is higher', syncing(3, 4), 'KRaftMigration'],
    ['it waits for brokers', syncing(4, 3).driver('WAIT_FOR_BROKERS'), 'KRaftMigration'],
    ['it has no driver', syncing(4, 3).stop('my-cluster-controller-1'), 'KRaftMigration'],
    ['/migration does not exist', new Story().controller().driver('SYNC_KRAFT_TO_ZK'), 'KRaftMigration'],
  ] as const)('is none if %s', (_, story, state) => {
    expect(stuckQuorum(story.events, state)).toBeUndefined();
  });

  it('is none if nobody can read /migration', () => {
    expect(stuckQuorum(syncing(4, 3).events, 'KRaftMigration', 'no json')).toBeUndefined();
  });
});
