import { describe, expect, it } from '@jest/globals';
import { OperatorStory } from '../../../../src/environments/kubernetes/operator-story.js';
import { Journal } from '../../../../src/journal/journal.js';

function setUp() {
  const journal = new Journal();
  const announced: string[] = [];
  const story = new OperatorStory(journal, { announce: (pod, reason) => void announced.push(`${pod} ${reason}`) });
  const line = (pass: number, logger: string, text: string, level = 'INFO'): void =>
    story.line(
      `2026-11-24 10:00:00 ${level}  ${logger}:1 - Reconciliation #${pass}(timer) Kafka(ns/my-cluster): ${text}`,
    );
  return { journal, announced, story, line };
}

describe("the operator's story", () => {
  it('is what its log tells, by the rules of the recordings', () => {
    const { journal, announced, line } = setUp();
    line(99, 'KRaftMigrationUtils', "Deleted the '/controller' znode as part of the KRaft migration rollback");
    line(99, 'KafkaRoller', 'Rolling Pod my-cluster-broker-0/0 due to [Pod has old revision]');
    line(99, 'KafkaRoller', 'Rolling Pod my-cluster-broker-1/1 due to []');
    line(99, 'KafkaRoller', 'Dynamic update of pod my-cluster-broker-0/0 was successful.');
    line(
      99,
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [KRaftDualWriting] to [ZooKeeper] with strimzi.io/kraft annotation [disabled]',
    );
    line(99, 'AbstractOperator', 'reconciled');
    line(100, 'KafkaAvailability', 'failed to get topic descriptions', 'WARN');
    expect(journal.events().map(({ t: _t, ...event }) => event)).toEqual([
      { type: 'operator-deleted-znode', path: '/controller', outcome: 'deleted' },
      expect.objectContaining({
        type: 'operator-log',
        logger: 'KafkaRoller',
        text: expect.stringContaining('broker-0'),
      }),
      expect.objectContaining({
        type: 'operator-log',
        logger: 'KafkaRoller',
        text: expect.stringContaining('due to []'),
      }),
      { type: 'state-changed', from: 'KRaftDualWriting', to: 'ZooKeeper', annotation: 'disabled' },
      { type: 'pass-ended', pass: 99, outcome: 'reconciled' },
      { type: 'operator-log', level: 'WARN', logger: 'KafkaAvailability', text: 'failed to get topic descriptions' },
    ]);
    expect(announced).toEqual(['my-cluster-broker-0 rolled', 'my-cluster-broker-1 forced']);
  });

  it('counts passes: the one that reached a state, and the last that went well', () => {
    const { story, line } = setUp();
    expect([story.reachedIn, story.lastReconciled]).toEqual([undefined, undefined]);
    line(
      7,
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [ZooKeeper] to [KRaftMigration] with strimzi.io/kraft annotation [migration]',
    );
    line(7, 'AbstractOperator', 'reconciled');
    line(8, 'AbstractOperator', 'createOrUpdate failed', 'ERROR');
    expect([story.reachedIn, story.lastReconciled]).toEqual([7, 7]);
    line(9, 'AbstractOperator', 'reconciled');
    expect([story.reachedIn, story.lastReconciled]).toEqual([7, 9]);
    story.replaced();
    expect([story.reachedIn, story.lastReconciled]).toEqual([undefined, undefined]);
  });

  it('wakes those who wait', () => {
    const { story, line } = setUp();
    let woken = 0;
    const takeBack = story.subscribe(() => {
      woken += 1;
    });
    line(1, 'AbstractOperator', 'reconciled');
    takeBack();
    line(2, 'AbstractOperator', 'reconciled');
    expect(woken).toBe(1);
  });
});
