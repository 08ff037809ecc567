import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EnvironmentError, UsageError } from '../../../src/errors.js';
import { resultsPlace } from '../../../src/harness/plan.js';
import { RESULTS_MARKER, ResultsFolder } from '../../../src/harness/results-folder.js';
import { type Folder, makeFolder } from '../distribution/fakes.js';

const RUN = 'mine-0.45.0';

let place: Folder;
let out: string;
let source: string;
beforeEach(async () => {
  place = await makeFolder();
  out = place.join('out');
  source = place.join('source');
  await place.write('source/journal.jsonl', 'new');
  await place.write('source/logs/broker.log', 'new');
});
afterEach(() => place.delete());

const claim = (run = RUN): Promise<ResultsFolder> => ResultsFolder.claim(resultsPlace(run, out));

/** @returns the message. */
async function refusal(claimed: Promise<unknown>): Promise<string> {
  await expect(claimed).rejects.toBeInstanceOf(UsageError);
  return claimed.then(
    () => '',
    (error: Error) => error.message,
  );
}

describe('the folder of the results of a run', () => {
  it('is created with a mark, and replaced by the next run of the same name', async () => {
    await (await claim()).replaceBy(source);
    await writeFile(join(out, RUN, 'older'), '');
    await mkdir(join(out, RUN, 'snapshots'));
    const again = await claim();
    await again.replaceBy(source);
    expect(again.path).toBe(join(out, RUN));
    expect((await readdir(again.path)).sort()).toEqual([RESULTS_MARKER, 'journal.jsonl', 'logs']);
    expect(await readFile(join(again.path, 'logs/broker.log'), 'utf8')).toBe('new');
  });

  it('may exist if it is empty', async () => {
    await mkdir(join(out, RUN), { recursive: true });
    await (await claim()).replaceBy(source);
    expect(existsSync(join(out, RUN, 'journal.jsonl'))).toBe(true);
  });

  it('is refused if the folder that must contain it is a file', async () => {
    await writeFile(out, '');
    expect(await refusal(claim())).toBe(
      `--out: cannot write to ${out}: it, or a folder above it, is a file. Delete or move the file yourself, or choose another folder for --out.`,
    );
  });

  it.each([
    ['no mark', async () => undefined, 'it has no valid .remigrate-results.json'],
    [
      'a mark that is not JSON',
      (folder: string) => writeFile(join(folder, RESULTS_MARKER), 'remigrate'),
      'it has no valid .remigrate-results.json',
    ],
    [
      'a mark of something else',
      (folder: string) => writeFile(join(folder, RESULTS_MARKER), '{"madeBy":"someone","run":"mine-0.45.0"}'),
      'it has no valid .remigrate-results.json',
    ],
    ['a folder as its mark', (folder: string) => mkdir(join(folder, RESULTS_MARKER)), 'it has no valid'],
    [
      'the mark of another run',
      (folder: string) => writeFile(join(folder, RESULTS_MARKER), '{"madeBy":"remigrate","run":"mine-0.45.1"}'),
      'it contains the results of mine-0.45.1',
    ],
  ])('is refused with %s, and says what to do', async (_what, prepare, why) => {
    await place.write(`out/${RUN}/thesis.txt`, 'years of work');
    await prepare(join(out, RUN));
    const message = await refusal(claim());
    expect(message).toContain(`${join(out, RUN)} is in the way of the results of ${RUN}: `);
    expect(message).toContain(why);
    expect(message).toContain('Delete or move it yourself, or choose another folder for --out.');
    expect(await readFile(join(out, RUN, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('is refused if it is a file', async () => {
    await place.write(`out/${RUN}`, '');
    expect(await refusal(claim())).toContain('it is not a folder');
  });

  it('is refused if it is a symbolic link, even to results of the same run', async () => {
    await (await ResultsFolder.claim(resultsPlace(RUN, place.join('other')))).replaceBy(source);
    await mkdir(out);
    await symlink(place.join('other', RUN), join(out, RUN));
    expect(await refusal(claim())).toContain('it is a symbolic link');
  });

  it.each(['../evil', '..', '.', '', 'a/b', '../out/../evil', '/evil', '../out-0.45.0/x'])(
    'is refused outside of the folder: %j',
    async (run) => {
      await place.write('evil/thesis.txt', 'years of work');
      expect(await refusal(claim(run))).toContain('Use names without "/" for the scenario and the operator version.');
      expect(existsSync(place.join('evil/thesis.txt'))).toBe(true);
    },
  );

  it('may lie in a folder that is a symbolic link: the user has named it', async () => {
    await mkdir(place.join('disk'));
    await symlink(place.join('disk'), out);
    await (await claim()).replaceBy(source);
    expect(existsSync(place.join('disk', RUN, 'journal.jsonl'))).toBe(true);
  });

  it('is not replaced if something else has taken its place during the run', async () => {
    const claimed = await claim();
    await place.write(`out/${RUN}/thesis.txt`, 'years of work');
    const replaced = claimed.replaceBy(source);
    await expect(replaced).rejects.toBeInstanceOf(EnvironmentError);
    await expect(replaced).rejects.toThrow(`Journal and logs cannot be written to ${join(out, RUN)}: `);
    expect(existsSync(join(out, RUN, 'thesis.txt'))).toBe(true);
  });

  it('is replaced after a copy that failed halfway', async () => {
    await expect((await claim()).replaceBy(place.join('nowhere'))).rejects.toThrow('ENOENT');
    await (await claim()).replaceBy(source);
    expect(existsSync(join(out, RUN, 'journal.jsonl'))).toBe(true);
  });

  it('may be anywhere for a Jest suite, but is not replaced there either', async () => {
    const path = place.join('anywhere');
    await (await ResultsFolder.claim({ run: RUN, path })).replaceBy(source);
    await rm(join(path, RESULTS_MARKER));
    expect(await refusal(ResultsFolder.claim({ run: RUN, path }))).toContain('or choose another folder.');
  });
});
