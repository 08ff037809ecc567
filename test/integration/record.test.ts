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
    const file = join(place.folder, 'recordings/mine.jsonl');
    expect({ exitCode, all }).toEqual({
      exitCode: 0,
      all: `recorded ${file}\nCompare it: remigrate compare RUN ${file}`,
    });
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
      'its journal ends in step "deploy"',
    ],
    [
      'an inconclusive run',
      (text: string) => text.replace('"verdict":"survived"', '"verdict":"inconclusive"'),
      'mine',
      'it became inconclusive in step',
    ],
    [
      'an interrupted run',
      (text: string) => text.replace('"how":"completed"', '"how":"interrupted"'),
      'mine',
      'it was interrupted in step',
    ],
    ['two runs in one file', (text: string) => text + text, 'mine', 'is not the journal of one run: event 178'],
    ['a name with a path in it', (text: string) => text, '../mine', '"../mine" is not a valid file name'],
  ])('refuses %s: exit 2', async (_what, change, name, sentence) => {
    const { exitCode, all } = await record(change(real), name);
    expect(all).toContain(sentence);
    expect(exitCode).toBe(2);
  });

  it('does not overwrite a recording: exit 2', async () => {
    expect((await record(real)).exitCode).toBe(0);
    const { exitCode, all } = await record(real);
    expect({ exitCode, all }).toMatchObject({ exitCode: 2, all: expect.stringContaining('Choose another --name') });
  });

  it('saves to where recordings are found by name, unless another folder is given', async () => {
    const { exitCode, all } = await remigrate(place, ['record', RECORDING, '--name', '0.45.1-one-broker']);
    expect({ exitCode, all }).toMatchObject({
      exitCode: 2,
      all: expect.stringContaining(`The recording ${RECORDING}`),
    });
  });
});
