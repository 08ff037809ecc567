import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.js';
import { expectRefusal, makePlace, type Place, remigrate, removePlace } from './support/command.js';

const NAME = '0.45.1-rollback-only';

describe('remigrate compare', () => {
  let place: Place;
  let recorded: string;
  beforeEach(async () => {
    place = await makePlace();
    recorded = await readFile(join(packageRoot(), 'fixtures/recordings', `${NAME}.jsonl`), 'utf8');
  });
  afterEach(() => removePlace(place));

  async function file(text: string): Promise<string> {
    const path = join(place.folder, 'journal.jsonl');
    await writeFile(path, text);
    return path;
  }

  it('says how much it compared: exit 0', async () => {
    const { exitCode, all } = await remigrate(place, ['compare', await file(recorded), NAME]);
    expect({ exitCode, all }).toMatchObject({
      exitCode: 0,
      all: expect.stringMatching(
        /^They agree\.\nCompared: 3\d items in 7 lanes; A \(rollback-only-0\.45\.1\) to its end/,
      ),
    });
  });

  it('does not take an inconclusive run of one step for one that agrees: exit 3', async () => {
    const lines = recorded.split('\n');
    const step = lines.findIndex((line) => line.includes('"type":"step-ran"'));
    const ending = lines
      .filter((line) => line.includes('"type":"verdict"') || line.includes('"type":"run-ended"'))
      .map((line) => line.replace('"verdict":"survived"', '"verdict":"inconclusive"'));
    const run = await file([...lines.slice(0, step), ...ending, ''].join('\n'));
    const { exitCode, all } = await remigrate(place, ['compare', run, NAME]);
    expect(all).toContain(
      'No difference was found, but this is no agreement: A (rollback-only-0.45.1) reached no verdict',
    );
    expect(all).toContain('it became inconclusive in step "deploy"');
    expect(exitCode).toBe(3);
  });

  it('refuses two journals in one file, and names the line: exit 2', async () => {
    const run = await file(recorded + recorded);
    const line = recorded.trim().split('\n').length + 1;
    await expectRefusal(place, ['compare', run, NAME], {
      exitCode: 2,
      env: {},
      sentences: [`${run} is not the journal of one run: event ${line}`],
    });
  });

  it('refuses a FIFO, which it would read for ever: exit 2', async () => {
    const fifo = join(place.folder, 'fifo');
    await execa('mkfifo', [fifo]);
    for (const args of [
      ['compare', fifo, NAME],
      ['show', fifo],
      ['record', fifo, '--name', 'mine'],
    ]) {
      await expectRefusal(place, args, {
        exitCode: 2,
        env: {},
        sentences: [`The journal ${fifo} cannot be read`, 'not a regular file'],
      });
    }
  });

  it('prints no control characters of a journal', async () => {
    const run = await file(
      recorded.replaceAll(/rollback-only-0.45.1|short-lived/g, 'a\\u001b]0;owned\\u0007\\u009b2J\\u202eb'),
    );
    for (const args of [
      ['compare', run, NAME],
      ['show', run],
      ['compare', `no\u001b[2Jrun`, NAME],
    ]) {
      const { all } = await remigrate(place, args);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed.
      expect(all).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(all).toContain('\\u001b');
    }
  });
});
