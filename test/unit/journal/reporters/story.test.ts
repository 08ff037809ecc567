import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Evidence, JournalEventBody } from '../../../../src/journal/events.js';
import { readJournal } from '../../../../src/journal/file.js';
import { tellStory } from '../../../../src/journal/reporters/story.js';
import { packageRoot } from '../../../../src/package-root.js';
import { brokerStart, journal, LOST, SURVIVED, started } from '../journals.js';

describe("the story of the real 0.45.0's loss", () => {
  const story = async () =>
    (await tellStory(await readJournal(join(packageRoot(), 'fixtures/recordings/0.45.0-one-broker.jsonl')))).join('\n');

  it('says what was real, what was lost, when, by which issue, and what was left behind', async () => {
    const text = await story();
    expect(text).toContain('Kafka, ZooKeeper and the operator are real (environment: kubernetes).');
    expect(text).toContain('migrate again (287.1 s to 560.4 s): lost');
    expect(text).toContain(
      "493.1 s  LOSS: 4 topics vanished from ZooKeeper at 493.1 s, 0.4 s after the controller's full metadata sync, " +
        'while /controller belonged to controller 1, in state KRaftMigration: after-rollback, before-1, before-2, during',
    );
    expect(text).toContain('Verdict: lost, as expected');
    expect(text).toContain('Lost in step "migrate again", zookeeper-metadata-survives');
    expect(text).toContain('Left behind in step "roll back", migration-znode-absent');
    expect(text).toContain('found {"version":0,"kraft_metadata_offset":330,');
    expect(text).toContain('Known issue strimzi-kafka-operator#11262');
  });

  it('tells each thing in the step in which it was done', async () => {
    const [, migrate] = (await story()).split('\n\n').slice(1);
    expect(migrate).toMatch(/^migrate \(/);
    expect(migrate).not.toContain('before-2');
    expect(migrate).toContain('controller-1 started in KRaft mode, configured for PRE_MIGRATION');
  });
});

describe('a story', () => {
  it('says that the operator is replayed, and where the logs are', () => {
    const text = tellStory(journal([...SURVIVED]), { logs: 'out/a-run' }).join('\n');
    expect(text).toContain(
      'Kafka and ZooKeeper are real, the steps of Strimzi 0.45.0 are replayed (environment: local)',
    );
    expect(text).toContain('Logs: out/a-run');
    expect(text).toContain('Verdict: survived, as expected: nothing was lost.');
  });

  it('says what was expected instead', () => {
    const unexpected = LOST.map((event) =>
      event.type === 'verdict' ? { ...event, expected: 'survived' as const, asExpected: false } : event,
    );
    expect(tellStory(journal(unexpected)).join('\n')).toContain('Verdict: lost, but survived was expected');
  });

  it('has a word for a journal without an end', () => {
    expect(tellStory(journal([])).at(-1)).toBe('No verdict: the journal breaks off at 0 s.');
    const interrupted: JournalEventBody = { type: 'run-ended', how: 'interrupted' };
    expect(tellStory(journal([interrupted])).at(-1)).toBe('No verdict: it was interrupted at 1.0 s.');
  });

  it('tells nodes that do the same one after another in one line, but no node twice in it', () => {
    const second = brokerStart({ nodeId: 1, pod: 'my-cluster-broker-1' });
    const lines = tellStory(journal([brokerStart(), second], started())).filter((line) => line.includes('broker-0'));
    expect(lines).toEqual(['     1.0 s  broker-0, broker-1 started in ZooKeeper mode, configured for MIGRATION']);
    const again = tellStory(journal([brokerStart(), brokerStart(), brokerStart()]));
    expect(again.filter((line) => line.includes('restarted'))).toHaveLength(2);
  });

  it('shows five pieces of evidence and counts the rest', () => {
    const evidence = Array.from(
      { length: 7 },
      (_, i): Evidence => ({ subject: `topic t${i}`, expected: 'there', found: 'not there' }),
    );
    const violated: JournalEventBody = {
      type: 'invariant-evaluated',
      step: 'migrate',
      invariant: 'kraft-metadata-survives',
      about: 'loss',
      holds: false,
      evidence,
    };
    const story = tellStory(journal([violated, ...LOST]));
    expect(story.filter((line) => line.startsWith('  topic t'))).toHaveLength(5);
    expect(story).toContain('  and 2 more');
  });
});
