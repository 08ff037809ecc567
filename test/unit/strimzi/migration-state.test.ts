import { describe, expect, it } from '@jest/globals';
import {
  BROKERS_IN_KRAFT,
  DUAL_WRITING_AND_LATER,
  ZOOKEEPER_COMPLETE,
  ZOOKEEPER_RETIRED,
} from '../../../src/strimzi/migration-state.js';

describe('the sets of states', () => {
  it.each([
    [
      'ZOOKEEPER_COMPLETE',
      ZOOKEEPER_COMPLETE,
      ['ZooKeeper', 'KRaftMigration', 'KRaftDualWriting', 'KRaftPostMigration'],
    ],
    ['ZOOKEEPER_RETIRED', ZOOKEEPER_RETIRED, ['PreKRaft', 'KRaft']],
    ['BROKERS_IN_KRAFT', BROKERS_IN_KRAFT, ['KRaftPostMigration', 'PreKRaft', 'KRaft']],
    ['DUAL_WRITING_AND_LATER', DUAL_WRITING_AND_LATER, ['KRaftDualWriting', 'KRaftPostMigration', 'PreKRaft', 'KRaft']],
  ])('%s', (_, states, expected) => {
    expect([...states]).toEqual(expected);
    expect(states.has(undefined)).toBe(false);
  });
});
