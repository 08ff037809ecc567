import { describe, expect, it } from '@jest/globals';
import { kraftMetadataSurvives as invariant } from '../../../src/invariants/kraft-metadata-survives.js';
import { CONTROLLER, observe, outcome, rolledBack, Story, snapshot, topic, violation } from './story.js';

const BEFORE = topic('before-1');
const AFTER = topic('after-rollback');
const LOST = { expectedTopics: [BEFORE, AFTER], kraft: snapshot('kraft', BEFORE) };

describe('kraft-metadata-survives', () => {
  it('holds when the brokers know every expected topic', () => {
    const kraft = snapshot('kraft', BEFORE, AFTER, topic('of-another-user'));
    expect(outcome(invariant, observe(new Story().deployed().migrated(), { ...LOST, kraft }))).toBe('holds');
  });

  it.each([
    ['the brokers run in ZooKeeper mode', { kraft: undefined }],
    ['no topic is expected', { expectedTopics: [] }],
  ])('does not apply when %s', (_, changes) => {
    expect(outcome(invariant, observe(new Story().deployed().migrated(), { ...LOST, ...changes }))).toBe(
      'not applicable',
    );
  });

  it('0.45.1 with kept volumes: the topic was never copied, and is still in ZooKeeper', () => {
    const story = rolledBack()
      .migrationBegun('used')
      .log('KRaft controller indicates an active migration, but the ZK state does not.', { level: 'ERROR' })
      .driver('INACTIVE');
    const error = story.now - 0.5;
    const found = violation(invariant, observe(story, { ...LOST, zookeeper: snapshot('zookeeper', BEFORE, AFTER) }));
    expect(found.message).toBe(
      `the brokers in KRaft mode lack 1 of 2 expected topics: after-rollback; the driver logged an error at ${error.toFixed(1)} s: ` +
        'KRaft controller indicates an active migration, but the ZK state does not.',
    );
    expect(found.evidence).toEqual([
      expect.objectContaining({ subject: 'topic after-rollback', found: 'unknown to the brokers' }),
    ]);
    expect(found.evidence[0]?.note).toBe(
      `the driver logged an error at ${error.toFixed(1)} s: KRaft controller indicates an active migration, but the ZK state does not.; ` +
        'my-cluster-controller-1 had started with the log of an earlier quorum; it is still in ZooKeeper',
    );
  });

  it('0.45.0 with kept volumes: the topic had vanished from ZooKeeper', () => {
    const story = rolledBack(['/controller'])
      .migrationBegun('used')
      .log('Performing a full metadata sync from KRaft to ZK.')
      .add({ type: 'topics-changed', deleted: ['after-rollback'], writer: CONTROLLER }, 0.2);
    const { message } = violation(invariant, observe(story, LOST));
    expect(message).toMatch(
      /: after-rollback; it had vanished from ZooKeeper at \d+\.\d s, 0\.2 s after the full metadata sync of my-cluster-controller-1, by session 0x\w+, controller 1$/,
    );
  });

  it('does not name a cause that it does not know', () => {
    const found = violation(invariant, observe(new Story().deployed().migrated(), { ...LOST, zookeeper: undefined }));
    expect(found.message).toBe('the brokers in KRaft mode lack 1 of 2 expected topics: after-rollback');
    expect(found.evidence[0]).not.toHaveProperty('note');
  });

  it('is violated by other partitions and by other configs', () => {
    const kraft = snapshot(
      'kraft',
      topic('before-1', { partitions: [{ partition: 0, replicas: [2] }] }),
      topic('after-rollback', { configs: {} }),
    );
    const found = violation(invariant, observe(new Story().deployed().migrated(), { ...LOST, kraft }));
    expect(found.message).toBe(
      'the partitions or replicas of 1 topic changed in KRaft: before-1; the configs of 1 topic changed in KRaft: after-rollback',
    );
    expect(found.evidence.map(({ found: value }) => value).sort()).toEqual(['no configs', 'replicas 0: [2]']);
  });
});
