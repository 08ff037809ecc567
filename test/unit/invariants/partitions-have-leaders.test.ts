import { describe, expect, it } from '@jest/globals';
import type { Observation } from '../../../src/invariants/invariant.js';
import { partitionsHaveLeaders as invariant } from '../../../src/invariants/partitions-have-leaders.js';
import type { LeaderlessPartition } from '../../../src/metadata/kafka/leaders.js';
import { observe, outcome, refusal, Story, violation } from './story.js';

const BROKER_1 = 'my-cluster-broker-1';
const META =
  'ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Found unexpected version in /data/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the `version` field is missing).';

function without(changes: Partial<LeaderlessPartition> = {}): LeaderlessPartition {
  return { topic: 'orders', partition: 0, leader: -1, replicas: [1], isr: [1], live: [0], ...changes };
}

function see(story: Story, leaderless: readonly LeaderlessPartition[], changes: Partial<Observation> = {}) {
  return observe(story, { leaders: { partitions: 20, leaderless }, ...changes });
}

/** Two brokers that run. */
function two(): Story {
  return new Story().deployed().broker('ZK', 1).ready(BROKER_1);
}

describe('partitions-have-leaders', () => {
  it('is about an outage, and does not end waits', () => {
    expect(invariant.about).toBe('outage');
    expect(invariant.endsWaits).toBeUndefined();
  });

  it('holds if every partition has a leader', () => {
    expect(outcome(invariant, see(two(), []))).toBe('holds');
  });

  it('is violated by each partition without one', () => {
    const found = violation(
      invariant,
      see(two(), [
        without(),
        without({ partition: 1, leader: 1 }),
        without({ topic: '__consumer_offsets', leader: 0, replicas: [0, 1], isr: [1] }),
      ]),
    );
    expect(found.message).toBe(
      '3 of 20 partitions have no leader in state ZooKeeper: orders-0, orders-1, __consumer_offsets-0',
    );
    const expected = 'a live leader that is in the ISR';
    expect(found.evidence).toEqual([
      {
        subject: 'partition orders-0',
        expected,
        found: 'no leader',
        where: 'node',
        note: 'replicas [1], ISR [1], live brokers [0]',
      },
      {
        subject: 'partition orders-1',
        expected,
        found: 'a leader that is not live',
        where: 'node',
        note: 'leader 1, replicas [1], ISR [1], live brokers [0]',
      },
      {
        subject: 'partition __consumer_offsets-0',
        expected,
        found: 'a leader that is not in sync',
        where: 'node',
        note: 'leader 0, replicas [0,1], ISR [1], live brokers [0]',
      },
    ]);
  });

  it('says of each broker that is down why, as far as its log shows it', () => {
    const story = two().crash(META, BROKER_1);
    expect(violation(invariant, see(story, [without()])).message).toBe(
      `1 of 20 partitions has no leader in state ZooKeeper: orders-0; broker 1 is down: its volume was formatted in KRaft mode, so that /data/meta.properties has version 1, which a broker in ZooKeeper mode does not accept (KAFKA-20762): ${META}`,
    );
    const fatal = {
      type: 'node-log',
      level: 'ERROR',
      text: 'Encountered fatal fault: x',
      sign: 'fatal-error',
    } as const;
    const stopped = { type: 'node-stopped', pod: BROKER_1, reason: 'died' } as const;
    expect(
      violation(
        invariant,
        see(
          two()
            .add({ ...fatal, pod: BROKER_1 })
            .add(stopped),
          [without()],
        ),
      ).message,
    ).toMatch(/orders-0; broker 1 is down: ERROR Encountered fatal fault: x$/);
  });

  it('names the brokers in order, each with its last error', () => {
    const story = two().crash('ERROR early', BROKER_1).crash('ERROR late', BROKER_1).crash(undefined, BROKER_1);
    story.crash('ERROR other', 'my-cluster-broker-0');
    const found = violation(invariant, see(story, [without(), without({ isr: [0] })], { state: undefined }));
    expect(found.message).toBe(
      '2 of 20 partitions have no leader: orders-0, orders-0; broker 0 is down: ERROR other; broker 1 is down: ERROR late',
    );
  });

  it('is violated while the operator restarts the broker by force, and undecided while it only rolls it', () => {
    expect(outcome(invariant, see(two().stop(BROKER_1, 'rolled'), [without()]))).toBe('not applicable');
    expect(violation(invariant, see(two().stop(BROKER_1, 'forced'), [without()])).message).toContain('no leader');
    const starting = two().stop(BROKER_1, 'forced').broker('ZK', 1);
    expect(violation(invariant, see(starting, [without()])).message).toContain('no leader');
  });

  it('does not take a controller for the broker of the same id', () => {
    expect(violation(invariant, see(two().controller(), [without()])).evidence).toHaveLength(1);
  });

  it('does not take the error of another node for that of a broker', () => {
    const text = 'Encountered fatal fault: x';
    const fatal = { type: 'node-log', pod: 'my-cluster-broker-0', level: 'ERROR', text, sign: 'fatal-error' } as const;
    expect(outcome(invariant, see(two().stop(BROKER_1).add(fatal), [without()]))).toBe('not applicable');
    const own = two()
      .stop(BROKER_1)
      .add({ ...fatal, pod: BROKER_1 })
      .ready('my-cluster-broker-0');
    expect(violation(invariant, see(own, [without()])).message).toContain(`broker 1 is down: ERROR ${text}`);
    const passed = two()
      .add({ ...fatal, pod: BROKER_1 })
      .ready(BROKER_1)
      .stop(BROKER_1);
    expect(outcome(invariant, see(passed, [without()]))).toBe('not applicable');
  });

  it('does not apply if no broker answered, or there is no partition', () => {
    expect(outcome(invariant, observe(two()))).toBe('not applicable');
    expect(outcome(invariant, observe(two(), { leaders: { partitions: 0, leaderless: [] } }))).toBe('not applicable');
  });

  describe('where the harness cannot know', () => {
    const fault = (pod: string, name = 'freeze-node') =>
      ({ type: 'fault', fault: name, action: 'inject', pod }) as const;
    const silent = { type: 'node-unresponsive', pod: 'my-cluster-broker-0', detail: 'no answer' } as const;

    it.each([
      ['a fault of the scenario lasts on the only replicas', two().add(fault(BROKER_1))],
      ['the scenario killed it, and it was not started again', two().add(fault(BROKER_1, 'kill-node')).stop(BROKER_1)],
      ['the only replica is starting', two().stop(BROKER_1).broker('ZK', 1)],
      ['the only replica was killed, and nothing says by whom', two().stop(BROKER_1, 'died')],
      ['the only replica is starting once more, after a signal', two().crash(undefined, BROKER_1, 'exit code 137')],
      [
        'the only replica is starting, and its log shows nothing with which nodes end',
        two()
          .stop(BROKER_1)
          .broker('ZK', 1)
          .add(refusal(45, { pod: BROKER_1 })),
      ],
      [
        'the only replica is starting, after an earlier start that ended',
        two()
          .add({
            type: 'node-log',
            pod: BROKER_1,
            level: 'ERROR',
            text: 'Encountered fatal fault: x',
            sign: 'fatal-error',
          })
          .stop(BROKER_1)
          .broker('ZK', 1),
      ],
      ['something outside of the cluster has frozen a node', two().add(silent)],
      ['a fault lasts on a controller', two().migrated().add(fault('my-cluster-controller-1'))],
      ['a fault lasts on a ZooKeeper node', two().add(fault('my-cluster-zookeeper-0'))],
    ])('it does not apply: %s', (_, story) => {
      expect(outcome(invariant, see(story, [without()]))).toBe('not applicable');
    });

    it('it is violated for other partitions', () => {
      const story = two().add(fault(BROKER_1));
      const found = violation(invariant, see(story, [without(), without({ partition: 1, isr: [0, 1] })]));
      expect(found.evidence.map(({ subject }) => subject)).toEqual(['partition orders-1']);
    });

    it('it is violated although the broker with the fault does not respond', () => {
      const story = two()
        .add(fault(BROKER_1))
        .add({ ...silent, pod: BROKER_1 });
      expect(violation(invariant, see(story, [without({ isr: [0, 1] })])).evidence).toHaveLength(1);
    });

    it('it is violated once the fault is over', () => {
      const undo = { ...fault(BROKER_1), action: 'undo' } as const;
      const story = two().add(fault(BROKER_1)).add(undo);
      expect(violation(invariant, see(story, [without()])).evidence).toHaveLength(1);
      const started = two().add(fault(BROKER_1, 'kill-node')).stop(BROKER_1).broker('ZK', 1).ready(BROKER_1);
      expect(violation(invariant, see(started, [without()])).evidence).toHaveLength(1);
    });

    it('it is violated if the broker failed by itself while it was starting', () => {
      const story = two().stop(BROKER_1).broker('ZK', 1).crash('ERROR no', BROKER_1);
      expect(violation(invariant, see(story, [without()])).message).toContain('broker 1 is down: ERROR no');
    });

    it('it judges by all replicas if the ISR is empty', () => {
      const none = without({ isr: [], replicas: [0, 1] });
      expect(violation(invariant, see(two().add(fault(BROKER_1)), [none])).evidence).toHaveLength(1);
      const both = two().add(fault(BROKER_1)).add(fault('my-cluster-broker-0'));
      expect(outcome(invariant, see(both, [none]))).toBe('not applicable');
    });

    it('it ignores topics that the user deleted', () => {
      const deletedTopics = [{ name: 'orders', id: 'x' }];
      expect(outcome(invariant, see(two(), [without()], { deletedTopics }))).toBe('not applicable');
    });
  });
});
