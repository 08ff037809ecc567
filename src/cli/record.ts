import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { findJournal, recordingsFolder } from '../comparison/recordings.js';
import { requireRun, unfinished } from '../comparison/run-journal.js';
import { messageOf, UsageError } from '../errors.js';
import { readJournal } from '../journal/file.js';
import { seconds } from '../journal/text.js';

export function recordCommand(): Command {
  return new Command('record')
    .description('save a run of a real operator in Kubernetes as a recording, which the replay must agree with')
    .argument('<run>', "the run's folder, or its journal.jsonl")
    .requiredOption('--name <name>', 'name of the recording, for example 0.45.3-one-broker')
    .option(
      '--into <dir>',
      'another folder for the recording (default: the folder in which remigrate looks up recordings by name)',
    )
    .action(async (run: string, { name, into }: { readonly name: string; readonly into?: string }) => {
      if (!/^[\w-][\w.-]*$/.test(name)) throw new UsageError(`--name: "${name}" is not a valid file name.`);
      const journal = await findJournal(run);
      await requireRecordable(journal);
      const file = join(into === undefined ? recordingsFolder() : resolve(into), `${name}.jsonl`);
      await save(journal, file);
      const found = into === undefined ? name : file;
      process.stdout.write(`recorded ${file}\nCompare it: remigrate compare RUN ${found}\n`);
    });
}

/** Refuses what shows nothing about Strimzi, or not all of a run. */
async function requireRecordable(journal: string): Promise<void> {
  const events = await readJournal(journal);
  const { parts } = requireRun(events, journal);
  if (parts.operator !== 'real') {
    throw new UsageError(
      `${journal} is not a run of a real operator but of a ${parts.operator === 'replayed' ? 'replay' : 'stand-in'}: it does not show what Strimzi does.`,
    );
  }
  const end = unfinished(events);
  if (end === undefined) return;
  throw new UsageError(
    `${journal} is not a whole run: ${end.why} at ${seconds(end.t)}, without a verdict. Record a run that ended as lost, broken or survived.`,
  );
}

async function save(journal: string, file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await copyFile(journal, file, constants.COPYFILE_EXCL);
  } catch (error) {
    throw new UsageError(
      `The recording ${file} cannot be written: ${messageOf(error)}. Choose another --name, or a folder with --into.`,
      { cause: error },
    );
  }
}
