import { Command } from 'commander';
import { compareJournals } from '../comparison/compare.js';
import { findJournal } from '../comparison/recordings.js';
import { readJournal } from '../journal/file.js';

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'compare two runs or recordings of one scenario up to the first difference. Exit code 0: they agree; 1: they differ',
    )
    .argument('<a>', "a run's folder, a journal.jsonl, or a recording's name")
    .argument('<b>', 'another run or recording')
    .option('--across-versions', 'allow different operator versions, to see where they begin to differ', false)
    .action(async (a: string, b: string, options: { readonly acrossVersions: boolean }) => {
      const [first, second] = await Promise.all([a, b].map(async (name) => readJournal(await findJournal(name))));
      if (first === undefined || second === undefined) throw new Error('a comparison needs two journals');
      const { agree, firstDifference, comparedUntil } = compareJournals(first, second, options);
      process.stdout.write(agree ? 'They agree.\n' : `${firstDifference?.explanation ?? 'They differ.'}\n`);
      process.stdout.write(`Compared: ${comparedUntil}\n`);
      process.exitCode = agree ? 0 : 1;
    });
}
