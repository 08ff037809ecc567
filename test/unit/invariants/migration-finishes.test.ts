import { describe, expect, it } from '@jest/globals';
import { stuckQuorum } from '../../../src/invariants/index.js';
import { migrationFinishes as invariant } from '../../../src/invariants/migration-finishes.js';
import {
  CONTROLLER,
  controllerValue,
  migrationValue,
  observe,
  outcome,
  rolledBack,
  Story,
  violation,
} from './story.js';

const TIMED_OUT = { moment: 'timed-out' } as const;

/**
 * 0.45.0's second migration: the new quorum has claimed `/controller` and waits until it has passed the stored offset.
 */
function syncing(storedEpoch: number, quorumEpoch: number): Story {
  return rolledBack(['/controller'])
    .migrationBegun()
    .driver('BECOME_CONTROLLER')
    .controllerZnode(controllerValue(1, quorumEpoch), false)
    .migrationZnode(42, CONTROLLER, [storedEpoch, quorumEpoch])
    .driver('SYNC_KRAFT_TO_ZK');
}

describe('migration-finishes', () => {
  it('holds when KRaftPostMigration is reached by a copy', () => {
    expect(outcome(invariant, observe(new Story().deployed().migrated()))).toBe('holds');
    expect(outcome(invariant, observe(rolledBack().migrated(), TIMED_OUT))).toBe('holds');
  });

  it('holds in the states after it', () => {
    const story = new Story().deployed().migrated().gesture({ gesture: 'annotate', value: 'enabled' });
    expect(outcome(invariant, observe(story.reach('PreKRaft').reach('KRaft'), { zookeeper: undefined }))).toBe('holds');
  });

  it('holds when the copy itself was not journalled but the claim was', () => {
    const story = new Story().deployed().migrated();
    const events = story.events.filter((event) => event.type !== 'znode-changed' || event.path !== '/migration');
    expect(outcome(invariant, observe(story, { events }))).toBe('holds');
  });

  describe('a quorum behind the stored epoch', () => {
    it('is stuck', () => {
      const story = syncing(4, 3);
      const found = violation(invariant, observe(story));
      expect(found.message).toBe(
        `the migration cannot complete: the driver of my-cluster-controller-1 has been in SYNC_KRAFT_TO_ZK since ${story.now.toFixed(1)} s, waiting for epoch 4, which an earlier quorum left in /migration; its own quorum is at epoch 3, and nothing triggers an election`,
      );
      expect(found.evidence).toEqual([
        expect.objectContaining({ subject: '/migration', found: migrationValue(42, 4, 3), at: story.now }),
      ]);
    });

    it.each([
      ['of the same epoch', syncing(1, 1)],
      ['of a higher epoch', syncing(3, 4)],
      ['that has gone on', syncing(4, 3).driver('DUAL_WRITE')],
    ])('is not one %s', (_, story) => {
      expect(outcome(invariant, observe(story))).toBe('not applicable');
    });

    it('is found from the events only, for code that waits', () => {
      const story = syncing(4, 3);
      expect(stuckQuorum(story.events, story.state)).toMatchObject({ storedEpoch: 4, quorumEpoch: 3 });
      expect(stuckQuorum(syncing(1, 1).events, 'KRaftMigration')).toBeUndefined();
      expect(stuckQuorum(story.events, 'KRaftDualWriting')).toBeUndefined();
      expect(stuckQuorum(story.events, 'KRaftMigration', 'no json')).toBeUndefined();
      expect(stuckQuorum(new Story().deployed().migrationBegun().events, 'KRaftMigration')).toBeUndefined();
    });

    it('is not stuck any more after an election', () => {
      const story = syncing(4, 3);
      const znodes = { '/migration': { value: migrationValue(42, 4, 5), ephemeral: false } };
      expect(outcome(invariant, observe(story, { znodes }))).toBe('not applicable');
    });

    it('is judged by the driver that leads, not by those that wait', () => {
      const story = syncing(4, 3)
        .controller('PRE_MIGRATION', {}, 2)
        .log('2 transitioning to INACTIVE state', { driverState: 'INACTIVE' }, 'my-cluster-controller-2');
      expect(violation(invariant, observe(story)).message).toContain(
        'the driver of my-cluster-controller-1 has been in SYNC_KRAFT_TO_ZK',
      );
    });
  });

  describe('a wait that timed out', () => {
    it('is an outage when Kafka had begun and not finished', () => {
      const story = syncing(1, 1).stop('my-cluster-broker-0', 'forced').broker('MIGRATION');
      const found = violation(invariant, observe(story, TIMED_OUT));
      expect(found.message).toMatch(
        /^the migration that was requested at \d+\.\d s did not complete in time: the state has been KRaftMigration since \d+\.\d s, the driver of my-cluster-controller-1 has been in SYNC_KRAFT_TO_ZK since \d+\.\d s, the operator reads PRE_MIGRATION, not ready: my-cluster-broker-0$/,
      );
      expect(invariant.about).toBe('outage');
      expect(found.evidence).toEqual([
        expect.objectContaining({
          subject: 'status.kafkaMetadataState',
          expected: 'KRaftPostMigration',
          found: 'KRaftMigration',
        }),
        expect.objectContaining({
          subject: 'migration driver of my-cluster-controller-1',
          expected: 'DUAL_WRITE',
          found: 'SYNC_KRAFT_TO_ZK',
        }),
      ]);
    });

    it('is an outage after a sync that did not complete the migration', () => {
      const story = syncing(1, 1).driver('DUAL_WRITE').stop('my-cluster-broker-0', 'forced').broker('MIGRATION');
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toContain('DUAL_WRITE');
    });

    it('is an outage when every node is ready and nothing happens', () => {
      const found = violation(invariant, observe(new Story().deployed().migrationBegun(), TIMED_OUT));
      expect(found.message).toMatch(/WAIT_FOR_BROKERS since .*, every node is ready$/);
      const halfWay = new Story().deployed().migrated();
      const until = halfWay.events.findLastIndex((event) => event.type === 'state-changed');
      const events = halfWay.events.slice(0, until);
      expect(outcome(invariant, observe(halfWay, { ...TIMED_OUT, state: 'KRaftDualWriting', events }))).toMatchObject({
        message: expect.stringContaining('the state has been KRaftDualWriting since'),
      });
    });

    it.each(['BECOME_CONTROLLER', 'ZK_MIGRATION', 'SYNC_KRAFT_TO_ZK', 'KRAFT_CONTROLLER_TO_BROKER_COMM'])(
      'is an outage in %s, although a broker is starting',
      (state) => {
        const story = new Story().deployed().migrationBegun().driver(state).stop('my-cluster-broker-0');
        expect(violation(invariant, observe(story.broker('MIGRATION'), TIMED_OUT)).message).toContain(
          `has been in ${state} since`,
        );
      },
    );

    it('is an outage when Kafka had begun, although a broker is being rolled', () => {
      const story = syncing(1, 1).stop('my-cluster-broker-0');
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toContain('SYNC_KRAFT_TO_ZK');
    });

    it('is an outage when a node that does not belong to the cluster any more is gone', () => {
      const story = new Story()
        .deployed()
        .migrationBegun()
        .broker('MIGRATION', 1)
        .stop('my-cluster-broker-1', 'deleted')
        .gone('my-cluster-broker-1');
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toMatch(/every node is ready$/);
    });

    it('is not one while a node that ended stays away, whatever was started after it', () => {
      const story = new Story()
        .deployed()
        .migrationBegun()
        .stop('my-cluster-broker-0', 'died')
        .ready('my-cluster-broker-1');
      expect(outcome(invariant, observe(story, TIMED_OUT))).toBe('not applicable');
    });

    it('names when the state was reached last, and repeats the rest as a note', () => {
      const story = new Story().deployed();
      for (const state of ['KRaftMigration', 'ZooKeeper'] as const) story.reach(state);
      story.migrationBegun();
      const arrivals = story.events.flatMap((event) =>
        event.type === 'state-changed' && event.to === 'KRaftMigration' ? [event.t] : [],
      );
      const [first, last] = arrivals;
      expect(arrivals).toHaveLength(2);
      const { message, evidence } = violation(invariant, observe(story, TIMED_OUT));
      expect(message).toContain(`the state has been KRaftMigration since ${last?.toFixed(1)} s`);
      expect(first).not.toBe(last);
      expect(evidence[0]).toStrictEqual({
        subject: 'status.kafkaMetadataState',
        expected: 'KRaftPostMigration',
        found: 'KRaftMigration',
        at: last,
        note: message.slice(message.indexOf('the driver of')),
      });
    });

    it('says so if the arrival in the state and the driver are not known', () => {
      const story = new Story()
        .deployed()
        .gesture({ gesture: 'annotate', value: 'migration' })
        .controller()
        .ready('my-cluster-controller-1');
      const { message, evidence } = violation(invariant, observe(story, { ...TIMED_OUT, state: 'KRaftMigration' }));
      expect(message).toMatch(/did not complete in time: the state is KRaftMigration, every node is ready$/);
      expect(evidence).toStrictEqual([
        {
          subject: 'status.kafkaMetadataState',
          expected: 'KRaftPostMigration',
          found: 'KRaftMigration',
          note: 'every node is ready',
        },
      ]);
    });

    describe('of which the logs show the cause', () => {
      const CONTROLLER = 'my-cluster-controller-1';
      const pending = {
        type: 'node-log',
        pod: CONTROLLER,
        level: 'INFO',
        text: '[ControllerRegistrationManager id=1 incarnation=x] maybeSendControllerRegistration: waiting for the previous RPC to complete.',
        sign: 'registration-pending',
      } as const;
      const fault = {
        type: 'node-log',
        pod: CONTROLLER,
        level: 'ERROR',
        text: 'Encountered zk migration fault: Unhandled error in RecoverMigrationStateFromZKEvent',
        sign: 'zk-migration-fault',
      } as const;
      const messageFor = (story: Story): string => violation(invariant, observe(story, TIMED_OUT)).message;

      it('names it first, and in the note', () => {
        const story = new Story().deployed().migrationBegun().driver('WAIT_FOR_CONTROLLER_QUORUM').add(pending);
        const cause = `the controller waits for the response to a registration that has timed out, and sends no other (KAFKA-20247) (logged by ${CONTROLLER} at ${story.now.toFixed(1)} s)`;
        const { message, evidence } = violation(invariant, observe(story, TIMED_OUT));
        expect(message).toContain(`did not complete in time: ${cause}, the state has been KRaftMigration since `);
        expect(evidence[0]?.note).toMatch(/^the controller waits for .*, the driver of .*, every node is ready$/);
      });

      it('names what the driver itself logged', () => {
        const text = '[KRaftMigrationDriver id=1] No brokers are known to KRaft, waiting for brokers to register.';
        const story = new Story().deployed().migrationBegun().log(text);
        expect(messageFor(story)).toContain(
          'did not complete in time: no broker has registered with the quorum (logged',
        );
      });

      it('names an error of the driver in every state, also if its state is not known', () => {
        const known = new Story().deployed().migrationBegun().driver('DUAL_WRITE').add(fault);
        const cause =
          'did not complete in time: the migration driver met an unexpected error (Unhandled error in RecoverMigrationStateFromZKEvent)';
        expect(messageFor(known)).toContain(cause);
        const unknown = new Story()
          .deployed()
          .gesture({ gesture: 'annotate', value: 'migration' })
          .controller()
          .ready(CONTROLLER)
          .reach('KRaftMigration')
          .add(fault);
        expect(messageFor(unknown)).toContain(cause);
      });

      it.each([
        ['the driver has gone on since', new Story().deployed().migrationBegun().add(pending).driver('ZK_MIGRATION')],
        [
          'it was logged before the last start',
          new Story()
            .deployed()
            .migrationBegun()
            .add(fault)
            .stop(CONTROLLER)
            .controller()
            .driver('WAIT_FOR_BROKERS')
            .ready(CONTROLLER),
        ],
        [
          'the node no longer runs',
          new Story()
            .deployed()
            .migrationBegun()
            .add({ ...fault, pod: 'my-cluster-controller-9' }),
        ],
      ])('names none if %s', (_, story) => {
        expect(messageFor(story)).toMatch(/did not complete in time: the state has been KRaftMigration since /);
      });
    });

    it('says which error the driver logged', () => {
      const story = new Story()
        .deployed()
        .migrationBegun()
        .log('Encountered nonFatal MigrationFault', { level: 'ERROR' });
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toContain(
        ': Encountered nonFatal MigrationFault',
      );
    });

    it.each([
      ['a broker is starting', new Story().deployed().migrationBegun().stop('my-cluster-broker-0').broker('MIGRATION')],
      [
        'a broker has ended and is started again',
        new Story()
          .deployed()
          .migrationBegun()
          .add({ type: 'container-restarted', pod: 'my-cluster-broker-0', how: 'exit code 1', backOff: 10 }),
      ],
      ['a broker is being rolled', new Story().deployed().migrationBegun().stop('my-cluster-broker-0')],
      ['a node has died', syncing(1, 1).stop('my-cluster-broker-0', 'died')],
      [
        'no controller was ever ready',
        new Story().deployed().gesture({ gesture: 'annotate', value: 'migration' }).controller(),
      ],
      [
        'the only ready controller is gone',
        new Story()
          .deployed()
          .migrationBegun()
          .stop('my-cluster-controller-1', 'deleted')
          .gone('my-cluster-controller-1'),
      ],
      [
        'the only controller has ended and is started again',
        syncing(1, 1).add({
          type: 'container-restarted',
          pod: 'my-cluster-controller-1',
          how: 'exit code 1',
          backOff: 10,
        }),
      ],
      ['the controller is starting', syncing(1, 1).stop('my-cluster-controller-1').controller('PRE_MIGRATION', {})],
      [
        'the copy is complete and the user finalises',
        new Story()
          .deployed()
          .migrationBegun()
          .migrationZnode(42)
          .reach('KRaftDualWriting')
          .gesture({ gesture: 'annotate', value: 'enabled' }),
      ],
      [
        'the copy is complete and a broker is being rolled',
        syncing(1, 1)
          .driver('DUAL_WRITE')
          .zkMigrationState('MIGRATION')
          .stop('my-cluster-broker-0')
          .broker('MIGRATION'),
      ],
      ['there is no controller', new Story().deployed().gesture({ gesture: 'annotate', value: 'migration' })],
      ['no migration was requested', new Story().deployed()],
      ['it was a rollback', new Story().deployed().migrated().gesture({ gesture: 'annotate', value: 'rollback' })],
    ])('does not apply when %s: the environment may be the cause', (_, story) => {
      expect(outcome(invariant, observe(story, TIMED_OUT))).toBe('not applicable');
    });
  });

  describe('a node that did not answer', () => {
    const pod = 'my-cluster-broker-0';
    const silent = { type: 'node-unresponsive', pod, detail: 'no answer within 2 s' } as const;
    const inject = { type: 'fault', fault: 'freeze-node', action: 'inject', pod } as const;
    const undo = { ...inject, action: 'undo' } as const;
    const waiting = () => new Story().deployed().migrationBegun();

    it.each([
      ['something outside of the cluster froze it', waiting().add(silent)],
      ['the fault of the scenario was undone before', waiting().add(inject).add(undo).add(silent)],
      [
        'the fault was another node',
        waiting()
          .add({ ...inject, pod: 'my-cluster-controller-1' })
          .add(silent),
      ],
      ['the fault was of an earlier start', waiting().add(inject).rollBroker('MIGRATION').add(silent)],
    ])('is not judged: %s', (_, story) => {
      expect(outcome(invariant, observe(story, TIMED_OUT))).toBe('not applicable');
    });

    it('is named if the fault of the scenario froze it', () => {
      const found = violation(invariant, observe(waiting().add(inject).add(silent), TIMED_OUT));
      expect(found.message).toContain(', not responding: my-cluster-broker-0 (fault freeze-node)');
      expect(found.message).not.toContain('every node is ready');
    });

    it('is named besides a node that is not ready', () => {
      const other = { pod: 'my-cluster-broker-1' };
      const story = syncing(1, 1)
        .broker('MIGRATION', 1)
        .ready(other.pod)
        .add({ ...inject, ...other })
        .add({ ...silent, ...other })
        .stop(pod)
        .broker('MIGRATION');
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toMatch(
        /, not ready: my-cluster-broker-0, not responding: my-cluster-broker-1 \(fault freeze-node\)$/,
      );
    });

    it('counts no more once it was started again', () => {
      const story = waiting().add(silent).rollBroker('MIGRATION');
      expect(violation(invariant, observe(story, TIMED_OUT)).message).toContain('every node is ready');
    });
  });

  it('does not judge a state that was reached without a copy, which is a loss', () => {
    const story = rolledBack(['/controller']).migrationBegun('used').reach('KRaftDualWriting');
    expect(outcome(invariant, observe(story, TIMED_OUT))).toBe('not applicable');
    expect(outcome(invariant, observe(story.reach('KRaftPostMigration')))).toBe('not applicable');
  });

  it.each([
    ['the migration goes on', new Story().deployed().migrationBegun()],
    ['the copy is complete, but the state is not reached', new Story().deployed().migrated().rollbackBegun()],
    ['nothing was requested', new Story().deployed()],
    [
      'the cluster was KRaft from the start',
      new Story().gesture({ gesture: 'annotate', value: 'enabled' }).reach('KRaft'),
    ],
  ])('does not apply when %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('not applicable');
  });

  it('does not apply when the changes of znodes were not journalled', () => {
    const story = new Story().deployed().migrated();
    const events = story.events.filter((event) => event.type !== 'znode-changed');
    expect(outcome(invariant, observe(story, { events }))).toBe('not applicable');
  });

  it('does not apply before there is a state', () => {
    expect(outcome(invariant, observe(new Story().deployed().migrated(), { state: undefined }))).toBe('not applicable');
  });
});
