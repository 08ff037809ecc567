import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Evidence, JournalEventBody } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';
import { describeStory } from '../../../src/reports/story.js';
import { brokerStart, journal, LOST, SURVIVED, started } from '../comparison/journals.js';

describe("the story of the real 0.45.0's loss", () => {
  const story = async () =>
    (await describeStory(await readJournal(join(packageRoot(), 'fixtures/recordings/0.45.0-one-broker.jsonl')))).join(
      '\n',
    );

  it('says what was real, what was lost, when, by which issue, and what was left behind', async () => {
    const text = await story();
    expect(text).toContain('Kafka, ZooKeeper and the operator are real (environment: kubernetes).');
    expect(text).toContain('migrate again (287.1 s to 560.4 s): lost');
    expect(text).toContain('493.1 s  LOSS: 4 topics vanished from ZooKeeper, see below');
    expect(text).toContain('LOST as expected, in step "migrate again"');
    expect(text).toContain('all 4 topics vanished from ZooKeeper: after-rollback, before-1, before-2, during\n');
    expect(text).toContain('at 493.1 s, 0.4 s after the full metadata sync of controller-1, in state KRaftMigration\n');
    expect(text).toContain('loss: zookeeper-metadata-survives is violated in step "migrate again"');
    expect(text).toContain('residue: migration-znode-absent is violated in step "roll back"');
    expect(text).toContain('{"version":0,"kraft_metadata_offset":330,');
    expect(text).toContain('strimzi-kafka-operator#11262: Rollback leaves /migration behind');
  });

  it('shows everything in the step in which it was done', async () => {
    const [, migrate] = (await story()).split('\n\n').slice(1);
    expect(migrate).toMatch(/^migrate \(/);
    expect(migrate).not.toContain('before-2');
    expect(migrate).toContain('controller-1 started in KRaft mode, configured for PRE_MIGRATION');
  });
});

describe('a story', () => {
  it('says that the operator is replayed, and where the logs are', () => {
    const text = describeStory(journal([...SURVIVED]), { logs: 'out/a-run' }).join('\n');
    expect(text).toContain(
      'Kafka and ZooKeeper are real, the steps of Strimzi 0.45.0 are replayed (environment: local)',
    );
    expect(text).toContain('out/a-run');
    expect(text).toContain('SURVIVED as expected');
  });

  it('says what was expected instead', () => {
    const unexpected = LOST.map((event) =>
      event.type === 'verdict' ? { ...event, expected: 'survived' as const, asExpected: false } : event,
    );
    expect(describeStory(journal(unexpected)).join('\n')).toContain('LOST, NOT EXPECTED, in step');
  });

  it('says that a journal has no end', () => {
    expect(describeStory(journal([]))).toContain('NO VERDICT, the journal ends early at 0.0 s');
    const interrupted: JournalEventBody = { type: 'run-ended', how: 'interrupted' };
    expect(describeStory(journal([interrupted]))).toContain('NO VERDICT, interrupted at 1.0 s');
  });

  it('shows nodes that do the same one after another in one line, but no node twice', () => {
    const second = brokerStart({ nodeId: 1, pod: 'my-cluster-broker-1' });
    const lines = describeStory(journal([brokerStart(), second], started())).filter((line) =>
      line.includes('broker-0'),
    );
    expect(lines).toEqual(['     1.0 s  broker-0, broker-1 started in ZooKeeper mode, configured for MIGRATION']);
    const again = describeStory(journal([brokerStart(), brokerStart(), brokerStart()]));
    expect(again.filter((line) => line.includes('restarted'))).toHaveLength(2);
  });

  it('has every piece of evidence, and once what they have in common', () => {
    const common = { at: 2.04, writer: { session: '0x1', who: 'controller 1' }, note: 'immediately after the sync' };
    const evidence = Array.from(
      { length: 30 },
      (_, i): Evidence => ({ subject: `topic t${i}`, expected: 'there', found: 'not there', ...common }),
    );
    const violated: JournalEventBody = {
      type: 'invariant-evaluated',
      step: 'migrate',
      invariant: 'kraft-metadata-survives',
      about: 'loss',
      holds: false,
      message: '30 topics are not there',
      evidence: [...evidence, { subject: 'topic u', expected: 'there', found: 'not there' }],
    };
    const story = describeStory(journal([violated, ...LOST]));
    const details = story.slice(story.findIndex((line) => line.startsWith('loss: ')));
    expect(details).toEqual([
      'loss: kraft-metadata-survives is violated in step "migrate" at 1.0 s: 30 topics are not there',
      ...evidence.map(({ subject }) => `  ${subject}: expected there, found not there`),
      '  all of them at 2.0 s, by session 0x1, controller 1, immediately after the sync',
      '  topic u: expected there, found not there',
    ]);
  });

  it('says why the verdict is what was expected', () => {
    const known = LOST.map((event) => (event.type === 'verdict' ? { ...event, because: 'the reason' } : event));
    expect(describeStory(journal(known))).toContain('Why lost is expected: the reason');
  });

  it('shows a vanishing that was seen in parts in one line, and those of two clients in two', () => {
    const gone = (topic: string, session: string): JournalEventBody => ({
      type: 'topics-changed',
      deleted: [topic],
      writer: { session },
    });
    const story = describeStory(journal([gone('a', '0x1'), gone('b', '0x1'), gone('c', '0x2'), ...LOST]));
    expect(story.filter((line) => line.includes('LOSS'))).toEqual([
      '     1.0 s  LOSS: 2 topics vanished from ZooKeeper, see below',
      '     3.0 s  LOSS: 1 topic vanished from ZooKeeper, see below',
    ]);
    expect(story.filter((line) => line.startsWith('  Lost'))).toEqual([
      '  Lost          2 topics vanished from ZooKeeper: a, b',
      '  Lost          1 topic vanished from ZooKeeper: c',
    ]);
  });
});
