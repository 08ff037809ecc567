import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { findJournal } from '../comparison/recordings.js';
import { UsageError } from '../errors.js';
import { readJournal } from '../journal/file.js';

export function recordCommand(): Command {
  return new Command('record')
    .description('make a recording of a run of a real operator in Kubernetes: what the replay must agree with')
    .argument('<run>', "the run's folder, or its journal.jsonl")
    .requiredOption('--name <name>', 'of the recording, 0.45.3-one-broker for example')
    .option('--into <dir>', 'where recordings are kept', 'fixtures/recordings')
    .action(async (run: string, { name, into }: { readonly name: string; readonly into: string }) => {
      if (!/^[\w.-]+$/.test(name)) throw new UsageError(`--name: "${name}" is no name of a file.`);
      const journal = await findJournal(run);
      const events = await readJournal(journal);
      const started = events[0];
      if (started?.type !== 'run-started') throw new UsageError(`${journal} does not begin with 'run-started'.`);
      if (started.parts.operator !== 'real') {
        throw new UsageError(
          `${run} is no run of a real operator but of a ${started.parts.operator === 'replayed' ? 'replay' : 'stand-in'}: it shows what we believe, not what Strimzi does.`,
        );
      }
      if (events.at(-1)?.type !== 'run-ended')
        throw new UsageError(`${run} did not end by itself: its journal is incomplete.`);
      const file = join(resolve(into), `${name}.jsonl`);
      await mkdir(dirname(file), { recursive: true });
      await copyFile(journal, file);
      process.stdout.write(`recorded ${file}\n`);
    });
}
