import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findJournal, recordingNames } from '../../../src/comparison/recordings.js';
import { UsageError } from '../../../src/errors.js';
import { packageRoot } from '../../../src/package-root.js';

async function messageFor(name: string): Promise<string> {
  const error: unknown = await findJournal(name).then(
    (file) => `found ${file}`,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}

describe('the recordings', () => {
  it('are all files of their folder, in order', async () => {
    const files = await readdir(join(packageRoot(), 'fixtures/recordings'));
    const names = await recordingNames();
    expect(names).toEqual([...names].sort());
    expect(names.map((name) => `${name}.jsonl`).sort()).toEqual(files.filter((file) => file.endsWith('.jsonl')).sort());
    expect(names).toContain('0.45.1-one-broker');
  });

  it('are found by their name', async () => {
    for (const name of await recordingNames()) expect(existsSync(await findJournal(name))).toBe(true);
  });

  it('are suggested if a name is similar, and listed', async () => {
    const message = await messageFor('0.45.1-one-brokr');
    expect(message).toContain('Run or recording "0.45.1-one-brokr" does not exist. Did you mean 0.45.1-one-broker?');
    for (const name of await recordingNames()) expect(message).toContain(name);
  });
});

describe('a run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-recordings-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is found by its folder or by its journal, by absolute or relative path', async () => {
    const journal = join(folder, 'journal.jsonl');
    await writeFile(journal, '');
    await expect(findJournal(folder)).resolves.toBe(journal);
    await expect(findJournal(journal)).resolves.toBe(journal);
    await expect(findJournal(relative(process.cwd(), folder))).resolves.toBe(journal);
  });

  it('is not a folder without a journal, and the message says so', async () => {
    expect(await messageFor(folder)).toBe(`${folder} is not the folder of a run: it contains no journal.jsonl.`);
  });

  it('is not the folder that contains it: the message names the runs in it', async () => {
    for (const run of ['five-steps-0.45.1', 'five-steps-0.45.0']) {
      await mkdir(join(folder, run));
      await writeFile(join(folder, run, 'journal.jsonl'), '');
    }
    await mkdir(join(folder, 'something-else'));
    expect(await messageFor(folder)).toContain('It contains the runs five-steps-0.45.0, five-steps-0.45.1: give one');
  });

  it('that does not exist has the message of a recording that does not exist', async () => {
    expect(await messageFor(join(folder, 'none'))).toContain('For a run, give its folder');
  });
});
