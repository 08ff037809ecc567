import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { findJournal } from '../comparison/recordings.js';
import { UsageError } from '../errors.js';
import { readJournal } from '../journal/file.js';

export function recordCommand(): Command {
  return new Command('record')
    .description('save a run of a real operator in Kubernetes as a recording, which the replay must agree with')
    .argument('<run>', "the run's folder, or its journal.jsonl")
    .requiredOption('--name <name>', 'name of the recording, for example 0.45.3-one-broker')
    .option('--into <dir>', 'folder of the recordings', 'fixtures/recordings')
    .action(async (run: string, { name, into }: { readonly name: string; readonly into: string }) => {
      if (!/^[\w.-]+$/.test(name)) throw new UsageError(`--name: "${name}" is not a valid file name.`);
      const journal = await findJournal(run);
      const events = await readJournal(journal);
      const started = events[0];
      if (started?.type !== 'run-started') throw new UsageError(`${journal} does not begin with 'run-started'.`);
      if (started.parts.operator !== 'real') {
        throw new UsageError(
          `${run} is not a run of a real operator but of a ${started.parts.operator === 'replayed' ? 'replay' : 'stand-in'}: it does not show what Strimzi does.`,
        );
      }
      if (events.at(-1)?.type !== 'run-ended') throw new UsageError(`${run} did not end: its journal is incomplete.`);
      const file = join(resolve(into), `${name}.jsonl`);
      await mkdir(dirname(file), { recursive: true });
      await copyFile(journal, file);
      process.stdout.write(`recorded ${file}\n`);
    });
}
