import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { readJournal, writeJournalTo } from '../../../src/journal/file.js';
import { Journal } from '../../../src/journal/journal.js';
import { brokerStart, started } from '../comparison/journals.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'remigrate-journal-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function written(text: string): Promise<string> {
  const file = join(folder, 'journal.jsonl');
  await writeFile(file, text);
  return file;
}

const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const HEAD = line({ t: 0, ...started() });

describe('writeJournalTo', () => {
  it('writes what was journalled before and every event as it comes', async () => {
    const journal = new Journal();
    journal.write(started());
    const file = join(folder, 'a', 'new', 'folder', 'journal.jsonl');
    const close = writeJournalTo(journal, file);
    journal.write({ type: 'gesture', gesture: 'deploy' });
    // Not closed: as after a crash.
    expect(await readJournal(file)).toEqual(journal.events());
    journal.write(brokerStart());
    close();
    journal.write({ type: 'run-ended', how: 'completed' });
    expect((await readJournal(file)).map((event) => event.type)).toEqual(['run-started', 'gesture', 'node-started']);
  });

  it('refuses a file that exists and does not change it', async () => {
    const file = await written(HEAD);
    expect(() => writeJournalTo(new Journal(), file)).toThrow(UsageError);
    expect(await readFile(file, 'utf8')).toBe(HEAD);
  });

  it('reports a failed write when it is closed, not during the run', () => {
    const journal = new Journal();
    const close = writeJournalTo(journal, join(folder, 'journal.jsonl'));
    const circular: Record<string, unknown> = { type: 'gesture', gesture: 'deploy' };
    circular.self = circular;
    expect(() => journal.write(circular as unknown as { type: 'gesture'; gesture: 'deploy' })).not.toThrow();
    expect(close).toThrow(/journal\.jsonl is incomplete, an event could not be written: /);
  });
});

describe('readJournal', () => {
  it('accepts a value of strimzi.io/kraft that Strimzi does not know', async () => {
    const annotation = 'kraft-now';
    const events = [
      { t: 1, type: 'gesture', gesture: 'annotate', value: 'Kraft-Now' },
      { t: 2, type: 'pass-started', pass: 7, state: 'KRaftDualWriting', annotation, configurationState: null },
      { t: 3, type: 'state-changed', from: 'KRaftMigration', to: 'ZooKeeper', annotation },
    ];
    expect((await readJournal(await written(HEAD + events.map(line).join('')))).slice(1)).toEqual(events);
  });

  it('accepts the gestures on the brokers', async () => {
    const events = [
      { t: 1, type: 'gesture', gesture: 'scale-broker-pool', replicas: 2 },
      { t: 2, type: 'gesture', gesture: 'replace-broker-volume', nodeId: 2 },
    ];
    expect((await readJournal(await written(HEAD + events.map(line).join('')))).slice(1)).toEqual(events);
  });

  it('refuses what is not a regular file', async () => {
    const file = folder;
    await expect(readJournal(file)).rejects.toThrow(UsageError);
    await expect(readJournal(file)).rejects.toThrow(`The journal ${file} cannot be read: it is not a regular file`);
  });

  it('keeps an event of a type that it does not know', async () => {
    const later = { t: 2, type: 'of-a-later-version', what: 1 };
    const events = await readJournal(await written(HEAD + line(later)));
    expect(events[1]).toEqual(later);
  });

  it('keeps a field that it does not know', async () => {
    const events = await readJournal(await written(HEAD + line({ t: 1, type: 'node-ready', pod: 'p', later: true })));
    expect(events[1]).toHaveProperty('later', true);
  });

  it('reads up to a last line that was cut off', async () => {
    const whole: JournalEvent = { t: 1, type: 'node-ready', pod: 'p' };
    const events = await readJournal(await written(`${HEAD}${line(whole)}{"t":2,"type":"node-re`));
    expect(events.slice(1)).toEqual([whole]);
  });

  it('reads a last line without a line break', async () => {
    const events = await readJournal(await written(HEAD + line({ t: 1, type: 'node-ready', pod: 'p' }).trimEnd()));
    expect(events).toHaveLength(2);
  });

  it.each([
    ['a line that is not JSON', `${HEAD}{"t":\n${HEAD}`, 'line 2: not JSON'],
    ['an event without a time', HEAD + line({ type: 'node-ready', pod: 'p' }), 'line 2: not an event'],
    [
      'a known event with a wrong field',
      HEAD + line({ t: 1, type: 'node-ready', pod: 7 }),
      "line 2: not a valid 'node-ready'",
    ],
    [
      'a known event without a field',
      HEAD + line({ t: 1, type: 'gesture', gesture: 'annotate' }),
      "line 2: not a valid 'gesture'",
    ],
    [
      'a scaled pool without its size',
      HEAD + line({ t: 1, type: 'gesture', gesture: 'scale-broker-pool' }),
      "line 2: not a valid 'gesture'",
    ],
    [
      'a replaced volume without its broker',
      HEAD + line({ t: 1, type: 'gesture', gesture: 'replace-broker-volume' }),
      "line 2: not a valid 'gesture'",
    ],
    ['an unknown gesture', HEAD + line({ t: 1, type: 'gesture', gesture: 'unknown' }), "line 2: not a valid 'gesture'"],
    ['a newer journal', line({ t: 0, ...started(), journalVersion: 2, topology: 'another' }), 'a journal of version 2'],
    ['a file that begins with another event', line({ t: 1, type: 'node-ready', pod: 'p' }), "not 'run-started'"],
    ['an empty file', '', 'it contains no event'],
  ])('refuses %s', async (_, text, message) => {
    const reading = readJournal(await written(text));
    await expect(reading).rejects.toThrow(UsageError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow('journal.jsonl');
  });

  it('refuses a file that does not exist', async () => {
    await expect(readJournal(join(folder, 'none.jsonl'))).rejects.toThrow(UsageError);
  });
});
