import { describe, expect, it } from '@jest/globals';
import { controllerElects as invariant } from '../../../src/invariants/controller-elects.js';
import type { Observation } from '../../../src/invariants/invariant.js';
import type { NodeLog } from '../../../src/journal/events.js';
import { CONTROLLER, controllerValue, observe, outcome, refusal, rolledBack, Story, violation } from './story.js';

const PATH = '/controller_epoch';
const BROKER_0 = 'my-cluster-broker-0';
const BROKER_1 = 'my-cluster-broker-1';

/** A cluster in which all partitions have leaders, and in which `/controller_epoch` has this content. */
function see(story: Story, epoch: number | undefined, changes: Partial<Observation> = {}): Observation {
  return observe(story, {
    leaders: { partitions: 2, leaderless: [] },
    znodes: epoch === undefined ? {} : { [PATH]: { value: String(epoch), ephemeral: false } },
    ...changes,
  });
}

function epochChanges(story: Story, value: number): Story {
  return story.add({ type: 'znode-changed', path: PATH, change: 'changed', ephemeral: false, value: String(value) });
}

const POOL = { gesture: 'create-controller-pool', deleteClaim: true } as const;

const stale = (latest: number, pod = BROKER_1): NodeLog => ({
  type: 'node-log',
  pod,
  level: 'WARN',
  text: `[Broker id=1] Ignoring LeaderAndIsr request from controller 0 with correlation id 3 since its controller epoch 5 is old. Latest known controller epoch is ${latest}`,
  sign: 'old-controller-epoch',
});

describe('controller-elects', () => {
  it('is about an outage', () => {
    expect(invariant.about).toBe('outage');
  });

  it('holds after a rollback without a refusal', () => {
    expect(outcome(invariant, see(rolledBack(), 4))).toBe('holds');
  });

  it.each([
    ['before a rollback', see(new Story().deployed().migrated(), 4)],
    ['during a rollback', see(new Story().deployed().migrated().rollbackBegun(), 4)],
    ['once the next migration has begun', see(rolledBack().migrationBegun(), 4)],
    ['once the pool of the next migration exists', see(rolledBack().gesture(POOL), 4)],
    ['while the operator says no state', see(rolledBack(), 4, { state: undefined })],
    ['if nobody has looked for refusals', observe(rolledBack())],
  ])('does not apply %s', (_, observation) => {
    expect(outcome(invariant, observation)).toBe('not applicable');
  });

  it('is violated by refused elections: cause and znode come first', () => {
    const story = rolledBack().add(refusal(45));
    const first = story.now.toFixed(1);
    story.add(refusal(45, { more: 235 }));
    const found = violation(invariant, see(story, 4));
    expect(found.message).toBe(
      `/controller_epoch is 4, below epoch 45 that KRaft wrote to the partitions' states (KAFKA-20488): 236 elections were refused, the first at ${first} s by my-cluster-broker-0, in state ZooKeeper`,
    );
    expect(found.evidence).toEqual([
      { subject: PATH, expected: "at least 45, the epoch of KRaft's last controller", found: '4', where: 'znode' },
      {
        subject: BROKER_0,
        expected: 'elections succeed',
        found: '236 refusals',
        where: 'node',
        at: Number(first),
        note: refusal(45).text,
      },
    ]);
  });

  it('is violated by replica changes that it refuses, and by brokers that refuse its requests', () => {
    const change = refusal(45, {
      text: 'kafka.common.StateChangeFailedException: Leader and isr path written by another controller. This probably means the current controller with epoch 5 went through a soft failure and another controller was elected with epoch 45. Aborting state change by this controller',
      sign: 'state-change-refused',
      more: 3,
    });
    const story = rolledBack().add(refusal(45)).add(change).add(stale(44)).add(stale(44, BROKER_0));
    const found = violation(invariant, see(story, 12, { state: undefined }));
    expect(found.message).toMatch(
      /^\/controller_epoch is 12, below epoch 45 .*: 1 election, 3 replica changes and 2 requests were refused, the first at [\d.]+ s by my-cluster-broker-0$/,
    );
    expect(found.evidence.map(({ subject, found: times }) => [subject, times])).toEqual([
      [PATH, '12'],
      [BROKER_0, '5 refusals'],
      [BROKER_1, '1 refusal'],
    ]);
  });

  it('is violated while the state is not reached: the rollback may wait for leaders', () => {
    const story = new Story().deployed().migrated().rollbackBegun().add(refusal(45));
    expect(violation(invariant, see(story, 4, { moment: 'timed-out', leaders: undefined })).message).toMatch(
      / in state KRaftDualWriting$/,
    );
  });

  it('is violated although ZooKeeper cannot be read any more: the journal has its epoch', () => {
    const story = epochChanges(rolledBack(), 4).add(refusal(45));
    expect(violation(invariant, see(story, undefined)).message).toMatch(/^\/controller_epoch was 4, below epoch 45 /);
  });

  it.each([
    ['/controller', rolledBack().controllerZnode(controllerValue(1, 6), false)],
    ['/migration', rolledBack().migrationZnode(42, CONTROLLER, [6, 6])],
  ])('is violated although later controllers have reached the epoch of KRaft, as in %s', (_, story) => {
    epochChanges(story, 5).add(refusal(6));
    expect(violation(invariant, see(epochChanges(story, 6), 6)).message).toMatch(
      /^\/controller_epoch was 5, below epoch 6 that KRaft wrote/,
    );
  });

  it.each([
    ['a controller in ZooKeeper mode has that epoch: the earlier one did not know of it yet', 6, 6],
    ['controllers in ZooKeeper mode have passed that epoch', 6, 9],
  ])('holds if %s', (_, refusedFor, now) => {
    const story = epochChanges(rolledBack(), 5).add(refusal(refusedFor)).add(stale(refusedFor));
    expect(outcome(invariant, see(epochChanges(story, now), now))).toBe('holds');
  });

  it('holds if controllers had reached the epoch of KRaft before', () => {
    const story = rolledBack().controllerZnode(controllerValue(1, 6), false);
    epochChanges(story, 6).add(refusal(6));
    expect(outcome(invariant, see(epochChanges(story, 9), 9))).toBe('holds');
  });

  it('names the highest epoch', () => {
    const story = rolledBack().add(refusal(45)).add(refusal(47)).add(refusal(46));
    expect(violation(invariant, see(story, 4)).message).toContain('below epoch 47 that KRaft wrote');
  });

  it('does not apply if nothing is known of the epoch of the controllers', () => {
    expect(outcome(invariant, see(rolledBack().add(refusal(45)), undefined))).toBe('not applicable');
  });

  it('judges each refusal once: after the step in which it was logged', () => {
    const story = rolledBack().add(refusal(45)).evaluated('an earlier step');
    expect(outcome(invariant, see(story, 4))).toBe('holds');
    expect(violation(invariant, see(story.add(refusal(46)), 4)).message).toContain('1 election was refused');
  });

  it('ignores other signs, and lines that this version does not understand', () => {
    const other = refusal(45, { sign: 'fatal-error' });
    const unknown = refusal(45, { text: 'something new' });
    expect(outcome(invariant, see(rolledBack().add(other).add(unknown), 4))).toBe('holds');
  });
});
