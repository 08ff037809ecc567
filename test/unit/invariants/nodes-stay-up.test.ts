import { describe, expect, it } from '@jest/globals';
import { nodesStayUp as invariant } from '../../../src/invariants/nodes-stay-up.js';
import { observe, outcome, rolledBack, Story, violation } from './story.js';

const BROKER = 'my-cluster-broker-0';
const CONTROLLER = 'my-cluster-controller-1';
const META =
  'ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Found unexpected version in /data/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the `version` field is missing).';
const truncation = (offset: number) =>
  `ERROR Encountered fatal fault: java.lang.IllegalArgumentException: Attempt to truncate to offset ${offset}, which is below the current high watermark ${offset + 40}`;
const SESSION =
  'ERROR Fatal error during KafkaServer startup. Prepare to shutdown: org.apache.zookeeper.KeeperException$NodeExistsException: KeeperErrorCode = NodeExists';

/** After a rollback, a broker is started in ZooKeeper mode and has not become ready. */
function starting(): Story {
  return rolledBack().stop(BROKER).broker('ZK');
}

function crashes(story: Story, ...errors: readonly (string | undefined)[]): Story {
  return errors.reduce((before, error) => before.crash(error), story);
}

describe('nodes-stay-up', () => {
  it('is about an outage, and ends waits', () => {
    expect(invariant).toMatchObject({ about: 'outage', endsWaits: true });
  });

  it('is violated by a node that ends three times with the same error, and says what is known of it', () => {
    const story = crashes(starting(), META, META, META);
    const found = violation(invariant, observe(story));
    const [first, second, third] = [1, 0.5, 0].map((before) => (story.now - before).toFixed(1));
    expect(found.message).toBe(
      `my-cluster-broker-0 does not stay up: its volume was formatted in KRaft mode, so that /data/meta.properties has version 1, which a broker in ZooKeeper mode does not accept (KAFKA-20762); it ended 3 times with the same error, the last time at ${third} s, in ZooKeeper mode, configured for ZK, in state ZooKeeper: ${META}`,
    );
    expect(found.evidence).toEqual([
      {
        subject: BROKER,
        expected: 'running',
        found: META,
        where: 'node',
        at: story.now,
        note: `exit code 1, 3 times: at ${first} s, ${second} s, ${third} s`,
      },
    ]);
  });

  it('counts the end after which the node was not started again', () => {
    const story = crashes(starting(), META, META);
    expect(outcome(invariant, observe(story))).toBe('holds');
    story.add({ type: 'node-stopped', pod: BROKER, reason: 'died', signal: 'exit code 1', error: META });
    expect(violation(invariant, observe(story)).message).toContain('it ended 3 times');
  });

  it('is violated although the offsets, epochs, ports and times in the error differ', () => {
    const story = crashes(starting(), truncation(12), truncation(31), truncation(57));
    const found = violation(invariant, observe(story));
    expect(found.message).toContain('Attempt to truncate to offset 57, which is below the current high watermark 97');
  });

  it('is violated by a node that becomes ready each time before it ends', () => {
    const story = starting().ready(BROKER).crash(META).ready(BROKER).crash(META).ready(BROKER).crash(META);
    expect(violation(invariant, observe(story)).message).toContain('it ended 3 times');
  });

  it('is violated although the operator restarted the pod in between', () => {
    const story = starting().crash(META).stop(BROKER, 'forced').broker('ZK').crash(META).crash(META);
    expect(violation(invariant, observe(story)).message).toContain('it ended 3 times');
  });

  it('names every node that does not stay up, and no other', () => {
    const story = crashes(starting(), META, META, META);
    for (let i = 0; i < 3; i++) story.crash(truncation(i), 'my-cluster-broker-1');
    story.crash(META, 'my-cluster-broker-2');
    const found = violation(invariant, observe(story, { state: undefined }));
    expect(found.evidence.map(({ subject }) => subject)).toEqual([BROKER, 'my-cluster-broker-1']);
    expect(found.message).toContain(`configured for ZK: ${META}; my-cluster-broker-1 does not stay up: `);
  });

  it.each([
    ['nothing ended', starting()],
    ['it ended twice', crashes(starting(), META, META)],
    ['each end had another error', crashes(starting(), META, 'ERROR one', 'ERROR another')],
    ['different nodes ended', starting().crash(META).crash(META, CONTROLLER).crash(META, 'my-cluster-broker-1')],
    [
      'it worked until it was stopped on order in between: what ended it had passed',
      crashes(starting(), SESSION)
        .ready(BROKER)
        .stop(BROKER, 'forced')
        .broker('ZK')
        .crash(SESSION)
        .crash(SESSION)
        .ready(BROKER),
    ],
    ['it was removed in between', crashes(starting(), META, META).stop(BROKER).gone(BROKER).broker('ZK').crash(META)],
    [
      'its volume was deleted in between',
      crashes(starting(), META, META).add({ type: 'volume-wiped', pod: BROKER }).broker('ZK').crash(META),
    ],
    ['the session of its predecessor may still be alive', crashes(starting(), SESSION, SESSION, SESSION)],
  ])('holds if %s', (_, story) => {
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it('is violated by a broker that finds the session of its predecessor alive once too often', () => {
    const story = crashes(starting(), SESSION, SESSION, SESSION, SESSION);
    expect(violation(invariant, observe(story)).message).toContain('it ended 4 times');
  });

  it.each([
    'SIGKILL',
    'exit code 137',
    'exit code 137 (OOMKilled)',
    'exit code 143',
    'exit code 0 (Completed)',
    'unknown',
  ])('holds for a node that did not end by itself: %s', (how) => {
    const story = starting();
    for (let i = 0; i < 3; i++) story.crash(META, BROKER, how);
    expect(outcome(invariant, observe(story))).toBe('holds');
    for (let i = 0; i < 3; i++)
      story.add({ type: 'node-stopped', pod: BROKER, reason: 'died', signal: how, error: META });
    expect(outcome(invariant, observe(story))).toBe('holds');
  });

  it.each([
    'java.net.BindException: Address already in use',
    'java.lang.OutOfMemoryError: Java heap space',
    'java.io.IOException: No space left on device',
    'java.io.IOException: Too many open files',
    'java.io.IOException: Cannot run program: error=12, Cannot allocate memory',
    'java.io.IOException: Read-only file system',
    'Error: Could not find or load main class kafka.Kafka',
  ])('holds for what the machine lacks: %s', (error) => {
    expect(outcome(invariant, observe(crashes(starting(), error, error, error)))).toBe('holds');
  });

  it('does not apply before a node was started', () => {
    expect(outcome(invariant, observe(new Story()))).toBe('not applicable');
  });

  it('does not apply if the journal does not say why a node ended three times', () => {
    const story = crashes(starting(), undefined, undefined);
    expect(outcome(invariant, observe(story))).toBe('holds');
    expect(outcome(invariant, observe(story.crash()))).toBe('not applicable');
  });

  it('is violated if the journal says it of the last of three ends that are alike', () => {
    const story = crashes(starting(), undefined, undefined);
    story.add({ type: 'node-stopped', pod: BROKER, reason: 'died', signal: 'exit code 1', error: 'exit code 1' });
    expect(violation(invariant, observe(story)).message).toContain('with the same error, the last time at');
  });

  it('is violated for one node although another one ended for reasons that are not known', () => {
    const story = crashes(starting(), META, META, META);
    for (let i = 0; i < 3; i++) story.crash(undefined, CONTROLLER);
    expect(violation(invariant, observe(story)).evidence.map(({ subject }) => subject)).toEqual([BROKER]);
  });

  it('does not apply while a node does not respond: it may be why others end', () => {
    const silent = { type: 'node-unresponsive', pod: 'my-cluster-zookeeper-0', detail: 'no answer' } as const;
    const frozen = { type: 'fault', fault: 'freeze-node', action: 'inject', pod: 'my-cluster-zookeeper-0' } as const;
    expect(outcome(invariant, observe(crashes(starting(), META, META, META).add(silent)))).toBe('not applicable');
    const byScenario = crashes(starting().add(frozen), META, META, META).add(silent);
    expect(violation(invariant, observe(byScenario)).evidence).toHaveLength(1);
  });
});
