import { describe, expect, it } from '@jest/globals';
import { nodesBecomeReady as invariant } from '../../../src/invariants/nodes-become-ready.js';
import { observe, outcome, Story, violation } from './story.js';

const BROKER = 'my-cluster-broker-0';

/** After a migration, the broker's pod is replaced and has not become ready for some seconds. */
function waiting(secondsAgo: number): Story {
  const story = new Story().deployed().migrationBegun().migrated();
  story.stop(BROKER, 'user').broker('POST_MIGRATION');
  return story.add({ type: 'operator-log', level: 'INFO', logger: 'KafkaRoller', text: 'waiting' }, secondsAgo);
}

const timedOut = (story: Story) => observe(story, { moment: 'timed-out', state: 'KRaftPostMigration' });

describe('nodes-become-ready', () => {
  it('is violated by a node that runs and has not become ready when a wait times out', () => {
    const found = violation(invariant, timedOut(waiting(100)));
    expect(found.message).toMatch(
      /^my-cluster-broker-0 has not become ready in 100\.0 s since it was started at \d+\.\d s, in KRaft mode, configured for POST_MIGRATION, in state KRaftPostMigration$/,
    );
    expect(found.evidence).toEqual([
      { subject: BROKER, expected: 'ready', found: 'running, not ready', where: 'node', at: expect.any(Number) },
    ]);
  });

  it('names what the controllers say about a broker that they do not register', () => {
    const story = waiting(100).add({
      type: 'node-log',
      pod: 'my-cluster-controller-1',
      level: 'INFO',
      text: 'registerBroker: event failed: Controller is in pre-migration mode and cannot register KRaft brokers until the metadata migration is complete.',
      sign: 'pre-migration-mode',
    });
    expect(violation(invariant, timedOut(story)).message).toMatch(
      /: the controllers have no metadata, and register no broker .* \(strimzi-kafka-operator#10187\), as my-cluster-controller-1 says$/,
    );
  });

  it('holds if every node is ready, and if the node was started a moment ago', () => {
    expect(outcome(invariant, timedOut(new Story().deployed()))).toBe('holds');
    expect(outcome(invariant, timedOut(waiting(0.1)))).toBe('holds');
  });

  it('counts from the last start of the node, not from that of its container', () => {
    const story = waiting(100).crash('ERROR a reason');
    expect(violation(invariant, timedOut(story)).message).toContain('has not become ready in 100.5 s');
  });

  it('holds for a node that the scenario itself has frozen, and says nothing if something else has', () => {
    const story = waiting(1);
    story.add({ type: 'fault', fault: 'freeze-node', action: 'inject', pod: BROKER });
    story.add({ type: 'node-unresponsive', pod: BROKER, detail: 'stopped' }, 100);
    expect(outcome(invariant, timedOut(story))).toBe('holds');
    const other = waiting(100).add({ type: 'node-unresponsive', pod: BROKER, detail: 'stopped' });
    expect(outcome(invariant, timedOut(other))).toBe('not applicable');
  });

  it('says nothing before a wait times out, and if no node has ever become ready', () => {
    expect(outcome(invariant, observe(waiting(100), { moment: 'ended' }))).toBe('not applicable');
    expect(outcome(invariant, timedOut(new Story().broker('ZK')))).toBe('not applicable');
  });
});
