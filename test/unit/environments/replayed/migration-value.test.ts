import { describe, expect, it } from '@jest/globals';
import { foldZkMigrationState, isWaitingToSync } from '../../../../src/environments/replayed/migration-value.js';
import type { JournalEvent } from '../../../../src/journal/events.js';
import { Story } from '../../invariants/story.js';

const POD = 'my-cluster-controller-1';
const DONE = '[KRaftMigrationDriver id=1] Initial migration of ZK metadata is done.';
const NOT_DONE = '[KRaftMigrationDriver id=1] Initial migration of ZK metadata is not done.';
const IGNORED =
  '[KRaftMigrationDriver id=1] Ignoring image MetadataProvenance(lastContainedOffset=66) which does not contain a superset of the metadata in ZK. Staying in SYNC_KRAFT_TO_ZK until a newer image is loaded';

describe('foldZkMigrationState', () => {
  it('is unknown for a controller that was never started', () => {
    expect(foldZkMigrationState([], POD)).toBeUndefined();
    expect(foldZkMigrationState(new Story().broker('ZK').events, POD)).toBeUndefined();
  });

  it('is NONE until a record is replayed', () => {
    expect(foldZkMigrationState(new Story().controller().events, POD)).toBe('NONE');
    expect(foldZkMigrationState(new Story().controller().driver('INACTIVE').events, POD)).toBe('NONE');
  });

  it('is what the last record says', () => {
    const story = new Story().controller().zkMigrationState('PRE_MIGRATION').zkMigrationState('MIGRATION');
    expect(foldZkMigrationState(story.events, POD)).toBe('MIGRATION');
  });

  it('is reset when the controller starts again', () => {
    const story = new Story().controller().zkMigrationState('MIGRATION').controller();
    expect(foldZkMigrationState(story.events, POD)).toBe('NONE');
  });

  it('is separate for each controller', () => {
    const other: JournalEvent = {
      t: 9,
      type: 'controller-log',
      pod: 'my-cluster-controller-2',
      level: 'INFO',
      text: 'A line',
      zkMigrationState: 'MIGRATION',
    };
    const story = new Story().controller().zkMigrationState('PRE_MIGRATION');
    expect(foldZkMigrationState([...story.events, other], POD)).toBe('PRE_MIGRATION');
    expect(foldZkMigrationState([...story.events, other], 'my-cluster-controller-2')).toBe('MIGRATION');
  });
});

describe('isWaitingToSync', () => {
  const waits = (...texts: readonly string[]): boolean => {
    const story = new Story().controller();
    for (const text of texts) story.log(text);
    return isWaitingToSync(story.events);
  };

  it('is true while a driver that considers the copy done ignores its image', () => {
    expect(waits(DONE, IGNORED)).toBe(true);
    expect(waits(NOT_DONE, DONE, IGNORED, IGNORED)).toBe(true);
  });

  it('is false for a driver that made the copy itself', () => {
    expect(waits(NOT_DONE, IGNORED)).toBe(false);
    expect(waits(DONE, NOT_DONE, IGNORED)).toBe(false);
  });

  it('is false as soon as the driver continues', () => {
    expect(waits(DONE, IGNORED, '[KRaftMigrationDriver id=1] Performing a full metadata sync from KRaft to ZK.')).toBe(
      false,
    );
  });

  it('is false without log lines of the driver', () => {
    expect(waits()).toBe(false);
    expect(waits(IGNORED)).toBe(false);
  });

  it('is not affected by what another class logs', () => {
    expect(waits(DONE, IGNORED, '[QuorumController id=1] Replayed a ZkMigrationStateRecord')).toBe(true);
  });
});
