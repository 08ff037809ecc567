import { describe, expect, it } from '@jest/globals';
import { OperatorEvents } from '../../../../src/environments/kubernetes/operator-events.js';
import { Journal } from '../../../../src/journal/journal.js';

const TO_ZOOKEEPER =
  'Transitioning metadata state from [KRaftDualWriting] to [ZooKeeper] with strimzi.io/kraft annotation [disabled]';

function setUp() {
  const journal = new Journal();
  const announced: string[] = [];
  const story = new OperatorEvents(journal, { announce: (pod, reason) => void announced.push(`${pod} ${reason}`) });
  const line = (pass: number, logger: string, text: string, level = 'INFO'): void =>
    story.line(
      `2026-11-24 10:00:00 ${level}  ${logger}:1 - Reconciliation #${pass}(timer) Kafka(ns/my-cluster): ${text}`,
    );
  return { journal, announced, story, line };
}

describe("the operator's events", () => {
  it('are read from its log, by the rules of the recordings', () => {
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

  it('count passes: the one that reached a state, and those that succeeded after it', () => {
    const { story, line } = setUp();
    expect([story.reachedIn, story.wholePasses]).toEqual([undefined, 0]);
    line(
      7,
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [ZooKeeper] to [KRaftMigration] with strimzi.io/kraft annotation [migration]',
    );
    line(7, 'AbstractOperator', 'reconciled');
    line(8, 'AbstractOperator', 'createOrUpdate failed', 'ERROR');
    expect([story.reachedIn, story.wholePasses]).toEqual([{ state: 'KRaftMigration', pass: 7 }, 0]);
    line(9, 'AbstractOperator', 'reconciled');
    expect([story.reachedIn, story.wholePasses]).toEqual([{ state: 'KRaftMigration', pass: 7 }, 1]);
    story.replaced();
    expect([story.reachedIn, story.wholePasses]).toEqual([undefined, 0]);
  });

  it('do not count a pass that ended before the state was reached, whatever its number', () => {
    const { story, line } = setUp();
    line(9, 'AbstractOperator', 'reconciled');
    expect(story.wholePasses).toBe(1);
    line(7, 'KafkaMetadataStateManager', TO_ZOOKEEPER);
    expect([story.reachedIn, story.wholePasses]).toEqual([{ state: 'ZooKeeper', pass: 7 }, 0]);
  });

  it('restart the count with an operator that has restarted, but not in its first pass', () => {
    const { story, line } = setUp();
    line(78, 'KafkaMetadataStateManager', TO_ZOOKEEPER);
    line(79, 'AbstractOperator', 'reconciled');
    line(1, 'AbstractOperator', 'Kafka my-cluster will be checked for creation or modification');
    expect([story.reachedIn, story.wholePasses]).toEqual([undefined, 0]);
    line(1, 'KafkaMetadataStateManager', TO_ZOOKEEPER);
    line(1, 'AbstractOperator', 'reconciled');
    expect([story.reachedIn, story.wholePasses]).toEqual([{ state: 'ZooKeeper', pass: 1 }, 0]);
  });

  it('do not count passes of resources of another kind', () => {
    const { journal, story } = setUp();
    story.line(
      '2026-11-24 10:00:00 INFO  AbstractOperator:1 - Reconciliation #9(timer) KafkaConnect(ns/mine): reconciled',
    );
    story.line('2026-11-24 10:00:00 INFO  AbstractOperator:1 - reconciled');
    expect([story.wholePasses, journal.events()]).toEqual([0, []]);
  });

  it('announce a restart as forced if the roller logged no reason', () => {
    const { announced, journal, story, line } = setUp();
    line(5, 'KafkaRoller', 'Rolling Pod my-cluster-broker-0/0 due to [Pod has old revision]');
    line(5, 'PodOperator', 'Rolling pod my-cluster-broker-0');
    line(6, 'PodOperator', 'Rolling pod my-cluster-broker-0');
    line(7, 'KafkaRoller', 'Rolling Pod my-cluster-broker-0/0 due to [Pod has old revision]');
    story.replaced();
    line(1, 'PodOperator', 'Rolling pod my-cluster-broker-0');
    expect(announced.map((one) => one.split(' ')[1])).toEqual(['rolled', 'forced', 'rolled', 'forced']);
    expect(journal.events().map(({ type }) => type)).toEqual(['operator-log', 'operator-log']);
  });

  it("announce ZooKeeper's rolls", () => {
    const { announced, line } = setUp();
    line(5, 'ZooKeeperRoller', 'Rolling Pod my-cluster-zookeeper-0 due to [Pod has old revision]');
    line(5, 'PodOperator', 'Rolling pod my-cluster-zookeeper-0');
    expect(announced).toEqual(['my-cluster-zookeeper-0 rolled']);
  });

  it('include only warnings and errors of lines that are not about the migration, and no stack traces', () => {
    const { journal, story, line } = setUp();
    line(5, 'KafkaRoller', 'Error updating broker configuration for pod my-cluster-broker-0/0', 'ERROR');
    line(5, 'Ca', 'Generating CA', 'INFO');
    story.line('java.util.concurrent.CompletionException: ERROR');
    story.line('\tat io.strimzi.operator.cluster.Main.main(Main.java:1)');
    expect(journal.ofType('operator-log').map(({ level, logger }) => `${level} ${logger}`)).toEqual([
      'ERROR KafkaRoller',
    ]);
  });

  it('count the passes that began in the state and succeeded', () => {
    const { story, line } = setUp();
    const reconciled = (pass: number) => line(pass, 'AbstractOperator', 'reconciled');
    line(
      7,
      'KafkaMetadataStateManager',
      'Transitioning metadata state from [KRaftPostMigration] to [KRaftDualWriting] with strimzi.io/kraft annotation [rollback]',
    );
    reconciled(7);
    expect(story.wholePasses).toBe(0);
    reconciled(9);
    line(10, 'AbstractOperator', 'createOrUpdate failed', 'ERROR');
    reconciled(12);
    expect(story.wholePasses).toBe(2);
    story.replaced();
    expect(story.wholePasses).toBe(0);
  });

  describe('of a pass that failed', () => {
    const INVALID = 'The Kafka cluster my-cluster is invalid: [no pool: yet]';
    const failed = (pass: number, story: OperatorEvents, exception: string): void => {
      const of = `Reconciliation #${pass}(timer) Kafka(ns/my-cluster):`;
      story.line(`2026-11-24 10:00:00 ERROR AbstractOperator:284 - ${of} createOrUpdate failed`);
      story.line(exception);
      story.line('\tat io.strimzi.operator.cluster.Main.main(Main.java:1)');
      story.line('Caused by: java.lang.IllegalStateException: something else');
    };

    it.each([
      [`io.strimzi.operator.common.model.InvalidResourceException: ${INVALID}`, 'InvalidResourceException', INVALID],
      ['io.strimzi.KafkaVersion$UnsupportedKafkaVersionException: no', 'UnsupportedKafkaVersionException', 'no'],
      [`InvalidResourceException: ${INVALID}`, 'InvalidResourceException', INVALID],
      ['java.lang.NullPointerException', 'NullPointerException', undefined],
    ])('report the same reason as the status: %s', (exception, reason, message) => {
      const { journal, story } = setUp();
      failed(8, story, exception);
      const why = message === undefined ? { reason } : { reason, message };
      expect(journal.events().map(({ t: _t, ...event }) => event)).toEqual([
        { type: 'pass-ended', pass: 8, outcome: 'failed', ...why },
      ]);
      expect(story.lastFailure).toEqual({ ...why, passes: 1 });
    });

    it('report the failure even if the log does not say why', () => {
      const { journal, story, line } = setUp();
      line(8, 'AbstractOperator', 'createOrUpdate failed', 'ERROR');
      line(8, 'AbstractOperator', 'Failed to reconcile', 'WARN');
      line(9, 'AbstractOperator', 'createOrUpdate failed', 'ERROR');
      story.replaced();
      expect(journal.ofType('pass-ended').map(({ t: _t, ...event }) => event)).toEqual([
        { type: 'pass-ended', pass: 8, outcome: 'failed' },
        { type: 'pass-ended', pass: 9, outcome: 'failed' },
      ]);
      expect(journal.events().map(({ type }) => type)).toEqual(['pass-ended', 'operator-log', 'pass-ended']);
      expect(story.lastFailure).toBeUndefined();
    });

    it('count consecutive passes with the same failure', () => {
      const { story, line } = setUp();
      failed(1, story, 'a.B: one');
      failed(2, story, 'a.B: one');
      expect(story.lastFailure).toEqual({ reason: 'B', message: 'one', passes: 2 });
      failed(3, story, 'a.B: another');
      expect(story.lastFailure?.passes).toBe(1);
      failed(4, story, 'a.C: another');
      failed(5, story, 'a.C: another');
      expect(story.lastFailure).toEqual({ reason: 'C', message: 'another', passes: 2 });
      line(6, 'AbstractOperator', 'reconciled');
      expect(story.lastFailure).toBeUndefined();
      failed(7, story, 'a.C: another');
      expect(story.lastFailure?.passes).toBe(1);
      story.replaced();
      expect(story.lastFailure).toBeUndefined();
    });

    it('wake subscribers when the reason is known', () => {
      const { story } = setUp();
      const seen: unknown[] = [];
      story.subscribe(() => seen.push(story.lastFailure?.reason));
      failed(1, story, 'a.B: one');
      expect(seen).toEqual([undefined, 'B']);
    });
  });

  it('wake subscribers until they unsubscribe', () => {
    const { story, line } = setUp();
    let woken = 0;
    const unsubscribe = story.subscribe(() => {
      woken += 1;
    });
    line(1, 'AbstractOperator', 'reconciled');
    unsubscribe();
    line(2, 'AbstractOperator', 'reconciled');
    expect(woken).toBe(1);
  });
});
