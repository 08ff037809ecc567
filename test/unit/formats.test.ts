import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { compareJournals } from '../../src/comparison/compare.js';
import { findJournal } from '../../src/comparison/recordings.js';
import { readJournal } from '../../src/journal/file.js';
import { comparable } from '../../src/metadata/comparable.js';
import { diffSnapshots } from '../../src/metadata/diff.js';
import { explainDifference } from '../../src/metadata/losses.js';
import { readSnapshotFile } from '../../src/metadata/snapshot-file.js';
import { packageRoot } from '../../src/package-root.js';
import { describeEnding, describeStory } from '../../src/reports/story.js';

/** Real files that earlier versions of remigrate wrote: see the README in their folder. */
const FORMATS = join(packageRoot(), 'test/fixtures/formats');
const TOPICS = [
  'after-rollback',
  'before-1',
  'before-2',
  'before-compacted',
  'before-durable',
  'before-empty',
  'before-wide',
  'during',
  'during-compacted',
];

describe('files of format 1', () => {
  const file = (name: string) => join(FORMATS, '1', name);
  const lost = () => readJournal(file('lost/journal.jsonl'));
  const survived = () => readJournal(file('survived/journal.jsonl'));

  it('a lost run is still shown with its topics, the sync and the writer', async () => {
    const ending = describeEnding(await lost())
      .join('\n')
      .replaceAll(/\s+/g, ' ');
    expect(ending).toContain(`all 9 topics vanished from ZooKeeper: ${TOPICS.join(', ')}`);
    expect(ending).toContain(
      'from 48.4 s to 48.5 s, 0.1 s after the full metadata sync of controller-1, in state KRaftM',
    );
    expect(ending).toContain('By session 0x100000edd710008, controller 1');
    // The loss is described only once: the journal does not have the fields for the other descriptions.
    expect(ending.match(/Lost/g)).toHaveLength(1);
    expect(ending).toContain('the operator deleted /controller at 21.9 s (after step');
    expect(ending).not.toContain('the operator deleted /controller at 21.9 s: the operator');
  });

  it('a lost run still has its story, with every step and all evidence', async () => {
    const story = describeStory(await lost()).join('\n');
    expect(story).toContain('48.4 s  LOSS: 9 topics vanished from ZooKeeper, see below');
    expect(story).toMatch(/^migrate again \(25\.5 s to 48\.5 s\): lost$/m);
    for (const topic of TOPICS) expect(story).toContain(`/brokers/topics/${topic}: expected id `);
  });

  it('a run that survived is still shown', async () => {
    const events = await survived();
    expect(describeStory(events).join('\n')).toContain('SURVIVED as expected');
    expect(describeEnding(events)[0]).toMatch(/^SURVIVED as expected: rollback-only with Strimzi 0\.45\.1 /);
  });

  it('runs are still compared: with themselves, and with the recording of the real operator', async () => {
    for (const events of [await lost(), await survived()]) expect(compareJournals(events, events).agree).toBe(true);
    const recording = await readJournal(await findJournal('0.45.0-one-broker'));
    expect(compareJournals(await lost(), recording)).toMatchObject({ agree: true });
  });

  it('snapshots are still compared', () => {
    const before = readSnapshotFile(file('lost/before.snapshot.json'));
    const compared = comparable(before, readSnapshotFile(file('lost/after.snapshot.json')));
    expect(compared).toMatchObject({ proves: true });
    const differences = diffSnapshots(compared.before, compared.after).durable.flatMap(explainDifference);
    expect(differences).toEqual(TOPICS.map((text) => ({ kind: 'missing', loss: true, text })));
  });
});
