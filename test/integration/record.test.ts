import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { makePlace, type Place, remigrate, removePlace } from './support/command.js';

const RECORDING = join(packageRoot(), 'fixtures/recordings/0.45.1-one-broker.jsonl');

describe('remigrate record', () => {
  let place: Place;
  let real: string;
  beforeEach(async () => {
    place = await makePlace();
    real = await readFile(RECORDING, 'utf8');
  });
  afterEach(() => removePlace(place));

  async function record(journal: string, name = 'mine') {
    const file = join(place.folder, 'journal.jsonl');
    await writeFile(file, journal);
    return remigrate(place, ['record', file, '--name', name, '--into', 'recordings']);
  }

  it("saves a real operator's run unchanged, under the given name", async () => {
    const { exitCode, all } = await record(real);
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: `recorded ${join(place.folder, 'recordings/mine.jsonl')}` });
    expect(await readFile(join(place.folder, 'recordings/mine.jsonl'), 'utf8')).toBe(real);
  });

  it.each([
    ['a replay', (text: string) => text.replace('"operator":"real"', '"operator":"replayed"'), 'mine', 'of a replay'],
    [
      'a stand-in',
      (text: string) => text.replace('"operator":"real"', '"operator":"stand-in"'),
      'mine',
      'of a stand-in',
    ],
    [
      'a run that did not end',
      (text: string) => text.split('\n').slice(0, 20).join('\n'),
      'mine',
      'its journal is incomplete',
    ],
    ['a name with a path in it', (text: string) => text, '../mine', '"../mine" is not a valid file name'],
  ])('refuses %s: exit 2', async (_what, change, name, sentence) => {
    const { exitCode, all } = await record(change(real), name);
    expect(all).toContain(sentence);
    expect(exitCode).toBe(2);
  });
});
