import { Command } from 'commander';
import { type Comparison, compareJournals } from '../comparison/compare.js';
import { findJournal } from '../comparison/recordings.js';
import { readJournal } from '../journal/file.js';
import { count, printable } from '../journal/text.js';

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'compare two runs or recordings of one scenario up to the first difference. Exit code 0: they agree; 1: they differ; 3: no difference, but one of them reached no verdict',
    )
    .argument('<a>', "a run's folder, a journal.jsonl, or a recording's name")
    .argument('<b>', 'another run or recording')
    .option('--across-versions', 'allow different operator versions, to see where they begin to differ', false)
    .action(async (a: string, b: string, options: { readonly acrossVersions: boolean }) => {
      const [fileA, fileB] = await Promise.all([findJournal(a), findJournal(b)]);
      const [first, second] = await Promise.all([readJournal(fileA), readJournal(fileB)]);
      const comparison = compareJournals(first, second, { ...options, names: [fileA, fileB] });
      process.stdout.write(printable(outcomeText(comparison)));
      process.exitCode = comparison.agree ? 0 : comparison.firstDifference === undefined ? 3 : 1;
    });
}

function outcomeText({ agree, firstDifference, undecided, comparedUntil, compared }: Comparison): string {
  const outcome = agree
    ? 'They agree.'
    : (firstDifference?.explanation ?? `No difference was found, but this is no agreement: ${undecided}.`);
  return [
    outcome,
    `Compared: ${count(compared.items, 'item')} in ${count(compared.lanes, 'lane')}; ${comparedUntil}`,
    '',
  ].join('\n');
}
